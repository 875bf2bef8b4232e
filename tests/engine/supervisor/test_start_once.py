"""An attempt starts at most once, whoever asks and whenever."""

from __future__ import annotations

import os
import signal

import pytest

from jobistemer_tui.engine.supervisor_client import (
    Exists,
    Finished,
    Running,
    Started,
    SupervisorUnavailable,
    Voided,
)
from tests.engine.supervisor.harness import Place, receive, send
from tests.support.wait_until import wait_until_async


async def test_a_second_start_is_refused_while_it_runs_and_after(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"echo x >> {place.file('runs')}; read line < {place.file('go')}")
    os.mkfifo(place.file("go"))
    assert isinstance(await client.start(order), Started)
    assert isinstance(await client.start(order), Exists)
    place.file("go").write_text("\n")
    await place.result(order)
    assert isinstance(await client.start(order), Exists)
    client.taken(order.attempt_id)
    assert isinstance(await client.start(order), Exists)
    assert place.file("runs").read_text() == "x\n"


async def test_a_voided_attempt_never_starts(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"touch {place.file('ran')}")
    assert isinstance(await client.void(order.attempt_id), Voided)
    assert isinstance(await client.void(order.attempt_id), Voided)
    assert isinstance(await client.start(order), Exists)
    assert await client.list() == ((), ())
    assert not place.file("ran").exists()


async def test_void_tells_what_runs_and_what_has_ended(place: Place) -> None:
    client = await place.connect()
    os.mkfifo(place.file("go"))
    order = place.order(f"read line < {place.file('go')}; exit 5")
    await place.start(client, order)
    assert isinstance(await client.void(order.attempt_id), Running)
    place.file("go").write_text("\n")
    result = await place.result(order)
    assert await client.void(order.attempt_id) == Finished(result)
    client.taken(order.attempt_id)
    assert await client.list() == ((), ())
    assert await client.void(order.attempt_id) == Finished(result)


async def test_a_tombstone_outlives_its_supervisor(place: Place) -> None:
    client = await place.connect()
    order = place.order("true")
    await client.void(order.attempt_id)
    await client.close()
    await wait_until_async(lambda: not place.processes())
    successor = await place.connect()
    assert isinstance(await successor.void(order.attempt_id), Voided)
    assert isinstance(await successor.start(order), Exists)


async def test_what_a_dead_engine_had_sent_is_not_obeyed(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"touch {place.file('ran')}")
    os.kill(client.supervisor_pid, signal.SIGSTOP)
    starting = client.start(order)  # which writes the START to the socket at once
    newer = place.raw_hello()
    os.kill(client.supervisor_pid, signal.SIGCONT)
    assert receive(newer)["pid"] == client.supervisor_pid
    send(newer, {"command": "void", "id": str(order.attempt_id)})
    assert receive(newer)["voided"] is True
    newer.close()
    with pytest.raises(SupervisorUnavailable):
        await starting
    await wait_until_async(lambda: place.lost == 1, what="the older engine to be told")
    assert sorted(path.name for path in place.attempt(order).iterdir()) == ["void"]
    assert not place.file("ran").exists()


async def test_an_attempt_cancelled_before_its_start_does_not_run(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"touch {place.file('ran')}")
    await client.cancel(order.attempt_id)
    assert await client.start(order) == Started(None, None)
    result = await place.result(order)
    assert (result.outcome, result.pid) == ("canceled", None)
    assert not place.file("ran").exists()


async def test_a_folder_without_a_trace_of_its_fate_is_lost(place: Place) -> None:
    client = await place.connect()
    order = place.order("true")
    place.attempt(order).mkdir()
    assert isinstance(await client.start(order), Exists)
    answer = await client.void(order.attempt_id)
    assert isinstance(answer, Finished)
    assert answer.result.outcome == "lost"


async def test_nothing_is_answered_before_hello(place: Place) -> None:
    await place.connect()
    raw = place.raw_connection()
    send(raw, {"command": "list"})
    assert receive(raw)["message"] == "say hello first"
    raw.close()


@pytest.mark.parametrize(
    "request_fields",
    [
        {"command": "void", "id": "../../etc"},
        {"command": "void"},
        {"command": "start", "id": "0" * 36},
        {"command": "fly"},
    ],
)
async def test_a_bad_request_is_refused_and_the_next_one_served(place: Place, request_fields: dict[str, str]) -> None:
    client = await place.connect()
    raw = place.raw_hello()
    receive(raw)
    send(raw, request_fields)
    assert receive(raw)["error"] == "bad_request"
    send(raw, {"command": "list"})
    assert receive(raw) == {"request": 1, "running": [], "finished": []}
    raw.close()
    await client.close()
