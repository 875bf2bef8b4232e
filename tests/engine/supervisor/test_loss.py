"""Losing the engine costs nothing; losing the supervisor is told and leaves no process behind."""

from __future__ import annotations

import json
import os
import signal

import pytest

from jobistemer_tui.engine import supervisor_client
from jobistemer_tui.engine.supervisor_client import (
    Exists,
    Finished,
    StartOrder,
    SupervisorClient,
    SupervisorUnavailable,
)
from tests.engine.supervisor.harness import Place, is_alive
from tests.engine.supervisor.test_ending import daemon
from tests.support.wait_until import wait_until_async


async def kill_supervisor(place: Place, client: SupervisorClient) -> None:
    os.kill(client.supervisor_pid, signal.SIGKILL)
    await wait_until_async(lambda: place.lost == 1, what="the loss to be noticed")


def leave_behind(place: Place, order: StartOrder, record: str, *, with_folder: bool) -> None:
    """Make what a supervisor leaves that dies in the middle of a start."""
    place.live_marker(order).parent.mkdir(parents=True)
    place.live_marker(order).write_text(record)
    if with_folder:
        place.attempt(order).mkdir()


async def test_the_next_engine_gets_the_result(place: Place) -> None:
    client = await place.connect()
    os.mkfifo(place.file("go"))
    order = place.order(f"read line < {place.file('go')}; echo done; exit 9")
    pid = await place.start(client, order)
    await client.close()
    successor = await place.connect()
    assert successor.supervisor_pid == client.supervisor_pid
    listing = await successor.list()
    assert [(attempt.attempt_id, attempt.pid) for attempt in listing.running] == [(order.attempt_id, pid)]
    place.file("go").write_text("\n")
    assert (await place.result(order)).exit_code == 9
    assert place.output(order) == b"done\n"
    assert place.lost == 0


async def test_a_result_waits_on_disk_for_the_next_supervisor(place: Place) -> None:
    client = await place.connect()
    order = place.order("exit 9")
    result = await place.run(client, order)
    await client.close()
    await wait_until_async(lambda: not place.processes(), what="the idle supervisor to end")
    successor = await place.connect()
    assert successor.supervisor_pid != client.supervisor_pid
    assert (await successor.list()).finished == (result,)
    successor.taken(order.attempt_id)
    assert (await successor.list()).finished == ()
    assert not place.live_marker(order).exists()


@pytest.mark.parametrize("record", ["whole", "torn"])
async def test_a_successor_kills_what_a_dead_supervisor_left(place: Place, record: str) -> None:
    client = await place.connect()
    order = place.order(
        f"trap '' TERM HUP PIPE; echo begun; {daemon(place, 'pid')}; touch {place.file('ready')}; sleep 300"
    )
    pid = await place.start(client, order)
    hidden = place.written_pid("pid")
    await wait_until_async(place.file("ready").exists)
    await wait_until_async(lambda: place.records(order), what="the output to be read")
    await kill_supervisor(place, client)
    assert is_alive(pid)
    if record == "torn":
        place.live_marker(order).write_text("")
    successor = await place.connect()
    assert not is_alive(pid)
    assert not is_alive(hidden)
    (result,) = (await successor.list()).finished
    assert (result.attempt_id, result.outcome, result.error) == (order.attempt_id, "lost", "supervisor_lost")
    assert result.pid == (pid if record == "whole" else None)
    assert result.leftovers_killed >= 2
    assert place.output(order) == b"begun\n"
    assert isinstance(await successor.start(order), Exists)
    assert await successor.void(order.attempt_id) == Finished(result)
    assert place.processes() == [successor.supervisor_pid]


async def test_a_recorded_pid_that_now_belongs_to_another_is_spared(place: Place) -> None:
    """A process with the recorded pid but another start time is not the task."""
    client = await place.connect()
    order = place.order("sleep 300")
    pid = await place.start(client, order)
    await kill_supervisor(place, client)
    bystander = place.launch("sleep", "300")
    marker = place.live_marker(order)
    record = json.loads(marker.read_text())
    marker.write_text(json.dumps({**record, "pid": bystander.pid, "session": bystander.pid}))
    await place.connect()
    assert not is_alive(pid)
    assert is_alive(bystander.pid)
    bystander.kill()
    bystander.wait()


async def test_a_restarted_host_is_told(place: Place) -> None:
    order = place.order("true")
    record = {"boot_id": "another boot", "pid": os.getpid(), "started": 1}
    leave_behind(place, order, json.dumps(record), with_folder=True)
    client = await place.connect()
    (result,) = (await client.list()).finished
    assert (result.outcome, result.error) == ("lost", "host_restarted")


async def test_a_crash_before_the_folder_was_made_leaves_the_attempt_free(place: Place) -> None:
    order = place.order("exit 3")
    leave_behind(place, order, "", with_folder=False)
    client = await place.connect()
    assert await client.list() == ((), ())
    assert (await place.run(client, order)).exit_code == 3


async def test_a_hung_supervisor_is_never_joined_by_a_second(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await place.connect()
    monkeypatch.setattr(supervisor_client, "HELLO_SECONDS", 0.3)
    os.kill(client.supervisor_pid, signal.SIGSTOP)
    with pytest.raises(SupervisorUnavailable) as raised:
        await place.connect()
    assert raised.value.code == "no_supervisor"
    assert place.processes() == [client.supervisor_pid]
    os.kill(client.supervisor_pid, signal.SIGCONT)


async def test_a_supervisor_that_holds_the_lock_without_a_socket_is_not_joined(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await place.connect()
    os.unlink(place.nodes / "s")
    monkeypatch.setattr(supervisor_client, "CONNECT_SECONDS", 0.5)
    with pytest.raises(SupervisorUnavailable):
        await place.connect()
    only = [client.supervisor_pid]
    await wait_until_async(lambda: place.processes() == only, what="the others to give way")


async def test_no_answer_ends_the_connection(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await place.connect()
    monkeypatch.setattr(supervisor_client, "ANSWER_SECONDS", 0.2)
    os.kill(client.supervisor_pid, signal.SIGSTOP)
    with pytest.raises(SupervisorUnavailable):
        await client.list()
    await wait_until_async(lambda: place.lost == 1, what="the loss to be told")
    os.kill(client.supervisor_pid, signal.SIGCONT)
    with pytest.raises(SupervisorUnavailable):
        await client.list()
