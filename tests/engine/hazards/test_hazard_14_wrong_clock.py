"""Hazard 14: what a clock that was wrong decided is taken back once it is right, and the real instants run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import NODES_BY_START
from tests.support.engine_home import EngineHome
from tests.support.engine_world import World, job
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine

DAY_S = 86400.0
BACKUP = identity.job_id("backup")


async def test_instants_that_a_clock_a_day_ahead_called_missed_run_at_their_time(home: EngineHome) -> None:
    home.job("backup", schedule="0 * * * *", more='recovery_strategy = "mark-as-missed"')
    await home.stop(await home.start())
    truth = home.clock.now()
    home.clock.set_wall(DAY_S)
    await home.start()
    await home.quiet()
    assert home.rows("backup", O.MISSED) == [], "nothing so long is judged before the clock has been steady"
    await home.until(lambda: home.rows("backup", O.MISSED), step=5.0)
    judged = home.rows("backup", O.MISSED)
    assert {row.reason for row in judged} == {Reason.DOWNTIME}
    home.clock.set_wall(-DAY_S)
    await home.until(lambda: "clock_went_back" in home.kinds(), step=1.0)
    first = truth.replace(hour=truth.hour + 1, minute=0, second=0)
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=60.0)
    (done,) = home.rows("backup", O.COMPLETED)
    assert done.id == identity.occurrence_id(done.job_id, first)
    assert done.id in {row.id for row in judged}, "its id was taken by the wrong judgement"


def has_swept(home: EngineHome) -> bool:
    """Whether the engine has looked at everything by the clock as it is."""
    nodes = home.store.read(lambda reader: reader.scan(NODES_BY_START))
    return nodes[-1].swept_at == home.clock.now()


async def test_a_pause_by_a_clock_that_was_ahead_holds_from_the_correction_on_and_can_be_ended(
    home: EngineHome,
) -> None:
    """Regression: the job ran until the instant of the pause came again, and nobody could resume it."""
    home.job("backup")
    await home.start()
    home.clock.set_wall(DAY_S)
    await home.until(lambda: has_swept(home))
    home.store.write(partial(control.pause, job=BACKUP, now=home.clock.now(), until=None, reason=None, actor="me"))
    home.clock.set_wall(-DAY_S)
    await home.until(lambda: (found := home.the_job("backup")) and found.paused_at == home.clock.now())
    home.clock.advance(30.0)
    await home.until(lambda: home.rows("backup", O.SKIPPED))
    home.store.write(partial(control.resume, job=BACKUP, now=home.clock.now(), actor="me"))
    home.clock.advance(60.0)
    await home.until(lambda: home.rows("backup", O.COMPLETED))
    assert [(row.state, row.reason) for row in home.rows("backup")][:2] == [
        (O.SKIPPED, Reason.PAUSED),
        (O.COMPLETED, None),
    ]


async def test_a_clock_that_shows_a_time_before_the_program_was_made_takes_nothing_back() -> None:
    """Regression: a board that boots in 1970 set every cursor back to then, and made up for 56 years a moment later."""
    store = MemoryStore()
    world = World(store)
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    before = world.the_job(definition), world.rows(definition), world.pauses(definition)
    engine = TurningEngine(store, ManualClock(datetime(1970, 1, 1, tzinfo=UTC)), FakeSupervisor())
    await engine.begin()
    await engine.sync()
    await engine.sweep()
    assert (world.the_job(definition), world.rows(definition), world.pauses(definition)) == before
    engine.clock.set_wall((world.now - engine.clock.now()).total_seconds() + 30.0)
    await engine.sync()
    assert world.rows(definition)[0].reason is Reason.PAUSED
    await engine.close()
    store.close()


async def test_an_engine_whose_clock_is_not_the_stores_takes_nothing_back() -> None:
    """Regression: on a shared server, an engine an hour behind moved pauses and cursors that were right."""
    store = MemoryStore()
    world = World(store)
    definition = job()
    world.publish(definition)
    world.handle(world.planned(definition))
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    before = world.the_job(definition), world.rows(definition), world.pauses(definition)
    engine = TurningEngine(store, ManualClock(world.now - timedelta(hours=1)), FakeSupervisor())
    engine.owner = replace(engine.owner, closed=Reason.CLOCK_SKEW)
    await engine.begin()
    await engine.sweep()
    assert (world.the_job(definition), world.rows(definition), world.pauses(definition)) == before

    engine.owner = replace(engine.owner, closed=None)  # it was the store's clock that was wrong, and is right again
    await engine.sweep()
    assert world.the_job(definition).paused_at == engine.clock.now()
    await engine.close()
    store.close()
