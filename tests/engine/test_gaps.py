"""Which gaps are held is known from the store; what is kept of it saves reading, and hides nothing for long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import GapState, JobGap
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.hold_gap import forget_gap, gap_row, hold_gap
from jobistemer_tui.engine.transactions.resolve_gap import read_gap
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import World, job
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine


def hold(world: World, definition: JobDefinition) -> None:
    begin = world.planned(definition).scheduled_at
    gap = JobGap(definition.id, begin, GapState.HELD, Reason.DOWNTIME, world.now, world.now, held_until=begin,
                 held_for=Reason.RECOVERY_HOLD)  # fmt: skip
    assert world.run(hold_gap, world.me, gap, world.now)


def test_a_gap_that_went_as_another_came_holds_its_job_until_the_next_sweep_at_most() -> None:
    """Regression: they were told by their number alone, and the job of the one that went was silent from then on."""
    world = World(MemoryStore())
    went, came = job(name="went"), job(name="came")
    for definition in (went, came):
        world.publish(definition)
    scheduler = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())._scheduler
    gaps = scheduler._gaps
    hold(world, went)
    gaps._held.add(went.id)
    world.raw.read(lambda reader: gaps.look(reader, world.now))
    assert gaps.holds(went.id)
    world.run(forget_gap, went.id)
    hold(world, came)
    world.raw.read(lambda reader: gaps.look(reader, world.now))
    scheduler.look_again()
    world.raw.read(lambda reader: gaps.look(reader, world.now))
    assert not gaps.holds(went.id)
    world.raw.close()


@pytest.mark.parametrize("known", [True, False], ids=["known", "held in this moment"])
async def test_what_another_engine_holds_is_no_late_start_of_one_that_was_slow(*, known: bool) -> None:
    """Regression: one that was frozen while another took its place ran what a person was to decide about."""
    world = World(MemoryStore())
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    clock = ManualClock(world.now)
    slow = TurningEngine(world.raw, clock, FakeSupervisor())
    await slow.begin()
    missed = world.planned(definition)
    clock.advance(90.0)
    world.now = clock.now()
    hold_found(world, definition)
    if known:
        await slow.sync()
    else:
        assert world.handle(missed).occurrence is None
    assert world.occurrence(missed) == missed
    clock.advance(601.0)
    await slow.sync()
    assert world.occurrence(missed).trigger is Trigger.RECOVERY
    await slow.close()
    world.raw.close()


async def test_what_waits_behind_a_gap_that_another_engine_holds_is_looked_at_when_that_is_over() -> None:
    """Regression: where the first row of the gap was set aside, the engine turned without a pause."""
    world = World(MemoryStore())
    definition = job(recovery_hold=600.0)
    world.publish(definition)
    slow = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())
    await slow.begin()
    missed = world.planned(definition)
    instant = missed.scheduled_at + timedelta(minutes=1)
    behind = world.run(control.skip, definition.id, instant, now=world.now, actor="me")
    slow.clock.advance(45.0)
    world.now = slow.clock.now()
    hold_found(world, definition)
    slow._scheduler._complain(missed.id, ValueError())
    slow.clock.advance(60.0)
    await slow._scheduler.turn()
    assert await slow._scheduler.turn() == world.now + timedelta(seconds=600)
    assert world.occurrence(behind) == behind
    await slow.sweep()
    slow.clock.advance(600.0)
    await slow.sync()
    assert world.occurrence(missed).trigger is Trigger.RECOVERY
    assert world.occurrence(behind).state is OccurrenceState.SKIPPED
    await slow.close()
    world.raw.close()


async def test_a_gap_that_a_person_decides_about_while_it_is_judged_is_judged_again_at_once() -> None:
    """Regression: its job waited for as long as the row in the store said, which a clock ahead may have written."""
    world = World(MemoryStore())
    definition = job()
    world.publish(definition)
    gaps = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())._scheduler._gaps
    begin = world.planned(definition).scheduled_at
    year = world.now + timedelta(days=365)
    ahead = JobGap(definition.id, begin, GapState.HELD, Reason.DOWNTIME, year, year, held_until=year,
                   held_for=Reason.CLOCK_UNSTEADY)  # fmt: skip
    assert world.run(hold_gap, world.me, ahead, world.now)
    a_minute = replace(ahead, found_at=world.now, awake_at=world.now, held_until=world.now + timedelta(minutes=1))
    world.run(control.release_gap, definition.id, now=world.now, actor="me")
    assert await gaps._hold(a_minute) == world.now
    assert not gaps.holds(definition.id)
    decided = world.raw.read(lambda reader: gap_row(reader, definition.id))
    assert decided is not None
    assert await gaps._hold(replace(a_minute, choice=decided.choice)) == a_minute.held_until
    assert await gaps._hold(replace(a_minute, choice=decided.choice)) == a_minute.held_until, "known already"
    assert gaps.holds(definition.id)
    world.raw.close()


def hold_found(world: World, definition: JobDefinition) -> None:
    """What an engine does that starts now."""
    away = Wakefulness(Reading(world.now, 0.0, 0.0))
    reading = world.raw.read(
        lambda reader: read_gap(reader, world.other, definition.id, awake=world.now, now=world.now, away=away)
    )
    assert reading.row is not None
    assert world.run(hold_gap, world.other, reading.row, world.now)
