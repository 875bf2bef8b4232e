"""Time-outs, cancels and leftovers: what is ended, and what that is called."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from jobistemer_tui.engine.supervisor import clock
from jobistemer_tui.engine.supervisor_client import SupervisorRefused
from tests.engine.supervisor.harness import Place, is_alive
from tests.support.wait_until import wait_until, wait_until_async

_STUBBORN = "trap '' TERM; echo ready; while :; do sleep 1; done"


def daemon(place: Place, name: str) -> str:
    """Shell text that leaves a daemon behind: own session, no parent, cleared environment."""
    path = place.file(name)
    body = f"echo $$ > {path}; exec sleep 300"
    return f"(env -i setsid /bin/sh -c '{body}' >/dev/null 2>&1 &); while ! [ -s {path} ]; do sleep 0.01; done"


async def test_a_timeout_kills_a_task_that_ignores_term(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order(_STUBBORN, timeout_s=2.0, kill_grace_s=0.2))
    assert (result.outcome, result.exit_code, result.signal) == ("timeout", None, signal.SIGKILL)
    assert result.started_at is not None
    assert (result.finished_at - result.started_at).total_seconds() >= 2.2


async def test_a_timeout_lets_a_task_clean_up(place: Place) -> None:
    client = await place.connect()
    order = place.order("trap 'echo bye; exit 3' TERM; while :; do sleep 0.02; done", timeout_s=2.0)
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code, result.signal) == ("timeout", 3, None)
    assert place.output(order).endswith(b"bye\n")


async def test_a_timeout_holds_without_an_engine(place: Place) -> None:
    client = await place.connect()
    order = place.order("sleep 300", timeout_s=0.2)
    pid = await place.start(client, order)
    await client.close()
    await wait_until_async((place.attempt(order) / "result.json").exists, what="the result")
    assert not is_alive(pid)
    successor = await place.connect()
    assert [result.outcome for result in (await successor.list()).finished] == ["timeout"]


async def test_a_deadline_is_on_the_boot_clock(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order("sleep 300", deadline_boot=clock.boot() + 0.2))
    assert (result.outcome, result.signal) == ("deadline", signal.SIGTERM)


async def test_a_deadline_that_has_passed_ends_the_task_at_once(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order("sleep 300", deadline_boot=0.0))
    assert result.outcome == "deadline"


async def test_a_cancel_reaches_a_stopped_task(place: Place) -> None:
    client = await place.connect()
    order = place.order("sleep 300", argv=("sleep", "300"))
    pid = await place.start(client, order)
    os.kill(pid, signal.SIGSTOP)
    await client.cancel(order.attempt_id)
    result = await place.result(order)
    assert (result.outcome, result.signal) == ("canceled", signal.SIGTERM)


async def test_a_cancel_kills_a_daemon_that_has_hidden_itself(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"{daemon(place, 'pid')}; sleep 300")
    await place.start(client, order)
    hidden = place.written_pid("pid")
    assert is_alive(hidden)
    await client.cancel(order.attempt_id)
    result = await place.result(order)
    assert result.outcome == "canceled"
    assert not is_alive(hidden)


async def test_a_cancel_leaves_the_daemons_of_another_attempt_alone(place: Place) -> None:
    client = await place.connect()
    first = place.order(f"{daemon(place, 'first')}; sleep 300")
    second = place.order(f"{daemon(place, 'second')}; sleep 300")
    await place.start(client, first)
    await place.start(client, second)
    hidden = [place.written_pid(name) for name in ("first", "second")]
    await client.cancel(first.attempt_id)
    await place.result(first)
    assert [is_alive(pid) for pid in hidden] == [False, True]
    await client.cancel(second.attempt_id)
    await place.result(second)
    assert not is_alive(hidden[1])


async def test_leftovers_are_killed_after_the_main_process(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"{daemon(place, 'pid')}; exit 4")
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code, result.leftovers_killed) == ("exited", 4, 1)
    assert not is_alive(place.written_pid("pid"))


async def test_a_leftover_that_ignores_term_is_killed_after_the_grace(place: Place) -> None:
    client = await place.connect()
    ready = place.file("ready")
    stubborn = f'trap "" TERM; touch {ready}; while :; do sleep 1; done'
    order = place.order(f"setsid sh -c '{stubborn}' & while ! [ -e {ready} ]; do sleep 0.01; done", kill_grace_s=0.2)
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code) == ("exited", 0)
    assert result.leftovers_killed >= 1


async def test_leftovers_may_be_left(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order(f"{daemon(place, 'pid')}; exit 0", leftovers="leave"))
    hidden = place.written_pid("pid")
    assert (result.outcome, result.leftovers_killed) == ("exited", 0)
    assert is_alive(hidden)
    later = await place.run(client, place.order("exit 0"))
    assert later.leftovers_killed == 0
    assert is_alive(hidden)
    os.kill(hidden, signal.SIGKILL)


async def test_a_leftover_that_holds_the_pipes_open_is_not_waited_for(place: Place) -> None:
    client = await place.connect()
    order = place.order(f"setsid sh -c 'echo $$ > {place.file('pid')}; exec sleep 300' & echo done", leftovers="leave")
    result = await place.run(client, order)
    assert result.outcome == "exited"
    assert place.output(order) == b"done\n"
    os.kill(place.written_pid("pid"), signal.SIGKILL)


async def test_leftovers_may_be_waited_for(place: Place) -> None:
    client = await place.connect()
    go = place.file("go")
    os.mkfifo(go)
    order = place.order(f"(read line < {go}; echo late) & echo main; exit 6", leftovers="wait")
    pid = await place.start(client, order)
    await wait_until_async(lambda: not is_alive(pid), what="the main process to end")
    listing = await client.list()
    assert [attempt.attempt_id for attempt in listing.running] == [order.attempt_id]
    go.write_text("\n")
    result = await place.result(order)
    assert (result.outcome, result.exit_code, result.leftovers_killed) == ("exited", 6, 0)
    assert place.output(order) == b"main\nlate\n"


async def test_a_timeout_ends_waiting_for_leftovers_but_not_the_outcome(place: Place) -> None:
    client = await place.connect()
    order = place.order("sleep 300 & exit 6", leftovers="wait", timeout_s=2.0)
    result = await place.run(client, order)
    assert (result.outcome, result.exit_code, result.leftovers_killed) == ("exited", 6, 1)


async def test_the_outcome_that_came_first_stays(place: Place) -> None:
    client = await place.connect()
    order = place.order("sleep 300 & exit 6", leftovers="wait")
    pid = await place.start(client, order)
    await wait_until_async(lambda: not is_alive(pid), what="the main process to end")
    await client.cancel(order.attempt_id)
    result = await place.result(order)
    assert (result.outcome, result.exit_code, result.leftovers_killed) == ("exited", 6, 1)


async def test_a_tree_that_keeps_forking_is_killed(place: Place) -> None:
    client = await place.connect()
    fork = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True)\n"
        # It gives up by itself: should the kill ever fail, it must not haunt the machine.
        "end = time.monotonic() + 20\n"
        "while time.monotonic() < end:\n"
        "    if os.fork():\n"
        "        os._exit(0)\n"
        "    os.setsid()\n"
        "    time.sleep(0.02)\n"
    )
    order = place.order("", argv=(sys.executable, "-c", fork), kill_grace_s=0.1)
    result = await place.run(client, order)
    assert result.outcome == "exited"
    assert place.processes() == [client.supervisor_pid]


@pytest.mark.parametrize("by_signal", [True, False])
async def test_a_drained_supervisor_finishes_what_runs_and_starts_nothing(place: Place, by_signal: bool) -> None:
    client = await place.connect(idle_seconds=60)
    go = place.file("go")
    os.mkfifo(go)
    order = place.order(f"read line < {go}; exit 2")
    await place.start(client, order)
    if by_signal:
        os.kill(client.supervisor_pid, signal.SIGTERM)
        os.kill(client.supervisor_pid, signal.SIGHUP)
    else:
        await client.drain()
    with pytest.raises(SupervisorRefused, match="ending"):
        await client.start(place.order("true"))
    go.write_text("\n")
    assert (await place.result(order)).exit_code == 2
    client.taken(order.attempt_id)
    await wait_until_async(lambda: place.lost == 1, what="the supervisor to end")
    wait_until(lambda: not is_alive(client.supervisor_pid))
