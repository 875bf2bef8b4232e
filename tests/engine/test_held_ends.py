"""Results wait while many starts are on their way, unless somebody wants their places."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import held_ends
from jobistemer_tui.engine import runner as runner_module
from jobistemer_tui.engine.held_ends import BURST, LONGEST_HOLD, HeldEnds
from jobistemer_tui.engine.poke import poke
from jobistemer_tui.engine.supervisor.results import SYNC_AFTER_SECONDS
from jobistemer_tui.engine.supervisor_client import AttemptResult
from jobistemer_tui.storage.memory import MemoryStore
from tests.engine.test_cut_off import two_that_run
from tests.engine.test_node import trigger
from tests.engine.test_races import fake as fake_supervisor
from tests.support.engine_home import EngineHome
from tests.support.engine_world import START, World, job, task
from tests.support.fake_supervisor import FakeSupervisor, result_of
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine

fake = fake_supervisor


class Held:
    """What is held, and what was recorded."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.recorded: list[AttemptResult] = []
        self.ends = HeldEnds(self.clock, self.recorded.append)

    def add(self, number: int) -> tuple[AttemptResult, bool]:
        result = result_of(UUID(int=number), START)
        return result, self.ends.add(result)


async def test_few_starts_hold_nothing_and_nor_do_many_while_places_are_wanted() -> None:
    held = Held()
    assert not held.ends.holds(BURST)
    assert held.ends.holds(BURST + 1)
    held.ends.places_wanted = lambda: True
    assert not held.ends.holds(BURST + 1)


async def test_all_of_a_burst_are_handed_on_when_few_starts_are_left() -> None:
    held = Held()
    one, is_first = held.add(1)
    waiting = asyncio.ensure_future(held.ends.wait())
    two, is_second = held.add(2)
    held.ends.look(BURST + 1)
    await asyncio.sleep(0)
    assert (is_first, is_second, held.recorded) == (True, False, [])
    held.ends.look(BURST)
    await waiting
    assert held.recorded == [one, two]
    assert held.add(3)[1], "the next burst begins anew"


async def test_a_burst_may_be_over_before_the_one_who_waits_has_a_turn() -> None:
    """Regression: its end was forgotten then, and its results waited as long as any may."""
    held = Held()
    one, _ = held.add(1)
    waiting = asyncio.ensure_future(held.ends.wait())
    held.ends.look(BURST)
    await asyncio.sleep(0)
    assert held.recorded == [one]
    await waiting


async def test_no_burst_holds_a_result_until_the_supervisor_has_to_sync_it() -> None:
    held = Held()
    one, _ = held.add(1)
    waiting = asyncio.ensure_future(held.ends.wait())
    await asyncio.sleep(0)
    held.clock.advance(LONGEST_HOLD.total_seconds())
    await waiting
    assert held.recorded == [one]
    assert LONGEST_HOLD.total_seconds() < SYNC_AFTER_SECONDS


async def test_what_was_released_is_recorded_once() -> None:
    held = Held()
    one, _ = held.add(1)
    waiting = asyncio.ensure_future(held.ends.wait())
    await asyncio.sleep(0)
    held.ends.release()
    await waiting
    assert held.recorded == [one]


async def begun(home: EngineHome, *names: str) -> None:
    """Trigger these jobs, and wait until all are running in the store."""
    for name in names:
        trigger(home, name)
    poke(home.nodes)
    await home.until(lambda: all(home.rows(name, O.RUNNING) for name in names))


async def until_first_is_held(home: EngineHome, fake: FakeSupervisor, **options: object) -> None:
    """The task of the job `first` has ended, and its result waits for the start of `second`, which is not answered."""
    for name in ("first", "second"):
        home.job(name, schedule=None)
    engine = await home.start(**options)
    await begun(home, "first")
    await home.until(lambda: fake.orders)
    await home.quiet()
    fake.start_gate.clear()
    await begun(home, "second")
    fake.end(result_of(fake.orders[0].attempt_id, home.clock.now()))
    await home.until(lambda: engine._runner.held_ends._held)


async def test_an_engine_starts_what_is_due_before_it_records_what_ends(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_ends, "BURST", 0)
    await until_first_is_held(home, fake)
    assert home.rows("first", O.RUNNING)
    fake.start_gate.set()
    await home.until(lambda: home.rows("first", O.COMPLETED))


async def test_an_end_is_recorded_at_once_where_its_place_is_wanted(
    home: EngineHome, fake: FakeSupervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_ends, "BURST", 0)
    home.job("third", schedule=None)
    await until_first_is_held(home, fake, max_concurrent_jobs=2)
    trigger(home, "third")
    poke(home.nodes)
    await home.until(lambda: home.rows("third", O.RUNNING))
    assert home.rows("first", O.COMPLETED)


async def test_a_task_that_waits_for_a_place_wants_those_of_others() -> None:
    """Regression: only runs that had not begun counted."""
    store = MemoryStore()
    world = World(store)
    two = job(task("one"), task("two"))
    world.publish(two)
    engine = TurningEngine(store, ManualClock(world.now), FakeSupervisor())
    engine.owner = replace(engine.owner, attempts=1)
    released: list[bool] = []
    engine._scheduler.on_places_wanted = lambda: released.append(engine._scheduler.more_wait)
    await engine.begin()
    engine.clock.advance(60)
    await engine._scheduler.turn()
    assert not engine._scheduler.places_wanted
    engine.clock.advance(1)
    await engine._scheduler.turn()
    assert (engine._scheduler.places_wanted, released) == (True, [False])
    (run,) = world.rows(two, O.RUNNING)
    await engine.end(run.id)
    for _ in range(2):
        await engine._scheduler.turn()
    assert not engine._scheduler.places_wanted
    await engine.close()


async def bursting(
    monkeypatch: pytest.MonkeyPatch, secrets: Callable[[], Awaitable[object]] | None = None
) -> tuple[TurningEngine, AttemptResult]:
    """An engine with a start on its way, or one that waits for its `secrets`, and the result of a try that runs."""
    monkeypatch.setattr(held_ends, "BURST", 0)
    supervisor = FakeSupervisor()
    engine, _, tries = await two_that_run(supervisor)
    if secrets is None:
        supervisor.start_gate.clear()
    else:
        monkeypatch.setattr(runner_module, "wanted_secrets", lambda *_: (True, True))
        monkeypatch.setattr(runner_module, "resolve_aside", lambda *_: secrets())
    engine.clock.advance(60)
    await engine._scheduler.turn()
    return engine, result_of(tries["allow"], engine.clock.now())


async def test_who_wants_a_place_is_looked_for_when_the_first_result_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: what had begun to wait since the last look waited on until another wake-up."""
    engine, result = await bursting(monkeypatch)
    looks: list[int] = []
    engine._runner.on_change = lambda: looks.append(1)
    engine.supervisor.end(result)
    engine.supervisor.end(result)
    await asyncio.sleep(0)
    assert len(looks) == 1
    engine.supervisor.start_gate.set()
    await engine.close()


async def test_what_was_held_when_the_runner_closed_holds_nothing_back_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: an engine that begins again as another one waited for no result of a burst any more."""
    monkeypatch.setattr(runner_module, "CLOSE_S", 0)
    engine, result = await bursting(monkeypatch)
    engine.supervisor.end(result)
    await engine.close()
    assert engine._runner.held_ends.add(result), "somebody has to wait for it"


async def test_a_secret_that_is_waited_for_is_no_start_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: while a vault was slow each end in the engine waited as long as any may."""
    vault = asyncio.Event()

    async def ask() -> list[dict[str, str]]:
        await vault.wait()
        return [{}, {}]

    engine, result = await bursting(monkeypatch, ask)
    recorded: list[UUID] = []
    engine._runner.on_end = recorded.append
    engine.supervisor.end(result)
    for _ in range(20):
        await asyncio.sleep(0)
    assert (recorded, len(engine.supervisor.orders)) == ([result.attempt_id], 2)
    vault.set()
    await engine._settle()
    assert len(engine.supervisor.orders) == 3
    await engine.close()
