"""Start, stop, pause and resume: what each changes, that twice is as once, and what the audit says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import MissedRange
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.storage.tables import RANGES_BY_JOB
from tests.support.engine_world import World, job
from tests.support.world_ticker import ticker_of

NOBODY = UUID(int=999)


def fates(world: World) -> list[tuple[datetime, O, Reason | None]]:
    return [(row.scheduled_at, row.state, row.reason) for row in world.rows(job())]


def test_a_stopped_job_has_no_planned_row_and_leaves_no_rows(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    assert ticker.stop("disk swap").stopped
    assert world.rows(definition) == []
    world.later(hours=1)
    assert not ticker.start().stopped
    assert world.planned(definition).scheduled_at == world.now + timedelta(seconds=30), "it begins at now"
    assert len(world.rows(definition)) == 1


def test_what_runs_or_waits_goes_on_when_a_job_is_stopped(world: World) -> None:
    definition = job(overlap_policy="queue")
    running = world.begin(definition)
    waiting = world.handle_next(definition)
    ticker_of(world, definition).stop()
    world.end(running, AttemptState.SUCCESS)
    assert world.occurrence(running).state is O.COMPLETED
    assert world.occurrence(waiting).state is O.PENDING
    world.claim(waiting)
    assert world.occurrence(waiting).state is O.RUNNING
    assert world.rows(definition, O.PLANNED) == []


def test_what_was_due_before_a_stop_and_never_handled_is_skipped(world: World) -> None:
    """Regression: a job that was stopped while no engine was up ran as soon as one came."""
    definition = job()
    world.publish(definition)
    world.later(minutes=3)
    ticker = ticker_of(world, definition)
    ticker.stop()
    assert {(state, reason) for _, state, reason in fates(world)} == {(O.SKIPPED, Reason.STOPPED)}
    assert len(fates(world)) == 3
    world.later(minutes=5)
    ticker.start()
    assert len(world.rows(definition)) == 4
    assert world.resolve(definition) is None, "there is no gap"


def test_a_due_row_of_an_older_schedule_is_skipped_too(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(milliseconds=5)
    world.publish(job(schedule="30 * * * *"))
    ticker_of(world, definition).stop()
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.SKIPPED, Reason.STOPPED)
    assert world.rows(definition, O.PLANNED) == []


def test_a_mark_keeps_its_own_reason_when_the_job_is_stopped_too_late(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker_of(world, definition).skip_next()
    world.later(minutes=1)
    ticker_of(world, definition).stop()
    assert [reason for _, _, reason in fates(world)] == [Reason.SKIPPED_BY_USER]


def test_of_a_very_long_time_without_an_engine_the_oldest_become_a_range(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 50)
    definition = job()
    world.publish(definition)
    world.later(minutes=57)
    ticker_of(world, definition).stop()
    assert len(world.rows(definition, O.SKIPPED)) == 51, "the planned one among the oldest keeps its row"
    (rest,) = world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))
    assert isinstance(rest, MissedRange)
    assert (rest.count, rest.reason) == (6, Reason.STOPPED)


def test_an_edit_of_a_stopped_job_plans_nothing(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker_of(world, definition).stop()
    world.later(minutes=1)
    world.publish(job(schedule="30 * * * *"))
    world.publish(job(schedule={"once": "2026-03-02T05:00"}, timezone="UTC"))
    assert world.rows(definition) == []
    assert world.the_job(definition).stopped


@pytest.mark.parametrize("verb", ["start", "stop", "pause", "resume"])
def test_twice_is_as_once(world: World, verb: str) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    for first in {"start": ["stop"], "resume": ["pause"]}.get(verb, []):
        getattr(ticker, first)()
    getattr(ticker, verb)()
    before = world.snapshot()
    world.later(seconds=1)
    getattr(ticker, verb)()
    assert world.snapshot() == before


def test_each_act_is_in_the_audit_with_who_and_why(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause("holidays", world.now + timedelta(hours=1))
    ticker.resume()
    ticker.stop("moved away")
    ticker.start()
    told = [(event.kind, event.actor, event.detail.get("reason")) for event in world.events()[1:]]
    assert told == [
        ("job_paused", "eva", "holidays"),
        ("job_resumed", "eva", None),
        ("job_stopped", "eva", "moved away"),
        ("job_started", "eva", None),
    ]
    assert world.events("job_paused")[0].detail["until"] == "2026-03-02T06:00:30Z"


def test_a_pause_ends_though_the_clock_was_ahead_at_the_one_before(world: World) -> None:
    definition = job(schedule=None)
    world.publish(definition)
    world.later(seconds=90)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    world.later(seconds=10)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    world.later(seconds=-90)
    for until in (None, world.now + timedelta(minutes=5)):
        world.run(control.pause, definition.id, now=world.now, until=until, reason=None, actor="me")
        world.later(seconds=1)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    spans = world.pauses(definition)
    assert len(spans) == 2
    assert all(span.end_at is not None and span.end_at <= world.now for span in spans)


def test_a_pause_that_has_ended_by_itself_is_none(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause(None, world.now + timedelta(seconds=10))
    world.later(seconds=20)
    assert not ticker.is_paused()
    before = world.snapshot()
    ticker.resume()
    assert world.snapshot() == before
    ticker.pause("again")
    assert [span.reason for span in world.pauses(definition)] == [None, "again"]


def test_two_pauses_at_one_moment_leave_the_second(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause("first")
    ticker.pause("second")
    assert [(span.end_at, span.reason) for span in world.pauses(definition)] == [(None, "second")]


def test_pausing_together_leaves_those_that_are_paused_and_resuming_together_too(world: World) -> None:
    one, other = job(name="one"), job(name="other")
    for definition in (one, other):
        world.publish(definition)
    ticker_of(world, one).pause("disk swap")
    for definition in (one, other):
        world.run(control.pause, definition.id, now=world.now, until=None, reason="night", actor="eva", batch=NOBODY)
    assert (world.the_job(one).pause_reason, world.the_job(other).pause_reason) == ("disk swap", "night")
    for definition in (one, other):
        world.run(control.resume, definition.id, now=world.now, actor="eva", batch=NOBODY)
    assert (world.the_job(one).pause_reason, world.the_job(other).pause_reason) == ("disk swap", None)


def test_nobody_has_no_ticker(world: World) -> None:
    ticker = ticker_of(world, job(name="nobody"))
    calls: list[Callable[[], object]] = [
        ticker.start, ticker.stop, ticker.pause, ticker.resume, ticker.skip_next, ticker.unskip, ticker.unsnooze,
        ticker.is_active, ticker.is_paused, ticker.is_enabled, ticker.next_run, lambda: ticker.snooze(world.now),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(NotFound):
            call()
    assert not ticker.is_running()
    assert world.events() == []


def test_the_questions(world: World) -> None:
    window = {"cron": "* * * * *", "start": "2026-03-02T05:30:00Z", "end": "2026-03-02T06:30:00Z"}
    definition = job(schedule=window)
    world.publish(definition)
    ticker = ticker_of(world, definition)
    assert (ticker.is_active(), ticker.is_enabled()) == (False, False), "before its window"
    assert ticker.next_run() == world.planned(definition).scheduled_at
    world.later(hours=1)
    assert (ticker.is_active(), ticker.is_enabled(), ticker.is_paused()) == (True, True, False)
    ticker.pause()
    assert (ticker.is_active(), ticker.is_enabled(), ticker.is_paused()) == (True, False, True)
    assert ticker.next_run() is None, "nothing before a person resumes it"
    ticker.pause(until=world.now + timedelta(minutes=2))
    assert ticker.next_run() == world.now + timedelta(minutes=2, seconds=30)
    ticker.resume()
    ticker.stop()
    assert (ticker.is_active(), ticker.is_enabled(), ticker.next_run()) == (True, False, None)


def test_is_running_is_what_the_store_says(world: World) -> None:
    definition = job()
    row = world.begin(definition)
    ticker = ticker_of(world, definition)
    assert ticker.is_running()
    world.end(row, AttemptState.SUCCESS)
    assert not ticker.is_running()


def test_a_job_without_a_schedule_is_not_active(world: World) -> None:
    definition = job(schedule=None)
    world.publish(definition)
    ticker = ticker_of(world, definition)
    assert (ticker.is_active(), ticker.is_enabled(), ticker.next_run()) == (False, False, None)
    with pytest.raises(Refused, match="only when triggered"):
        ticker.skip_next()


def test_what_passed_in_a_pause_before_a_stop_was_paused(world: World) -> None:
    """Regression: it was said to have been stopped, though nobody had stopped it then."""
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason="works", actor="me")
    world.later(minutes=2)
    world.run(control.resume, definition.id, now=world.now, actor="me")
    world.later(minutes=1)
    ticker_of(world, definition).stop()
    reasons = [(row.reason, row.detail) for row in world.rows(definition)]
    assert reasons == [(Reason.PAUSED, {"reason": "works"})] * 2 + [(Reason.STOPPED, {})]
