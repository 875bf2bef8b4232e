"""An engine that has lost its store for too long kills what others may start beside it, the newest tries too."""

from __future__ import annotations

from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import ATTEMPTS, ATTEMPTS_BY_START
from tests.support.engine_world import World, job
from tests.support.fake_supervisor import FakeSupervisor, result_of
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine


async def two_that_run(supervisor: FakeSupervisor) -> tuple[TurningEngine, MemoryStore, dict[str, UUID]]:
    """An engine with a try of a job that may overlap, and one of a job that may not; gives their ids."""
    store = MemoryStore()
    world = World(store)
    jobs = {name: job(name=name, overlap_policy=name) for name in ("allow", "skip")}
    for definition in jobs.values():
        world.publish(definition)
    engine = TurningEngine(store, ManualClock(world.now), supervisor)
    await engine.begin()
    engine.clock.advance(60)
    await engine.sync()
    running = store.read(lambda reader: reader.scan(ATTEMPTS_BY_START, AttemptState.RUNNING))
    owner = {attempt.id: world.occurrence(attempt.occurrence_id).job_id for attempt in running}
    return engine, store, {name: next(id for id in owner if owner[id] == jobs[name].id) for name in jobs}


async def test_what_was_begun_since_the_store_was_seen_last_is_killed_too() -> None:
    """Regression: only the tries that the store had told of were, and the newest ran on beside its successor."""
    supervisor = FakeSupervisor()
    engine, store, tries = await two_that_run(supervisor)
    engine._runner.cut_off(())
    await engine._settle()
    assert supervisor.cancelled == {tries["skip"]}
    supervisor.end(result_of(tries["skip"], engine.clock.now(), "canceled"))
    await engine._settle()
    ended = store.read(lambda reader: reader.get(ATTEMPTS, tries["skip"]))
    assert ended is not None
    assert (ended.state, ended.reason) == (AttemptState.LOST, Reason.CUT_OFF)
    supervisor.cancelled.clear()
    engine._runner.cut_off(())
    await engine._settle()
    assert not supervisor.cancelled
    await engine.close()


async def test_what_no_supervisor_could_be_told_is_told_the_next_one(caplog: pytest.LogCaptureFixture) -> None:
    """Regression: it was thought killed, and was never told again."""
    supervisor = FakeSupervisor()
    engine, _, tries = await two_that_run(supervisor)
    supervisor.die()
    engine._runner.cut_off(())
    await engine._settle()
    assert not supervisor.cancelled
    await engine.begin()
    engine._runner.cut_off(())
    await engine._settle()
    assert supervisor.cancelled == {tries["skip"]}
    await engine.close()
