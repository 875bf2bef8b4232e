"""A due row that nobody may handle yet is no reason for the next turn at once."""

from __future__ import annotations

from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import World, job
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine


async def test_a_mark_of_a_job_that_another_engine_has_retired_is_looked_at_once_a_sweep() -> None:
    """Regression: an engine that had the job loaded still turned without a pause for as long as the job was gone."""
    world = World(MemoryStore())
    definition = job()
    world.publish(definition)
    engine = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())
    await engine.begin()
    marked = world.run(control.skip_next, definition.id, now=world.now, actor="me")
    world.run(retire, world.other, definition.id, world.now)
    engine.clock.advance(40.0)
    for _ in range(2):
        await engine._scheduler.turn()
        assert await engine._scheduler.turn() is None
        await engine.sweep()
    assert world.occurrence(marked) == marked
    await engine.close()
    world.raw.close()
