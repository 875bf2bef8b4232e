"""One engine from start to end: real files, a real database, a real supervisor, and time in the test's hand."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import count
from uuid import UUID

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.engine_lock import LOCK_NAME
from jobistemer_tui.engine.introduce import introduce
from jobistemer_tui.engine.node import Node, _latest
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.scheduler import Scheduler
from jobistemer_tui.errors import AlreadyServed, EngineFenced, StoreDamaged, StoreUnavailable
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import NODES_BY_START
from tests.support.engine_home import EngineHome
from tests.support.engine_world import START
from tests.support.factories import make_node


def ended(home: EngineHome, name: str, count: int = 1) -> bool:
    return len(home.rows(name, O.COMPLETED, O.FAILED, O.CANCELED)) >= count


async def test_a_job_runs_at_its_instant_and_the_next_is_planned(home: EngineHome) -> None:
    home.job("backup", 'echo "$JOBISTEMER_SCHEDULED_TIME $JOBISTEMER_ATTEMPT" >> ' + str(home.folder / "out"))
    await home.start()
    assert [row.state for row in home.rows("backup")] == [O.PLANNED]
    home.clock.advance(29.5)
    await home.quiet()
    assert home.rows("backup", O.RUNNING, O.COMPLETED) == []
    home.clock.advance(0.5)
    await home.until(lambda: ended(home, "backup"))
    assert home.lines("out") == ["2026-03-02T05:01:00Z 1"]
    first, second = home.rows("backup")
    assert (first.state, second.state) == (O.COMPLETED, O.PLANNED)
    await home.until(lambda: "occurrence_finished" in [event.kind for event in home.events])


async def test_a_chain_of_tasks_and_a_retry_that_waits_for_its_time(home: EngineHome) -> None:
    marker = home.folder / "second"
    home.write(
        "backup.toml",
        f"""[jobs.backup]
retry_policy = {{ max_retries = 1, retry_interval = "1m" }}
[[jobs.backup.tasks]]
name = "a"
run = "test -e {marker} || {{ touch {marker}; exit 3; }}"
[[jobs.backup.tasks]]
name = "b"
run = "true"
""",
    )
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(
        lambda: any(a.state is AttemptState.PLANNED for r in home.rows("backup") for a in home.attempts(r))
    )
    (row,) = home.rows("backup")
    assert home.attempts(row)[0].exit_code == 3
    home.clock.advance(59)
    await home.quiet()
    assert home.rows("backup", O.RUNNING)
    home.clock.advance(1)
    await home.until(lambda: ended(home, "backup"))
    tries = sorted((attempt.number, attempt.state) for attempt in home.attempts(row))
    assert tries == [(1, AttemptState.FAILED), (1, AttemptState.SUCCESS), (2, AttemptState.SUCCESS)]


def trigger(home: EngineHome, name: str) -> None:
    now = home.clock.now()
    request = control.Request(identity.new_request_id(), now, "me", now + timedelta(hours=1))
    home.store.write(lambda tx: control.trigger(tx, identity.job_id(name), request))


async def test_a_poke_wakes_it_within_a_moment_and_none_listens_afterwards(home: EngineHome) -> None:
    home.job("backup", schedule=None)
    node = await home.start()
    trigger(home, "backup")
    assert poke(home.nodes)
    await home.until(lambda: ended(home, "backup"))
    await home.stop(node)
    assert not poke(home.nodes)


async def test_without_a_poke_the_sweep_finds_it(home: EngineHome) -> None:
    home.job("backup", schedule=None)
    await home.start()
    trigger(home, "backup")
    await home.until(lambda: ended(home, "backup"), step=5.0)


async def test_a_person_cancels_what_runs(home: EngineHome) -> None:
    home.job("backup", "sleep 600", schedule=None)
    await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    (row,) = home.rows("backup")
    home.store.write(lambda tx: control.cancel(tx, row.id, now=home.clock.now(), actor="me", reason="wrong day"))
    poke(home.nodes)
    await home.until(lambda: ended(home, "backup"))
    (row,) = home.rows("backup")
    assert (row.state, row.reason) == (O.CANCELED, Reason.USER)
    assert home.attempts(row)[0].reason is Reason.USER


async def test_an_idle_engine_makes_no_turns(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> None:
    turns = 0
    real = Scheduler.turn

    async def counted(self: Scheduler) -> object:
        nonlocal turns
        turns += 1
        return await real(self)

    monkeypatch.setattr(Scheduler, "turn", counted)
    home.job("backup", schedule="0 9 * * *")
    node = await home.start()
    await asyncio.wait_for(node.wait_until_idle(), 120)
    before = turns
    rounds = 0

    def passed() -> bool:
        nonlocal rounds
        rounds += 1
        return rounds > 50

    await home.until(passed)
    assert turns == before, "with nothing to do and no time passing, nothing is looked at"
    home.clock.advance(600)
    await home.until(passed)
    rounds = 0
    await home.until(passed)
    assert turns - before <= 4, "ten minutes at once are one sweep, and a look at what it may have found"


async def test_idle_means_that_files_are_loaded_and_nothing_runs_or_is_due(home: EngineHome) -> None:
    home.job("backup", "sleep 0.5")
    node = await home.start()
    await asyncio.wait_for(node.wait_until_idle(), 120)
    home.clock.advance(30)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    # Regression: it went on being called idle while what its own timer had started was running.
    await asyncio.wait_for(node.wait_until_idle(), 120)
    assert [row.state for row in home.rows("backup")] == [O.COMPLETED, O.PLANNED]


async def test_the_store_is_served_once(home: EngineHome) -> None:
    await home.start()
    with pytest.raises(AlreadyServed) as caught:
        await home.start()
    assert caught.value.pid == os.getpid()


async def test_a_lock_that_was_replaced_fences_the_engine(home: EngineHome) -> None:
    node = await home.start()
    (home.nodes / LOCK_NAME).unlink()
    (home.nodes / LOCK_NAME).touch()
    await home.until(home.running[node].done, step=10.0)
    with pytest.raises(ExceptionGroup) as caught:
        await home.running.pop(node)
    assert caught.group_contains(EngineFenced, match="lock file was replaced")


async def test_a_database_that_was_replaced_fences_the_engine(home: EngineHome) -> None:
    node = await home.start()
    home.store.ours = False
    await home.until(home.running[node].done, step=10.0)
    with pytest.raises(ExceptionGroup) as caught:
        await home.running.pop(node)
    assert caught.group_contains(EngineFenced, match="database's files")


async def running(home: EngineHome, more: str = "") -> Node:
    """An engine with one job that runs."""
    home.job("backup", "sleep 600", schedule=None, more=more)
    node = await home.start(drain_grace_s=30.0)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: [a for row in home.rows("backup", O.RUNNING) for a in home.attempts(row)])
    return node


async def test_handing_over_leaves_what_runs_to_the_next_engine(home: EngineHome) -> None:
    flag, begun = home.folder / "go", home.folder / "begun"
    home.job("backup", f"touch {begun}; while ! test -e {flag}; do sleep 0.05; done", schedule=None)
    first = await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(begun.exists)
    await home.stop(first, StopMode.HANDOVER)
    (row,) = home.rows("backup", O.RUNNING)
    assert row.owner == first.id
    second = await home.start()
    (row,) = home.rows("backup", O.RUNNING)
    assert (row.owner, row.epoch) == (second.id, 2)
    flag.touch()
    await home.until(lambda: ended(home, "backup"))
    (row,) = home.rows("backup")
    assert row.state is O.COMPLETED
    assert len(home.attempts(row)) == 1
    stopped = {item.id: item.stopped_at for item in home.store.read(lambda reader: reader.scan(NODES_BY_START))}
    assert stopped[first.id] is not None
    assert stopped[second.id] is None


async def test_what_ended_while_nobody_served_is_recorded_by_the_next_engine(home: EngineHome) -> None:
    flag, begun, done = (home.folder / name for name in ("go", "begun", "done"))
    run = f"touch {begun}; while ! test -e {flag}; do sleep 0.05; done; touch {done}; exit 3"
    home.job("backup", run, schedule=None)
    first = await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(begun.exists)
    await home.stop(first)
    flag.touch()
    await home.until(done.exists)
    await home.start()
    await home.until(lambda: ended(home, "backup"))
    (row,) = home.rows("backup")
    assert (row.state, row.reason) == (O.FAILED, Reason.TASK_FAILED)
    assert home.attempts(row)[0].exit_code == 3


async def test_draining_waits_for_what_runs_and_starts_nothing_new(home: EngineHome) -> None:
    flag = home.folder / "go"
    home.job("backup", f"while ! test -e {flag}; do sleep 0.05; done", schedule=None)
    home.job("other")
    node = await home.start(drain_grace_s=3600.0)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    node.stop(StopMode.DRAIN)
    await home.until(node._stop.is_set)
    home.clock.advance(300)
    flag.touch()
    await home.until(home.running[node].done)
    await home.running.pop(node)
    assert ended(home, "backup")
    assert [row.state for row in home.rows("other")] == [O.PLANNED]


async def test_draining_ends_after_its_grace(home: EngineHome) -> None:
    node = await running(home)
    task = home.running[node]
    node.stop(StopMode.DRAIN)
    await home.until(task.done, step=1.0)
    await home.running.pop(node)
    assert home.rows("backup", O.RUNNING)
    second = await home.start()
    await home.stop(second, StopMode.CANCEL)


async def test_a_second_stop_skips_the_waiting(home: EngineHome) -> None:
    node = await running(home)
    task = home.running[node]
    node.stop(StopMode.DRAIN)
    node.stop(StopMode.DRAIN)
    await home.until(task.done)
    await home.running.pop(node)
    assert home.rows("backup", O.RUNNING)
    second = await home.start()
    await home.stop(second, StopMode.CANCEL)


async def test_cancelling_stops_what_runs_before_it_ends(home: EngineHome) -> None:
    node = await running(home, "retry_policy = { max_retries = 3 }")
    await home.stop(node, StopMode.CANCEL)
    (row,) = home.rows("backup")
    assert (row.state, row.reason) == (O.CANCELED, Reason.SHUTDOWN)
    assert [attempt.state for attempt in home.attempts(row)] == [AttemptState.CANCELED]


async def test_a_stop_before_the_start_counts(home: EngineHome) -> None:
    """Regression: it was forgotten, and the engine of a screen that was left at once never ended."""
    node = home.node()
    node.stop(StopMode.HANDOVER)
    await asyncio.wait_for(node.run(), 120)


async def test_a_stop_after_the_end_is_harmless(home: EngineHome) -> None:
    node = await home.start()
    await home.stop(node)
    node.stop(StopMode.CANCEL)


async def test_a_store_in_trouble_is_waited_out(home: EngineHome) -> None:
    """Regression: a read that failed between two turns ended the engine."""
    home.job("backup")
    node = await home.start()

    def trouble() -> None:
        raise StoreUnavailable("the disk is full")

    home.store.fail_reads = trouble
    home.clock.advance(30)
    await home.until(lambda: node._store.trouble is not None or home.running[node].done(), step=1.0)
    assert not home.running[node].done()
    home.store.fail_reads = lambda: None
    home.store.fail = trouble
    home.clock.advance(1)
    poke(home.nodes)
    home.clock.advance(1)
    await home.quiet()
    home.store.fail = lambda: None
    await home.until(lambda: ended(home, "backup"), step=0.5)
    assert home.rows("backup")[0].state is O.COMPLETED


async def test_a_store_that_takes_nothing_any_more_does_not_hold_up_a_stop(home: EngineHome) -> None:
    """Regression: the sweep tried its write again and again, and no signal ended the engine."""
    node, error = await home.start(), StoreUnavailable("the store stayed busy")
    refused = 0

    def refuse() -> None:
        nonlocal refused
        refused += 1
        raise error

    home.store.fail = refuse
    await home.until(lambda: refused >= 3, step=1.0)
    node.stop(StopMode.HANDOVER)
    task = home.running.pop(node)
    await home.until(task.done, step=1.0)
    assert task.exception() is error


@pytest.mark.parametrize("is_draining", [False, True])
async def test_damage_that_shows_ends_an_engine_at_once_and_what_runs_is_kept(
    home: EngineHome, is_draining: bool
) -> None:
    """No time passes here: nothing is waited out, no grace, and nobody has to tell it to end."""
    flag, error = home.folder / "go", StoreDamaged("a page is malformed")
    home.job("backup", f"while ! test -e {flag}; do sleep 0.05; done", schedule=None)
    node = await home.start(drain_grace_s=30.0)
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: node._runner.given)
    if is_draining:
        node.stop(StopMode.DRAIN)

    def refuse() -> None:
        raise error

    home.store.fail = refuse
    flag.touch()
    task = home.running.pop(node)
    await home.until(task.done)
    ended_by = task.exception()
    assert ended_by is error or (isinstance(ended_by, ExceptionGroup) and ended_by.exceptions == (error,))
    home.store.fail = lambda: None
    await home.start()
    await home.until(lambda: ended(home, "backup"))
    assert home.rows("backup")[0].state is O.COMPLETED


async def test_over_a_store_that_is_damaged_no_engine_begins(home: EngineHome) -> None:
    """Regression: what is written before it is ready was tried for ever, and `--for` never began to count."""

    error, writes = StoreDamaged("a page is malformed"), count()

    def refuse() -> None:
        if next(writes) > 0:  # the engine has introduced itself
            raise error

    home.store.fail = refuse
    with pytest.raises(ExceptionGroup) as raised:
        await home.start()
    assert raised.value.exceptions == (error,)


def test_the_last_engine_is_none_that_a_clock_ahead_has_noted() -> None:
    """Regression: for as long as the clock had been ahead, no store was looked at whole after a crash."""
    store = MemoryStore()
    for number, days in enumerate((0, 1, 365)):
        begun = START + timedelta(days=days)
        store.write(
            partial(introduce, node=replace(make_node(), id=UUID(int=number), started_at=begun, swept_at=begun))
        )

    def latest(days: int) -> list[int]:
        now = START + timedelta(days=days)
        return [node.id.int for node in store.read(partial(_latest, now=now, limit=1))]

    assert [latest(days) for days in (-1, 0, 2, 400)] == [[2], [0], [1], [2]]
    store.close()
