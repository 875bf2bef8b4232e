"""Hazard 14: a clock a year ahead decided things; after the correction the real instants are planned again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.pauses import is_paused, snoozed_until
from jobistemer_tui.domain.records import GapState, JobGap
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.engine.transactions.hold_gap import hold_gap
from jobistemer_tui.engine.transactions.pauses import paused_ahead
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.pull_back import judged_ahead, pull_back
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.storage.tables import OCCURRENCES, RANGES_BY_JOB
from tests.support.engine_world import World, job


def test_what_a_clock_ahead_has_missed_is_planned_again(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    truth = world.now
    world.later(minutes=30)
    world.resolve(definition)
    missed = world.rows(definition, O.MISSED)
    assert len(missed) == 30

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    planned = world.rows(definition, O.PLANNED)
    assert [row.id for row in planned] == [row.id for row in missed]
    assert all(row.reason is None and row.handled_at is None for row in planned)
    assert world.the_job(definition).cursor_at == truth
    assert [event.kind for event in world.events("clock_went_back")] == ["clock_went_back"]


def test_a_cursor_that_is_right_is_left_alone(world: World) -> None:
    definition = job()
    world.publish(definition)
    before = world.snapshot()
    world.now -= timedelta(minutes=1)
    assert not world.run(pull_back, world.me, definition.id, world.now)
    assert world.snapshot() == before


@pytest.mark.parametrize("ran", [False, True])
def test_an_interval_counts_from_a_first_publication_that_was_told_right(world: World, ran: bool) -> None:
    """Regression: published by a clock a year ahead, a job without a start did not run for a year."""
    truth = world.now
    world.later(days=365)
    definition = job(schedule={"interval": "PT10M"})
    published = world.publish(definition).job.first_published_at
    if ran:
        world.later(minutes=10)
        world.handle(world.planned(definition))
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    moved = world.the_job(definition).first_published_at
    if ran:
        assert moved == published
    else:
        assert moved == truth
        assert world.planned(definition).scheduled_at == truth + timedelta(minutes=10)


def test_what_was_missed_of_an_interval_that_counts_from_elsewhere_now_is_no_plan(world: World) -> None:
    """Regression: it ran at the instants of both."""
    truth = world.now
    world.later(days=1)
    definition = job(schedule={"interval": "PT30M"}, recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(minutes=100)
    world.resolve(definition)
    assert len(world.rows(definition, O.MISSED)) == 3
    world.now = truth + timedelta(minutes=7)
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.planned(definition).scheduled_at == truth + timedelta(minutes=37)


def test_an_interval_whose_instant_ran_by_a_backfill_is_not_counted_from_elsewhere(world: World) -> None:
    """Regression: the run was left with an instant that the job had never had."""
    truth = world.now
    world.later(hours=1)
    definition = job(schedule={"interval": "PT10M"})
    first = world.publish(definition).job.first_published_at
    world.run(control.stop, definition.id, now=world.now, actor="me")
    world.later(minutes=11)
    plan = world.raw.read(lambda r: control.plan_backfill(r, definition.id, first, world.now, world.now))
    (row,) = world.run(control.backfill, plan, world.request(1))
    world.claim(row)
    world.run(control.start, definition.id, now=world.now, actor="me")
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.the_job(definition).first_published_at == first
    assert row.scheduled_at == first + timedelta(minutes=10)


def test_what_really_was_missed_stays_missed(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(minutes=30)
    world.resolve(definition)
    world.later(minutes=-20)
    assert world.run(pull_back, world.me, definition.id, world.now)
    stays = world.rows(definition, O.MISSED)
    assert len(stays) == 10
    assert {row.reason for row in stays} == {Reason.DOWNTIME}


@pytest.mark.parametrize("strategy", ["compressed", "bounded-window", "execute-last"])
def test_whatever_the_strategy_said_of_instants_that_lie_ahead_again_is_forgotten(world: World, strategy: str) -> None:
    window: dict[str, Any] = {"recovery_window.max_occurrences": 2}
    definition = job(recovery_strategy=strategy, **window)
    world.publish(definition)
    truth = world.now
    world.later(minutes=30)
    world.resolve(definition)
    assert world.rows(definition, O.PENDING)

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    planned = world.rows(definition, O.PLANNED)
    assert len(planned) == 30, "a run that waits is of its instant too"
    kinds = {(row.trigger, row.reason, row.due_at == row.scheduled_at) for row in planned}
    assert kinds == {(Trigger.SCHEDULE, None, True)}
    assert not world.rows(definition, O.MISSED, O.PENDING, O.QUEUED)


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize(("back_to", "left"), [(60, [59]), (-60, [])])
def test_a_range_of_missed_instants_is_cut_at_now(
    world: World, back_to: int, left: list[int], stopped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: of a job that was stopped, what had passed was forgotten too."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 50)
    definition = job(schedule={"interval": "PT1S"}, recovery_strategy="mark-as-missed")
    world.publish(definition)
    truth = world.now
    world.later(minutes=5)
    world.resolve(definition)
    if stopped:
        world.run(control.stop, definition.id, now=world.now, actor="eva")
    world.now = truth + timedelta(seconds=back_to)
    assert world.run(pull_back, world.me, definition.id, world.now)
    ranges = world.store.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))
    assert [found.count for found in ranges] == left
    assert all(found.to_at == world.now for found in ranges)
    first = max(world.now, truth) + timedelta(seconds=1)
    assert stopped or world.rows(definition, O.PLANNED)[0].scheduled_at == first


def test_a_request_that_waits_waits_as_long_from_now(world: World) -> None:
    definition = job(schedule=None)
    world.publish(definition)
    truth = world.now
    world.later(hours=3)
    row = world.trigger(definition, UUID(int=7))
    late = replace(row, due_at=world.now + timedelta(seconds=30))
    world.run(lambda tx: tx.replace(OCCURRENCES, row, late))
    world.now = truth
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == {definition.id}
    assert world.run(pull_back, world.me, definition.id, world.now)
    (waits,) = world.rows(definition, O.PENDING)
    assert waits.due_at == truth + timedelta(seconds=30)
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == set()
    assert not world.run(pull_back, world.me, definition.id, world.now)


def test_what_a_person_has_put_off_is_not_asked_about_again_and_again(world: World) -> None:
    """Regression: a snoozed row that waited was found by every sweep, and nothing was ever taken back of it."""
    definition = job(schedule=None)
    world.publish(definition)
    truth = world.now
    world.later(hours=3)
    row = world.trigger(definition, UUID(int=7))
    until = world.now + timedelta(hours=1)
    snoozed = occurrence_moves.hold(row, until, Reason.SNOOZED, {"until": instant_text(until)})
    world.run(lambda tx: tx.replace(OCCURRENCES, row, snoozed))
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == set()
    assert not world.run(pull_back, world.me, definition.id, truth)


def test_a_retry_waits_as_long_from_now(world: World) -> None:
    retries: dict[str, Any] = {"retry_policy.max_retries": 1, "retry_policy.retry_interval": 30.0}
    definition = job(**retries)
    world.publish(definition)
    truth = world.now
    world.later(hours=3)
    world.resolve(definition)
    (row,) = world.rows(definition, O.PENDING)
    world.claim(row)
    world.end(row, AttemptState.FAILED)
    world.now = truth
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == {definition.id}
    assert world.run(pull_back, world.me, definition.id, world.now)
    retry = world.attempts(row)[-1]
    assert (retry.state, retry.not_before) == (AttemptState.PLANNED, truth + timedelta(seconds=30))


def test_what_has_begun_once_is_no_plan_any_more(world: World) -> None:
    """Regression: such a row was planned again and then dropped, which its task runs forbid: the job stayed ahead."""
    definition = job(start_deadline=900.0)
    world.publish(definition)
    truth = world.now
    world.later(hours=3)
    world.resolve(definition)
    (row,) = world.rows(definition, O.PENDING)
    begun = world.claim(row).occurrence
    assert begun is not None
    never = frozenset(attempt.id for attempt in world.attempts(begun))
    world.run(reap, world.other, begun.id, Evidence(world.me.node_id, begun.epoch, frozenset(), never), world.now)
    world.later(hours=1)
    world.claim(row)
    assert world.occurrence(row).state is O.MISSED

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.occurrence(row).state is O.MISSED
    assert world.the_job(definition).cursor_at == truth
    assert row.id not in {planned.id for planned in world.rows(definition, O.PLANNED)}


def pause(world: World, definition: JobDefinition, **until: float) -> None:
    end = world.now + timedelta(**until) if until else None
    world.run(control.pause, definition.id, now=world.now, until=end, reason="holidays", actor="me", batch=UUID(int=5))


def look_at_pauses(world: World) -> set[UUID]:
    return world.store.read(lambda reader: paused_ahead(reader, world.now))


@pytest.mark.parametrize("ahead", [{"seconds": 90}, {"hours": 1}, {"days": 365}])
def test_a_pause_by_a_clock_ahead_holds_at_once_and_lasts_as_long_from_now(
    world: World, ahead: dict[str, float]
) -> None:
    """Regression: the job ran until the time of the pause came again, and could not be resumed meanwhile."""
    definition = job()
    world.publish(definition)
    world.later(**ahead)
    pause(world, definition, minutes=5)
    world.later(**{unit: -length for unit, length in ahead.items()})
    assert is_paused(world.the_job(definition), world.now), "before any engine has looked"
    first = world.handle_next(definition)
    assert (first.state, first.reason) == (O.SKIPPED, Reason.PAUSED)
    assert look_at_pauses(world) == {definition.id}
    assert world.run(pull_back, world.me, definition.id, world.now)
    row, begin = world.the_job(definition), world.now
    assert (row.paused_at, row.paused_until, row.pause_reason) == (begin, begin + timedelta(minutes=5), "holidays")
    assert [(span.begin_at, span.end_at) for span in world.pauses(definition)] == [(begin, row.paused_until)]
    assert world.pauses(definition)[0].batch == UUID(int=5), "it was paused together with all others"
    assert look_at_pauses(world) == set()
    fates = [world.handle_next(definition).state for _ in range(6)]
    assert fates == [O.SKIPPED] * 4 + [O.RUNNING, O.SKIPPED], "at its end it runs, and then meets itself"


@pytest.mark.parametrize("looked", [False, True], ids=["at once", "after a look"])
def test_a_pause_by_a_clock_ahead_can_be_ended(world: World, looked: bool) -> None:
    definition = job()
    world.publish(definition)
    world.later(days=365)
    pause(world, definition)
    world.later(days=-365)
    if looked:
        world.run(pull_back, world.me, definition.id, world.now)
    world.later(seconds=1)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    assert not is_paused(world.the_job(definition), world.now)
    assert world.handle_next(definition).state is O.RUNNING


@pytest.mark.parametrize("begun_ahead", [False, True])
def test_what_a_clock_ahead_noted_of_a_pause_that_is_over_pauses_nothing(world: World, begun_ahead: bool) -> None:
    """Regression: a pause that was ended an hour ahead went on for that hour, though the job was not paused."""
    definition = job()
    world.publish(definition)
    if not begun_ahead:
        pause(world, definition)
    world.later(hours=1)
    if begun_ahead:
        pause(world, definition)
    world.later(minutes=20)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    world.later(minutes=-80)
    assert look_at_pauses(world) == {definition.id}
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert look_at_pauses(world) == set()
    assert [span.end_at for span in world.pauses(definition)] == ([] if begun_ahead else [world.now])
    assert world.handle_next(definition).state is O.RUNNING


def test_a_pause_that_is_right_is_left_alone(world: World) -> None:
    paused, was, renewed = job(name="paused"), job(name="was"), job(name="renewed")
    for definition in (paused, was, renewed):
        world.publish(definition)
        pause(world, definition, hours=1)
    world.later(minutes=1)
    world.run(control.resume, was.id, now=world.now, actor="me")
    pause(world, renewed, hours=2)
    before = world.snapshot()
    assert look_at_pauses(world) == set()
    for definition in (paused, was, renewed):
        assert not world.run(pull_back, world.me, definition.id, world.now)
    assert world.snapshot() == before


def test_what_a_clock_ahead_has_started_has_no_more_time_than_it_was_given(world: World) -> None:
    """Regression: where no engine saw the clock set back, the execution time-out of what ran was a year away."""
    definition = job(execution_timeout=600.0)
    world.publish(definition)
    truth = world.now
    world.later(days=365)
    row = world.begin(definition)
    world.now = truth
    assert definition.id in world.store.read(lambda reader: judged_ahead(reader, truth))
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.occurrence(row).deadline_at == truth + timedelta(minutes=10)
    assert not world.run(pull_back, world.me, definition.id, world.now)


@pytest.mark.parametrize("how", ["paused", "stopped", "dropped"])
def test_what_was_skipped_together_by_a_clock_ahead_is_planned_again(world: World, how: str) -> None:
    """Regression: resumed, or started again, after the clock was set right, the job did not run for a month."""
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    truth, first = world.now, world.planned(definition)
    if how == "paused":
        pause(world, definition)
    world.later(days=30)
    if how == "stopped":
        world.run(control.stop, definition.id, now=world.now, actor="me")
    elif how == "dropped":
        gap = JobGap(definition.id, first.scheduled_at, GapState.HELD, Reason.DOWNTIME, world.now, world.now)
        world.run(hold_gap, world.me, gap, world.now)
        world.run(control.drop_gap, definition.id, now=world.now, actor="me")
    if how != "stopped":
        assert world.resolve(definition) is None
    assert len(world.rows(definition, O.SKIPPED)) == 720

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.rows(definition, O.SKIPPED) == []
    if how == "stopped":
        assert world.rows(definition) == []
        world.run(control.start, definition.id, now=world.now, actor="me")
    if how == "paused":
        world.run(control.resume, definition.id, now=world.now, actor="me")
    again = world.rows(definition)[0]
    assert (again.id, again.state, again.reason) == (first.id, O.PLANNED, None)
    world.now = again.due_at
    world.handle(again)
    assert world.occurrence(again).state is O.RUNNING


def test_a_job_that_is_stopped_gets_no_plan_back(world: World) -> None:
    """Regression: what a clock ahead had missed of it was planned again, and ran."""
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    truth = world.now
    world.later(minutes=30)
    world.resolve(definition)
    world.run(control.stop, definition.id, now=world.now, actor="me")
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.rows(definition) == []
    assert world.the_job(definition).stopped


@pytest.mark.parametrize("executed", [False, True])
def test_what_a_person_wants_to_be_skipped_still_is(world: World, executed: bool) -> None:
    """Regression: the mark went with the plan of the wrong clock, and the run was started."""
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    truth = world.now
    if not executed:
        world.end(world.handle_next(definition), AttemptState.SUCCESS)
    marked = world.run(control.skip_next, definition.id, now=world.now, actor="me", reason="no disk")
    if executed:
        assert world.handle_next(definition).state is O.SKIPPED
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    row = world.occurrence(marked)
    assert (row.state, row.reason, row.detail) == (O.PLANNED, Reason.SKIPPED_BY_USER, marked.detail)
    world.now = row.due_at
    world.handle(row)
    assert world.occurrence(row).state is O.SKIPPED


@pytest.mark.parametrize(("schedule", "stays"), [("0 * * * *", True), ({"interval": "PT1H"}, False)])
def test_a_mark_of_a_job_that_is_gone_waits_for_its_return_if_the_schedule_has_its_instant(
    world: World, schedule: Any, *, stays: bool
) -> None:
    """Regression: counted from another moment, the interval did not have it any more, and it stayed all the same."""
    definition = job(schedule=schedule)
    world.publish(definition)
    marked = world.run(control.skip_next, definition.id, now=world.now, actor="me")
    world.run(retire, world.me, definition.id, world.now)
    world.now -= timedelta(minutes=10)
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.rows(definition, O.PLANNED) == ([marked] if stays else [])


def test_a_mark_that_lies_in_a_gap_that_was_dropped_stays(world: World) -> None:
    """Regression: the mark was taken for a part of the drop, and the run was started."""
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    truth = world.now
    marked = world.run(control.skip_next, definition.id, now=world.now, actor="me", reason="no disk")
    world.later(hours=30)
    gap = JobGap(definition.id, marked.scheduled_at, GapState.HELD, Reason.DOWNTIME, world.now, world.now)
    world.run(hold_gap, world.me, gap, world.now)
    world.run(control.drop_gap, definition.id, now=world.now, actor="me")
    assert world.resolve(definition) is None
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    first, *others = world.rows(definition)
    assert (first.id, first.reason, first.detail) == (marked.id, Reason.SKIPPED_BY_USER, marked.detail)
    assert {row.reason for row in others} == {None}


def test_a_run_that_a_person_put_off_by_a_clock_ahead_waits_as_long_from_now(world: World) -> None:
    """Regression: it kept its job from running until the wrong time came."""
    definition = job(schedule=None)
    world.publish(definition)
    truth = world.now
    row = world.trigger(definition, UUID(int=7))
    world.later(days=365)
    world.run(control.snooze, definition.id, until=world.now + timedelta(minutes=5), now=world.now, actor="me")
    world.now = truth
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == {definition.id}
    assert world.run(pull_back, world.me, definition.id, world.now)
    waits, until = world.occurrence(row), truth + timedelta(minutes=5)
    assert (waits.due_at, waits.handled_at, snoozed_until(waits)) == (until, truth, until)
    assert world.store.read(lambda reader: judged_ahead(reader, truth)) == set()


def test_a_persons_skip_is_told_from_a_drop_of_the_gap_around_it_in_the_same_words(world: World) -> None:
    """Regression: it was taken back with the gap that there was not."""
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    truth, first = world.now, world.planned(definition)
    said = {"actor": "me", "reason": "no need"}
    marked = world.run(control.skip, definition.id, first.scheduled_at + timedelta(hours=2), now=world.now, **said)
    world.later(hours=5)
    gap = JobGap(definition.id, first.scheduled_at, GapState.HELD, Reason.DOWNTIME, world.now, world.now)
    world.run(hold_gap, world.me, gap, world.now)
    world.run(control.drop_gap, definition.id, now=world.now, actor="me", why="no need")
    assert world.resolve(definition) is None
    assert len(world.rows(definition, O.SKIPPED)) == 5

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    kept = [row for row in world.rows(definition, O.PLANNED) if row.reason is not None]
    assert [(row.id, row.reason, row.detail) for row in kept] == [(marked.id, marked.reason, marked.detail)]


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_what_waited_by_a_clock_ahead_and_was_given_up_is_planned_again(world: World, how: str) -> None:
    """Regression: cancelled by the planner, none of the instants of a year ran when their time came."""
    definition = job(recovery_strategy="execute-all", overlap_policy="replace")
    world.publish(definition)
    truth = world.now
    world.later(minutes=20)
    world.resolve(definition)
    asked_for = world.rows(definition, O.QUEUED)[0]
    world.run(control.cancel, asked_for.id, now=world.now, actor="me", reason=None)
    if how == "removed":
        world.run(retire, world.me, definition.id, world.now)
        world.publish(definition)
    else:
        world.later(minutes=1)
        world.handle(world.planned(definition))
    assert len(world.rows(definition, O.CANCELED)) == 20
    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert [row.id for row in world.rows(definition, O.CANCELED)] == [asked_for.id], "a person wanted that"
    assert world.rows(definition, O.PLANNED)[0].scheduled_at == truth + timedelta(seconds=30)
