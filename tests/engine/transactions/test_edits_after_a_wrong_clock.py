"""Hazard 14: an edit by a clock that was wrong, or right after it, puts nothing off and hides nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import Change
from jobistemer_tui.engine.transactions.pull_back import RELEASED, pull_back
from jobistemer_tui.engine.transactions.resolve_gap import read_gap
from tests.support.broken_schedule import break_first_version
from tests.support.engine_world import World, job


def test_a_new_schedule_does_not_wait_for_an_old_instant_that_a_clock_ahead_has_reckoned(world: World) -> None:
    """Regression: edited by a clock a year ahead, a job under `graceful` did not run for a year."""
    truth = world.now
    world.later(days=365)
    world.publish(job(schedule="0 * * * *"))
    definition = job(schedule="*/5 * * * *", update_policy="graceful")
    ahead = world.publish(definition).job.hands_over_at
    assert ahead is not None
    assert ahead > world.now
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.the_job(definition).hands_over_at is None
    assert world.planned(definition).scheduled_at <= truth + timedelta(minutes=5)


def test_an_edit_right_after_a_wrong_clock_does_not_wait_for_what_the_edit_before_it_reckoned(world: World) -> None:
    """Regression: published before the sweep saw that the clock was set back, its schedule rested for as long."""
    truth = world.now
    world.publish(job(schedule="*/5 * * * *"))
    world.later(hours=1)
    world.publish(job(schedule="*/2 * * * *", update_policy="graceful"))
    world.now = truth
    definition = job(update_policy="graceful")
    world.publish(definition)
    assert world.the_job(definition).hands_over_at == truth.replace(minute=2, second=0)
    assert [event.kind for event in world.events()][-2:] == ["clock_went_back", "job_published"]


def test_an_edit_after_a_wrong_clock_mends_a_schedule_that_does_not_work(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    truth = world.now
    world.later(hours=1)
    world.publish(job(schedule="0 * * * *"))
    break_first_version(monkeypatch)
    world.now = truth
    world.publish(job())
    assert world.planned(job()).scheduled_at == truth + timedelta(seconds=30)


def test_an_edit_by_a_clock_that_is_wrong_takes_nothing_back(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.now = RELEASED - timedelta(days=1)
    world.publish(job(schedule="0 * * * *"))
    assert world.events("clock_went_back") == []


@pytest.mark.parametrize("strategy", ["mark-as-missed", "execute-all"])
@pytest.mark.parametrize("started", [False, True])
def test_what_a_clock_ahead_has_missed_of_a_schedule_that_it_saw_edited_is_no_plan(
    world: World, strategy: str, *, started: bool
) -> None:
    """Regression: planned again, instants of the old schedule ran beside those of the one in force."""
    truth = world.now
    definition = job(schedule="*/2 * * * *", recovery_strategy=strategy)
    world.publish(definition)
    world.later(minutes=30)
    world.resolve(definition)
    world.publish(job(schedule="*/6 * * * *"))
    if started:
        world.run(control.stop, definition.id, now=world.now, actor="eva")
    world.now = truth
    if started:
        world.run(control.start, definition.id, now=world.now, actor="eva")
    assert world.run(pull_back, world.me, definition.id, world.now) != started, "nothing is left for the sweep"
    rows = world.rows(definition)
    assert [row.scheduled_at.minute for row in rows] == [6, 12, 18, 24, 30]
    assert {row.state for row in rows} == {O.PLANNED}


def test_what_a_new_schedule_leaves_out_is_not_planned_again(world: World) -> None:
    """Regression: missed by a clock ahead, an instant ran though the schedule in force excludes it."""
    truth = world.now
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(minutes=5)
    world.resolve(definition)
    world.publish(job(schedule={"cron": "* * * * *", "exclude": ["3 * * * *"]}))
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert [row.scheduled_at.minute for row in world.rows(definition, O.PLANNED)] == [1, 2, 4, 5]
    for row in world.rows(definition)[:2]:
        world.now = row.due_at
        world.handle(row)
    left_out = world.rows(definition)[2]
    assert (left_out.scheduled_at.minute, left_out.state, left_out.reason) == (3, O.PLANNED, Reason.EXCLUDED)


def test_an_edit_gives_what_has_passed_its_fate_also_where_a_clock_ahead_has_moved_the_cursor(world: World) -> None:
    """Regression: it was refused again and again, as if another had resolved the gap; so the job rested as well."""
    truth = world.now
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(hours=1)
    world.publish(job(schedule="*/2 * * * *", recovery_strategy="mark-as-missed"))
    world.now = truth + timedelta(minutes=3)
    gap = world.store.read(lambda reader: read_gap(reader, world.me, definition.id, awake=world.now, now=world.now))
    passed = [truth.replace(second=0) + timedelta(minutes=1)]
    assert [slot.instant for slot in gap.gap.slots] == passed
    edited = job(schedule="*/5 * * * *")
    assert world.publish(edited, gap=gap).change is Change.CHANGED
    assert [row.scheduled_at for row in world.rows(definition, O.MISSED)] == passed
    coming = [row.scheduled_at for row in world.rows(definition, O.PLANNED) if row.scheduled_at > world.now]
    assert coming == [truth.replace(minute=5, second=0)]
    assert world.events("clock_went_back")
