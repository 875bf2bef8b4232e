"""What an engine and its supervisor can do to each other when everything comes at the wrong moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control, node, takeover, wind_down
from jobistemer_tui.engine.node_options import StopMode, node_row
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.scheduler import Scheduler
from jobistemer_tui.engine.supervisor_client import Finished, Running, SupervisorUnavailable, Voided
from jobistemer_tui.engine.supervisor_client_types import SupervisorRefused
from jobistemer_tui.engine.transactions import advance
from jobistemer_tui.engine.transactions import takeover as transactions
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import NODES, OCCURRENCES_BY_OWNER
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome
from tests.support.engine_world import START
from tests.support.fake_supervisor import FakeSupervisor, result_of


@pytest.fixture
async def fake(home: EngineHome, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeSupervisor]:
    """Engines of this home talk to a supervisor in the test's hand."""
    supervisor = FakeSupervisor()

    async def connect(self: node.Node, on_finished: Any, on_lost: Any) -> Any:
        return await supervisor.connect(on_finished, on_lost)

    monkeypatch.setattr(node.Node, "_connect", connect)
    yield supervisor
    supervisor.start_gate.set()
    supervisor.before_start = lambda _: None
    supervisor.before_void = lambda _: None


async def triggered(home: EngineHome, fake: FakeSupervisor, more: str = "") -> tuple[node.Node, UUID]:
    """An engine and the try that it has given to the supervisor."""
    home.job("backup", schedule=None, more=more)
    engine = await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: fake.orders)
    await home.quiet()
    return engine, fake.orders[-1].attempt_id


def states(home: EngineHome) -> list[A]:
    return [attempt.state for row in home.rows("backup") for attempt in home.attempts(row)]


def over(home: EngineHome) -> bool:
    return bool(home.rows("backup", O.COMPLETED, O.FAILED, O.CANCELED, O.FAILED_STALE))


async def test_a_result_that_comes_before_the_adoption_is_not_thrown_away(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it was refused by the fence, and then the supervisor was told to forget it."""
    first, attempt = await triggered(home, fake)
    await home.stop(first)
    real = takeover.Takeover.run

    async def late(self: takeover.Takeover) -> None:
        fake.end(result_of(attempt, home.clock.now(), exit_code=3))
        await home.until(lambda: "late_report" in home.kinds())
        assert fake.taken == []
        await real(self)

    monkeypatch.setattr(takeover.Takeover, "run", late)
    await home.start()
    await home.until(lambda: over(home))
    (row,) = home.rows("backup")
    assert row.state is O.FAILED
    assert home.attempts(row)[0].exit_code == 3
    await home.until(lambda: fake.taken == [attempt])


async def test_a_result_that_comes_both_ways_is_recorded_once(home: EngineHome, fake: FakeSupervisor) -> None:
    _, attempt = await triggered(home, fake)
    fake.end(result_of(attempt, home.clock.now()))
    fake.end(result_of(attempt, home.clock.now(), exit_code=1))
    await home.until(lambda: len(fake.taken) == 2)
    assert home.rows("backup")[0].state is O.COMPLETED
    assert home.kinds().count("occurrence_finished") == 1


async def test_a_result_that_comes_before_the_start_is_answered(home: EngineHome, fake: FakeSupervisor) -> None:
    home.job("backup", schedule=None)
    await home.start()
    fake.before_start = lambda order: fake.end(result_of(order.attempt_id, home.clock.now()))
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: over(home))
    assert home.rows("backup")[0].state is O.COMPLETED


async def test_a_cancellation_that_overtakes_the_start(home: EngineHome, fake: FakeSupervisor) -> None:
    home.job("backup", schedule=None)
    await home.start()
    fake.start_gate.clear()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    (row,) = home.rows("backup")
    home.store.write(lambda tx: control.cancel(tx, row.id, now=home.clock.now(), actor="me", reason=None))
    poke(home.nodes)
    await home.until(lambda: fake.cancelled)
    fake.start_gate.set()
    await home.until(lambda: fake.orders)
    fake.end(result_of(fake.orders[0].attempt_id, home.clock.now(), "canceled", None))
    await home.until(lambda: over(home))
    (row,) = home.rows("backup")
    assert (row.state, row.reason) == (O.CANCELED, Reason.USER)


async def test_a_supervisor_lost_while_starts_are_in_flight(home: EngineHome, fake: FakeSupervisor) -> None:
    home.job("backup", schedule=None)
    await home.start()
    fake.start_gate.clear()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.RUNNING))
    fake.die()
    fake.start_gate.set()
    await home.until(lambda: fake.orders)
    assert states(home) == [A.NOT_STARTED, A.RUNNING], "voided by the next one, then tried again at once"
    assert [order.env["JOBISTEMER_ATTEMPT"] for order in fake.orders] == ["2"]
    fake.end(result_of(fake.orders[0].attempt_id, home.clock.now()))
    await home.until(lambda: over(home))
    assert home.rows("backup")[0].state is O.COMPLETED


async def test_a_broken_connection_to_a_healthy_supervisor_loses_nothing(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    engine, attempt = await triggered(home, fake)
    fake.die()
    await home.until(lambda: engine._runner.knows(attempt))
    assert states(home) == [A.RUNNING]
    fake.end(result_of(attempt, home.clock.now()))
    await home.until(lambda: over(home))
    assert len(home.attempts(home.rows("backup")[0])) == 1


async def test_a_result_that_was_told_to_nobody_is_asked_for(home: EngineHome, fake: FakeSupervisor) -> None:
    _, attempt = await triggered(home, fake)
    fake.folders[attempt] = Finished(result_of(attempt, home.clock.now()))
    fake.die()
    await home.until(lambda: over(home))
    assert home.rows("backup")[0].state is O.COMPLETED
    await home.until(lambda: fake.taken == [attempt])


async def test_a_supervisor_that_fails_during_the_takeover_is_connected_once_more_and_not_for_ever(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    first, attempt = await triggered(home, fake)
    await home.stop(first)
    failures = iter(range(1))

    def fail(_: UUID) -> None:
        if next(failures, None) is not None:
            fake.die()
            raise SupervisorUnavailable("it does not answer")

    fake.before_void = fail
    before = len(fake.clients)
    engine = await home.start()
    await home.until(lambda: engine._runner.connected and engine._runner.knows(attempt))
    rounds = iter(range(30))
    await home.until(lambda: next(rounds, None) is None)
    assert len(fake.clients) - before <= 3
    assert engine._runner.connected
    assert home.rows("backup")[0].owner == engine.id


async def test_the_end_of_an_older_connection_does_not_drop_the_present_one(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    """Regression: the supervisor closes the older one at each hello, so that connecting never ended."""
    engine = await home.start()
    older = fake.clients[-1]
    await engine._runner.connect()
    older._on_lost()
    assert engine._runner.connected
    await home.quiet()
    assert len(fake.clients) == 2


async def test_without_a_supervisor_rows_wait_and_the_takeover_is_done_when_there_is_one(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    first, attempt = await triggered(home, fake, "overlap_policy = 'allow'")
    await home.stop(first)
    fake.refuse_connection = SupervisorUnavailable("none")
    engine = await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: home.rows("backup", O.PENDING))
    assert home.rows("backup", O.RUNNING)[0].owner == first.id
    fake.refuse_connection = None
    await home.until(lambda: len(fake.orders) == 2, step=0.5)
    assert {row.owner for row in home.rows("backup", O.RUNNING)} == {engine.id}
    assert ("void", attempt) in fake.asked


async def test_a_supervisor_that_refuses_later_is_asked_again(home: EngineHome, fake: FakeSupervisor) -> None:
    """Regression: a refusal after a loss ended the engine."""
    engine, attempt = await triggered(home, fake)
    fake.refuse_connection = SupervisorRefused("it is draining")
    fake.die()
    await home.until(lambda: not engine._runner.connected)
    home.clock.advance(1)
    await home.quiet()
    fake.refuse_connection = None
    await home.until(lambda: engine._runner.knows(attempt), step=0.5)


@pytest.mark.parametrize("error", [SupervisorRefused("no room"), ValueError("bad"), OSError("no descriptors")])
async def test_what_cannot_be_given_away_fails_as_spawn(
    home: EngineHome, fake: FakeSupervisor, error: Exception
) -> None:
    home.job("backup", schedule=None)
    await home.start()

    def refuse(_: object) -> None:
        raise error

    fake.before_start = refuse
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: over(home))
    (row,) = home.rows("backup")
    (attempt,) = home.attempts(row)
    assert (attempt.state, attempt.reason, attempt.detail) == (A.FAILED, Reason.SPAWN, {"error": str(error)})
    assert isinstance(fake.folders[attempt.id], Voided)


async def test_a_start_that_fails_in_any_other_way_is_found_by_the_sweep(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    """Regression: it counted as known for ever, and the occurrence ran until its time-out."""
    home.job("backup", schedule=None)
    await home.start()

    def fail(_: object) -> None:
        fake.before_start = lambda _: None
        raise RuntimeError("something nobody thought of")

    fake.before_start = fail
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: fake.orders, step=1.0)
    assert states(home) == [A.NOT_STARTED, A.RUNNING]


async def test_an_attempt_that_was_started_before_is_settled_by_what_became_of_it(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    """Regression: "exists" was taken for a start; after an older database was restored nothing ever came of it."""
    home.job("backup", schedule=None)
    await home.start()

    def existed(order: Any) -> None:
        fake.folders[order.attempt_id] = Finished(result_of(order.attempt_id, home.clock.now(), exit_code=5))

    fake.before_start = existed
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: over(home))
    (row,) = home.rows("backup")
    assert home.attempts(row)[0].exit_code == 5


async def test_a_stop_that_was_decided_and_never_told_is_told_by_the_next_engine(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: killed between the commit and the message, fail-fast let the sibling run to its own end."""
    home.write(
        "backup.toml",
        "[jobs.backup]\ntasks_mode = 'parallel'\n"
        "tasks = [{ name = 'a', run = 'true' }, { name = 'b', run = 'true' }]\n",
    )
    first = await home.start()
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: len(fake.orders) == 2)
    by_task = {order.env["JOBISTEMER_TASK"]: order.attempt_id for order in fake.orders}
    with monkeypatch.context() as patch:
        patch.setattr(Runner, "follow", lambda self, progress: None)
        fake.end(result_of(by_task["a"], home.clock.now(), exit_code=1))
        await home.until(lambda: A.FAILED in states(home))
        await home.kill(first)
    assert fake.cancelled == set()
    await home.start()
    await home.until(lambda: by_task["b"] in fake.cancelled, step=1.0)
    fake.end(result_of(by_task["b"], home.clock.now(), "canceled", None))
    await home.until(lambda: over(home))
    assert home.rows("backup")[0].state is O.FAILED


async def test_what_was_committed_beside_a_failure_of_the_store_is_started_at_once(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    """Regression: the launches of the rows that had been committed were dropped with the one that had not."""
    for number in range(3):
        home.job(f"job-{number}")
    engine = await home.start()
    await asyncio.wait_for(engine.wait_until_idle(), 30)
    calls = iter(range(100))

    def first_fails() -> None:
        if next(calls) == 0:
            raise StoreUnavailable("the disk is full")

    home.store.fail = first_fails
    home.clock.advance(30)
    await home.until(lambda: len(fake.orders) == 2)
    assert {order.attempt_id for order in fake.orders} <= engine._runner._given | engine._runner._starting
    await home.until(lambda: len(fake.orders) == 3, step=0.5)


async def test_one_row_that_cannot_be_taken_over_stops_no_other(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it ended the engine, at each of its starts."""
    first, _ = await triggered(home, fake, "overlap_policy = 'allow'")
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: len(fake.orders) == 2)
    await home.stop(first)
    bad, good = home.rows("backup")
    real = transactions.adopt

    def adopt(tx: Transaction, **values: Any) -> object:
        if values["occurrence_id"] == bad.id:
            raise KeyError("a row that makes no sense")
        return real(tx, **values)

    monkeypatch.setattr(takeover, "adopt", adopt)
    engine = await home.start()
    assert {row.id: row.owner for row in home.rows("backup")} == {bad.id: first.id, good.id: engine.id}
    monkeypatch.undo()


async def test_a_result_the_store_would_not_take_is_taken_when_it_does(home: EngineHome, fake: FakeSupervisor) -> None:
    _, attempt = await triggered(home, fake)

    def full() -> None:
        raise StoreUnavailable("the disk is full")

    home.store.fail = full
    fake.end(result_of(attempt, home.clock.now()))
    home.clock.advance(3)
    await home.quiet()
    assert fake.taken == []
    home.store.fail = lambda: None
    await home.until(lambda: over(home), step=0.5)
    await home.until(lambda: fake.taken == [attempt])


async def test_one_row_that_cannot_be_cancelled_keeps_no_other_running(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Regression: its error ended the winding down, and what else ran was handed over instead of being cancelled."""
    engine, _ = await triggered(home, fake, "overlap_policy = 'allow'")
    trigger(home, "backup")
    poke(home.nodes)
    await home.until(lambda: len(fake.orders) == 2)
    bad, good = home.store.read(lambda reader: reader.scan(OCCURRENCES_BY_OWNER, engine.id, O.RUNNING))
    real = advance.stop_or_expire

    def stop(tx: Transaction, **values: Any) -> object:
        if values["occurrence_id"] == bad.id:
            raise KeyError("a row that makes no sense")
        return real(tx, **values)

    monkeypatch.setattr(wind_down, "stop_or_expire", stop)
    engine.stop(StopMode.CANCEL)
    await home.until(lambda: fake.cancelled)
    engine.stop(StopMode.CANCEL)
    await home.until(home.running[engine].done)
    assert fake.cancelled == {home.attempts(good)[0].id}
    assert f"{bad.id} cannot be cancelled" in caplog.text


async def test_a_stop_during_the_takeover_ends_it_in_good_order(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, attempt = await triggered(home, fake)
    await home.stop(first)
    second = home.node()
    fake.before_void = lambda _: second.stop(StopMode.HANDOVER)
    turns: list[object] = []
    monkeypatch.setattr(Scheduler, "turn", lambda self: turns.append(self))
    await asyncio.wait_for(second.run(), 30)
    assert turns == []
    assert home.rows("backup")[0].owner == second.id
    assert isinstance(fake.folders[attempt], Running)


async def test_after_a_restart_of_the_machine_no_trace_is_no_proof(home: EngineHome, fake: FakeSupervisor) -> None:
    """Also if an engine died between adopting and asking: then the boot of the last owner is this one."""
    first, _ = await triggered(home, fake)
    await home.stop(first)
    fake.folders.clear()
    home.store.write(lambda tx: _boot_of(tx, first.id, "another boot"))
    fake.before_void = _broken
    second = await home.start()
    await home.until(lambda: home.rows("backup")[0].owner == second.id)
    await home.kill(second)
    fake.before_void = lambda _: None
    await home.start()
    await home.until(lambda: over(home))
    (row,) = home.rows("backup")
    (lost,) = home.attempts(row)
    assert (row.state, lost.state, lost.reason) == (O.FAILED_STALE, A.LOST, Reason.HOST_RESTARTED)


def _broken(_: UUID) -> None:
    raise SupervisorUnavailable("it does not answer")


def _boot_of(tx: Transaction, key: UUID, boot: str) -> None:
    row = tx.get(NODES, key)
    assert row is not None
    assert tx.replace(NODES, row, replace(row, boot_id=boot))


async def test_what_another_machine_left_behind_is_reaped_after_the_adoption(
    home: EngineHome, fake: FakeSupervisor
) -> None:
    first, _ = await triggered(home, fake)
    await home.stop(first)

    def elsewhere(tx: Transaction) -> None:
        row = tx.get(NODES, first.id)
        assert row is not None
        tx.replace(NODES, row, replace(row, machine_id="another machine"))

    home.store.write(elsewhere)
    asked = len(fake.asked)
    await home.start()
    (row,) = home.rows("backup")
    assert (row.state, row.reason) == (O.FAILED_STALE, Reason.OWNER_LOST)
    assert fake.asked[asked:] == [], "nothing of it can be known here"


async def test_a_lost_wake_between_reading_and_waiting_is_impossible(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request is stored and poked right after the turn has looked, before it waits."""
    home.job("backup", schedule=None)
    engine = await home.start()
    await asyncio.wait_for(engine.wait_until_idle(), 30)
    real = Scheduler.turn
    asked = False

    async def turn(self: Scheduler) -> object:
        nonlocal asked
        found = await real(self)
        if not asked:
            asked = True
            trigger(home, "backup")
            engine.wake()
        return found

    monkeypatch.setattr(Scheduler, "turn", turn)
    engine.wake()
    await home.until(lambda: fake.orders)


def test_the_row_of_a_node_says_where_it_runs() -> None:
    row = node_row(UUID(int=5), "here", START)
    assert (row.id, row.machine_id, row.started_at, row.swept_at) == (UUID(int=5), "here", START, START)
    assert row.boot_id
    assert row.timezone_data
