"""Hazard 23: an id is never taken twice: a slot without a fate has its own, one with a fate gets a replay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import MissedRange, Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.engine.backfill import Act
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.errors import Refused
from jobistemer_tui.storage.tables import MISSED_RANGES, RANGES_BY_JOB
from tests.support.engine_world import START, World, job
from tests.support.store_backends import every_backend

DAILY = job(schedule="0 3 * * *")


backend = every_backend


def day(number: int) -> datetime:
    """03:00 of a day of February."""
    return datetime(2026, 2, number, 3, 0, tzinfo=START.tzinfo)


def plan(world: World, first: int, last: int, definition: JobDefinition = DAILY) -> control.Backfill:
    return world.raw.read(lambda r: control.plan_backfill(r, definition.id, day(first), day(last), world.now))


def backfill(world: World, first: int, last: int, request: int = 1, **values: Any) -> list[Occurrence]:
    found = plan(world, first, last, **values)
    return world.run(control.backfill, found, world.request(request, reason="new report"))


def run(world: World, row: Occurrence) -> None:
    world.claim(row)
    assert world.occurrence(row).state is O.RUNNING, world.occurrence(row)
    world.end(row, AttemptState.SUCCESS)


def test_instants_from_before_the_job_was_known_get_their_own_ids_and_run_in_order(world: World) -> None:
    world.publish(DAILY)
    rows = backfill(world, 3, 5)
    assert [row.id for row in rows] == [identity.occurrence_id(DAILY.id, day(number)) for number in (3, 4, 5)]
    assert {row.trigger for row in rows} == {Trigger.BACKFILL}
    assert [row.state for row in rows] == [O.PENDING, O.QUEUED, O.QUEUED]
    for row in rows:
        run(world, row)
    assert [world.occurrence(row).state for row in rows] == [O.COMPLETED] * 3
    (event,) = world.events("backfilled")
    assert (event.detail["runs"], event.detail["why"], event.actor) == (3, "new report", "me")


def test_one_after_another_even_where_overlap_is_allowed(world: World) -> None:
    definition = job(schedule="0 3 * * *", overlap_policy="allow", max_active=5)
    world.publish(definition)
    first, second = backfill(world, 3, 4)
    world.claim(first)
    assert world.occurrence(second).state is O.QUEUED
    world.end(first, AttemptState.FAILED)
    assert world.occurrence(second).state is O.PENDING


def test_a_slot_with_a_fate_gets_a_replay_and_keeps_its_fate(world: World) -> None:
    world.publish(DAILY)
    first = backfill(world, 3, 3)
    run(world, first[0])
    second = backfill(world, 3, 4, request=2)
    assert [row.id for row in second] == [
        identity.replay_occurrence_id(first[0].id, 1), identity.occurrence_id(DAILY.id, day(4)),
    ]  # fmt: skip
    assert (second[0].replay_of, second[0].scheduled_at) == (first[0].id, day(3))
    assert world.occurrence(first[0]).state is O.COMPLETED


def test_the_same_request_gives_the_same_rows(world: World) -> None:
    world.publish(DAILY)
    found = plan(world, 3, 4)
    asked = world.request(1)
    first = world.run(control.backfill, found, asked)
    before = world.snapshot()
    assert [row.id for row in world.run(control.backfill, found, asked)] == [row.id for row in first]
    assert world.snapshot() == before


def test_what_is_open_is_left_alone_and_what_lies_ahead_is_not_touched(world: World) -> None:
    world.publish(DAILY)
    backfill(world, 3, 3)
    steps = plan(world, 3, 4).steps
    assert [step.act for step in steps] == [Act.OPEN, Act.RUN]
    ahead = world.raw.read(
        lambda r: control.plan_backfill(r, DAILY.id, world.now, world.now + timedelta(days=9), world.now)
    )
    assert ahead.steps == ()
    assert world.run(control.backfill, ahead, world.request(7)) == []


def test_over_a_range_it_splits_the_range_in_the_same_transaction(world: World) -> None:
    world.publish(DAILY)
    missed = MissedRange(DAILY.id, day(1), day(10), 10, Reason.DOWNTIME)
    world.raw.write(lambda tx: tx.insert(MISSED_RANGES, missed))
    rows = backfill(world, 4, 5)
    ranges = world.raw.read(lambda r: r.scan(RANGES_BY_JOB, DAILY.id))
    assert [(one.from_at, one.to_at, one.count) for one in ranges] == [
        (day(1), day(4) - datetime.resolution, 3), (day(5) + datetime.resolution, day(10), 5),
    ]  # fmt: skip
    originals = [world.occurrence(identity.occurrence_id(DAILY.id, day(number))) for number in (4, 5)]
    assert [(row.state, row.reason) for row in originals] == [(O.MISSED, Reason.DOWNTIME)] * 2
    assert [row.replay_of for row in rows] == [row.id for row in originals]
    again = plan(world, 1, 10)
    assert [step.missed is not None for step in again.steps] == [True] * 3 + [False] * 2 + [True] * 5


def test_of_the_range_of_a_schedule_that_was_edited_since_the_other_instants_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: those of the old schedule between two of the new one fell out of the range."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 4)
    hourly = job(schedule="0 * * * *", recovery_strategy="mark-as-missed")
    world.publish(hourly)
    world.later(days=4)
    world.resolve(hourly)
    (missed,) = world.raw.read(lambda r: r.scan(RANGES_BY_JOB, hourly.id))
    world.publish(job(schedule="0,30 3 * * *"))
    found = world.raw.read(lambda r: control.plan_backfill(r, hourly.id, missed.from_at, missed.to_at, world.now))
    named = [step.instant for step in found.steps if step.missed is not None]
    assert [(step.instant.minute, step.missed is not None) for step in found.to_run[:2]] == [(0, True), (30, False)]
    world.run(control.backfill, found, world.request(4))
    ranges = world.raw.read(lambda r: r.scan(RANGES_BY_JOB, hourly.id))
    assert [one.count for one in ranges] == [
        sum(one.from_at <= hour <= one.to_at for hour in hours(missed)) for one in ranges
    ]
    assert {hour for hour in hours(missed) for one in ranges if one.from_at <= hour <= one.to_at} == {
        *hours(missed)
    } - {*named}


def hours(missed: MissedRange) -> list[datetime]:
    """The instants of an hourly range that have no row: its first has one, which was planned."""
    count = (missed.to_at - missed.from_at) // timedelta(hours=1)
    return [missed.from_at + timedelta(hours=hour) for hour in range(1, count + 1)]


def test_a_plan_that_things_have_moved_under_changes_nothing(world: World) -> None:
    world.publish(DAILY)
    missed = MissedRange(DAILY.id, day(1), day(10), 10, Reason.DOWNTIME)
    world.raw.write(lambda tx: tx.insert(MISSED_RANGES, missed))
    stale_range, stale_row = plan(world, 4, 5), plan(world, 12, 12)
    backfill(world, 5, 6)
    backfill(world, 12, 12, request=2)
    before = world.snapshot()
    for stale in (stale_range, stale_row):
        with pytest.raises(Moved):
            world.run(control.backfill, stale, world.request(3))
    assert world.snapshot() == before


def test_a_plan_of_a_job_that_was_retired_since_is_refused(world: World) -> None:
    world.publish(DAILY)
    asked_late = plan(world, 3, 4)
    world.run(retire, world.me, DAILY.id, world.now)
    before = world.snapshot()
    with pytest.raises(Refused, match="not loaded"):
        world.run(control.backfill, asked_late, world.request(1))
    assert world.snapshot() == before


def test_what_has_no_instants_is_refused(world: World) -> None:
    unscheduled = job(schedule=None, name="by-hand")
    world.publish(unscheduled)
    with pytest.raises(Refused, match="no schedule"):
        plan(world, 1, 2, unscheduled)
    minutely = job(name="minutely")
    world.publish(minutely)
    with pytest.raises(Refused, match="more than 1000"):
        plan(world, 1, 2, minutely)
    world.publish(DAILY)
    world.run(retire, world.me, DAILY.id, world.now)
    with pytest.raises(Refused, match="not loaded"):
        plan(world, 1, 2)
