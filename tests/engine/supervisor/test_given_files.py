"""The files of an order, and its secrets, with a real supervisor and real tasks."""

from __future__ import annotations

import stat

import pytest

from jobistemer_tui.domain.task_run_moves import HandedOn
from jobistemer_tui.engine import supervisor_client
from jobistemer_tui.engine.handed_on import read_handed_on
from jobistemer_tui.engine.supervisor.protocol import MAX_LINE
from jobistemer_tui.engine.supervisor_client import SupervisorRefused
from tests.engine.supervisor.harness import Place

SECRET = "correct horse battery"


async def test_files_are_there_before_the_task_and_private(place: Place) -> None:
    client = await place.connect()
    order = place.order(
        f"umask 000; cat {place.attempts}/*/given.json", files={"given.json": '{"é": 1}', "out.txt": ""}
    )
    result = await place.run(client, order)
    assert (result.exit_code, place.output(order).decode()) == (0, '{"é": 1}')
    for name in order.files:
        assert stat.S_IMODE((place.attempt(order) / name).stat().st_mode) == 0o600


async def test_a_task_keeps_the_umask_of_the_user(place: Place) -> None:
    client = await place.connect()
    order = place.order("umask; touch made; stat -c %a made")
    await place.run(client, order)
    umask, mode = place.output(order).decode().split()
    assert int(mode, 8) == 0o666 & ~int(umask, 8)


@pytest.mark.parametrize("name", ["result.json", "void", "output.log", "../x.txt", "a/b.txt", "OUT.txt", ""])
async def test_no_file_of_ours_can_be_named(place: Place, name: str) -> None:
    client = await place.connect()
    with pytest.raises(SupervisorRefused, match="name of a file"):
        await client.start(place.order("true", files={name: ""}))


async def test_an_order_that_is_too_long_is_not_sent(place: Place) -> None:
    client = await place.connect()
    with pytest.raises(ValueError, match="too much"):
        client.start(place.order("true", files={"big.txt": "x" * MAX_LINE}))
    assert (await client.list()).running == ()


async def test_secrets_are_masked_in_both_streams_and_across_writes(place: Place) -> None:
    client = await place.connect()
    script = 'printf "a correct h"; sleep 0.2; printf "orse battery b\\n"; echo "$TOKEN" >&2; printf "correct "'
    order = place.order(script, secrets=("TOKEN", "ABSENT"))
    order.env["TOKEN"] = SECRET  # type: ignore[index]  # it is a dict
    result = await place.run(client, order)
    assert sorted(place.output(order).decode().splitlines()) == ["****", "a **** b", "correct "]
    assert result.output_bytes == len(place.output(order))
    assert result.error is None


async def test_a_secret_in_a_file_is_hidden_and_told(place: Place) -> None:
    client = await place.connect()
    order = place.order(
        f'for f in {place.attempts}/*-*/; do echo "$TOKEN" >> $f/outputs.txt; done',
        files={"state.json": f'"{SECRET}"'}, secrets=("TOKEN",),
    )  # fmt: skip
    order.env["TOKEN"] = SECRET  # type: ignore[index]  # it is a dict
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code) == ("exited", 0)
    assert result.error == "outputs.txt held the value of a secret, which is not kept"
    assert (place.attempt(order) / "outputs.txt").read_text() == "****\n"
    assert (place.attempt(order) / "state.json").read_text() == f'"{SECRET}"', "it was given, not made by the task"


async def test_what_is_written_after_the_look_for_secrets_is_not_handed_on(place: Place) -> None:
    """Regression: what a task had left running wrote a secret between the masking and the engine's reading."""
    client = await place.connect()
    script = f"for f in {place.attempts}/*-*/; do echo a=1 > $f/outputs.txt; done"
    order = place.order(script, secrets=("TOKEN",))
    order.env["TOKEN"] = SECRET  # type: ignore[index]  # it is a dict
    assert (await place.run(client, order)).error is None
    folder = place.attempt(order)
    (folder / "outputs.txt").write_text(f"a={SECRET}")
    (folder / "state.json").write_text(f'{{"a": "{SECRET}"}}')
    assert read_handed_on(folder) == HandedOn({"a": "1"})


async def test_an_older_supervisor_makes_way_once_it_is_idle(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await place.connect(idle_seconds=30.0)
    busy = place.order("sleep 300")
    await place.start(first, busy)
    monkeypatch.setattr(supervisor_client, "FEATURES", ("files", "secrets", "newer"))
    second = await place.connect(idle_seconds=30.0)
    assert second.supervisor_pid == first.supervisor_pid, "it has a task"
    await second.cancel(busy.attempt_id)
    second.taken((await place.result(busy)).attempt_id)
    third = await place.connect(idle_seconds=30.0)
    assert third.supervisor_pid != first.supervisor_pid


async def test_a_supervisor_that_cannot_mask_gets_no_secrets(place: Place) -> None:
    client = await place.connect()
    client._features = frozenset()
    with pytest.raises(ValueError, match="cannot mask"):
        client.start(place.order("true", secrets=("TOKEN",)))
