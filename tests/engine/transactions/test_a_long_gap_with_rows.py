"""Of the older instants of a long gap, which share one row, those that have a row already keep what it says."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import MissedRange
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.storage.tables import RANGES_BY_JOB
from tests.support.engine_world import World, job


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 4)


def ranges(world: World, definition: JobDefinition) -> list[MissedRange]:
    return world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))


@pytest.mark.parametrize(("hours", "state"), [(2, O.PENDING), (0.1, O.MISSED)])
def test_a_run_that_is_put_off_beyond_the_gap_waits_on(world: World, hours: float, state: O) -> None:
    """Regression: it was missed, though it was to start later than now."""
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    until = world.now + timedelta(hours=hours)
    put_off = world.run(control.snooze, definition.id, until=until, now=world.now, actor="eva")
    world.later(minutes=10)
    world.resolve(definition)
    found = world.occurrence(put_off)
    assert found.state is state
    assert state is O.MISSED or (found.reason, found.due_at) == (Reason.SNOOZED, until)
    assert [each.count for each in ranges(world, definition)] == [5]


def test_what_was_run_before_the_gap_was_found_is_none_of_the_range(world: World) -> None:
    """Regression: it was counted among what was missed."""
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    begin = world.now
    world.later(minutes=5)
    plan = world.raw.read(
        lambda reader: control.plan_backfill(
            reader, definition.id, begin + timedelta(minutes=2), begin + timedelta(minutes=3), world.now
        )
    )
    (made,) = world.run(control.backfill, plan, world.request(1))
    world.later(minutes=5)
    world.resolve(definition)
    assert world.occurrence(made) == made
    assert [each.count for each in ranges(world, definition)] == [4]
    (told,) = world.events("gap_resolved")
    assert told.detail["instants"] == 10
    assert world.tally(definition).counts["missed"] == 9
