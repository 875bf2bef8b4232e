"""Transaction 3: what follows the end of a try, all at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import RunWhen
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.advance import advance, start_retry, stop_or_expire
from jobistemer_tui.engine.transactions.takeover import Evidence, adopt, reap
from tests.support.engine_world import ME, OTHER, World, job, task


def retries(count: int) -> dict[str, Any]:
    return {"retry_policy.max_retries": count}


def states(world: World, row: Any) -> dict[str, T]:
    return {name: run.state for name, run in world.task_runs(row).items()}


def test_a_chain_of_successes_completes(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), task("c", "b")))
    for name, following in (("a", "b"), ("b", "c")):
        advanced = world.end(row, A.SUCCESS, name)
        assert advanced.progress is not None
        assert [launch.task.name for launch in advanced.progress.launches] == [following]
    advanced = world.end(row, A.SUCCESS, "c")
    assert advanced.progress is not None
    assert advanced.progress.launches == ()
    done = world.occurrence(row)
    assert (done.state, done.reason, done.finished_at, done.owner) == (O.COMPLETED, None, world.now, ME)


def test_retries_wait_longer_each_time_and_then_the_task_fails(world: World) -> None:
    settings: dict[str, Any] = {"retry_policy.max_retries": 2, "retry_policy.retry_interval": 60.0}
    row = world.begin(job(**settings))
    for number, wait in ((1, 60), (2, 120)):
        world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
        planned = world.attempts(row)[-1]
        assert (planned.number, planned.state) == (number + 1, A.PLANNED)
        assert planned.not_before == world.now + timedelta(seconds=wait)
        assert states(world, row) == {"dump": T.RETRYING}
        assert world.occurrence(row).state is O.RUNNING
        world.later(seconds=wait - 1)
        assert world.run(start_retry, world.me, planned.id, world.now) is None
        world.later(seconds=1)
        launch = world.run(start_retry, world.me, planned.id, world.now)
        assert launch is not None
        assert launch.attempt.state is A.RUNNING
        assert world.run(start_retry, world.me, planned.id, world.now) is None, "only once"
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.FAILED, Reason.TASK_FAILED)
    assert len(world.attempts(row)) == 3


def test_a_retry_while_canceling_is_not_made(world: World) -> None:
    row = world.begin(job(**retries(5)))
    world.run(control.cancel, row.id, now=world.now, actor="me", reason="wrong day")
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    assert [attempt.state for attempt in world.attempts(row)] == [A.FAILED]
    assert world.occurrence(row).state is O.FAILED, "it failed before it was stopped"


def test_a_retry_that_waits_ends_with_the_cancellation(world: World) -> None:
    row = world.begin(job(**retries(5)))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    planned = world.attempts(row)[-1]
    world.later(hours=1)
    assert world.run(start_retry, world.me, planned.id, world.now) is None
    world.run(stop_or_expire, world.me, row.id, world.now)
    assert world.attempt(planned.id).state is A.CANCELED
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.CANCELED, Reason.USER)


def test_cancelling_stops_what_runs_and_keeps_the_reason(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a")))
    world.run(control.cancel, row.id, now=world.now, actor="me", reason="wrong day")
    stopped = world.run(stop_or_expire, world.me, row.id, world.now)
    assert stopped.progress is not None
    assert [attempt.id for attempt in stopped.progress.stops] == [world.attempts(row, "a")[0].id]
    assert states(world, row) == {"a": T.RUNNING, "b": T.CANCELED}
    world.end(row, A.CANCELED, "a")
    done = world.occurrence(row)
    assert (done.state, done.reason, done.detail) == (O.CANCELED, Reason.USER, {"by": "me", "why": "wrong day"})
    assert world.attempts(row, "a")[0].reason is Reason.USER


def test_the_outcome_that_came_before_the_cancellation_stands(world: World) -> None:
    row = world.begin(job())
    world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    world.end(row, A.SUCCESS)
    assert world.occurrence(row).state is O.COMPLETED


FAST: dict[str, Any] = {"settings": {"failure_strategy": "fail-fast"}}
ON: dict[str, Any] = {"settings": {"failure_strategy": "continue"}}


@pytest.mark.parametrize(
    ("strategy", "bad", "other", "stopped", "ended"),
    [
        ("fail-fast", {}, {}, True, O.FAILED),
        ("fail-fast", {}, ON, False, O.FAILED),
        ("fail-fast", ON, {}, False, O.COMPLETED_WITH_ERRORS),
        ("continue", {}, {}, False, O.COMPLETED_WITH_ERRORS),
        ("continue", FAST, {}, False, O.FAILED),
        ("continue", FAST, FAST, True, O.FAILED),
    ],
)
def test_failure_strategies(
    world: World, strategy: str, bad: dict[str, Any], other: dict[str, Any], stopped: bool, ended: O
) -> None:
    row = world.begin(job(task("bad", **bad), task("other", **other), failure_strategy=strategy))
    advanced = world.end(row, A.FAILED, "bad", reason=Reason.TASK_FAILED)
    assert advanced.progress is not None
    assert bool(advanced.progress.stops) is stopped
    world.end(row, A.CANCELED if stopped else A.SUCCESS, "other")
    assert world.occurrence(row).state is ended
    if stopped:
        assert world.task_runs(row)["other"].reason is Reason.SIBLING_FAILED


def test_retry_on_failure_holds_the_occurrence_at_the_failed_task(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), failure_strategy="retry-on-failure"))
    for _ in range(3):
        world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
        assert states(world, row) == {"a": T.RETRYING, "b": T.PENDING}
        world.later(minutes=2)
        assert world.run(start_retry, world.me, world.attempts(row, "a")[-1].id, world.now) is not None
    world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    assert states(world, row) == {"a": T.FAILED, "b": T.CANCELED}
    assert world.occurrence(row).state is O.FAILED


def test_a_clean_up_runs_after_a_failure_and_the_run_is_failed_all_the_same(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), task("clean", "b", run_when=RunWhen.ALWAYS)))
    advanced = world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    assert advanced.progress is not None
    assert [launch.task.name for launch in advanced.progress.launches] == ["clean"]
    world.end(row, A.SUCCESS, "clean")
    assert states(world, row) == {"a": T.FAILED, "b": T.CANCELED, "clean": T.SUCCESS}
    assert world.occurrence(row).state is O.FAILED


def test_what_needs_a_failed_task_is_skipped_with_its_reason(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), task("c", "b"), failure_strategy="continue"))
    world.end(row, A.TIMEOUT, "a", reason=Reason.TIMEOUT)
    runs = world.task_runs(row)
    assert [(runs[name].state, runs[name].reason) for name in "bc"] == [(T.SKIPPED, Reason.NEED_NOT_MET)] * 2


@pytest.mark.parametrize(
    ("end", "left"), [(A.NOT_STARTED, T.CANCELED), (A.LOST, T.FAILED_STALE)], ids=["not started", "lost"]
)
def test_what_a_failed_sibling_stops_does_not_begin_again(world: World, end: A, left: T) -> None:
    row = world.begin(job(task("a"), task("b"), on_lost="rerun"))
    advanced = world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    assert advanced.progress is not None
    assert [attempt.state for attempt in advanced.progress.stops] == [A.RUNNING]
    advanced = world.end(row, end, "b")
    assert advanced.progress is not None
    assert advanced.progress.launches == ()
    assert states(world, row) == {"a": T.FAILED, "b": left}
    assert len(world.attempts(row, "b")) == 1


def test_a_failed_sibling_ends_a_retry_that_waits(world: World) -> None:
    row = world.begin(job(task("a", settings={"retry_policy.max_retries": 1}), task("b")))
    world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    world.end(row, A.FAILED, "b", reason=Reason.TASK_FAILED)
    assert states(world, row) == {"a": T.CANCELED, "b": T.FAILED}
    assert world.attempts(row, "a")[-1].state is A.CANCELED


def test_doing_it_twice_changes_nothing(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a")))
    world.end(row, A.SUCCESS, "a")
    attempt = world.attempts(row, "a")[0]
    before = world.snapshot()
    for state in (A.SUCCESS, A.FAILED):
        assert world.run(advance, world.me, attempt.id, AttemptEnd(state, None, world.now), world.now).progress is None
    assert world.snapshot() == before


def test_a_fenced_owner_changes_nothing_and_reports_late(world: World) -> None:
    row = world.begin(job())
    world.run(adopt, world.other, row.id, ME, world.now)
    advanced = world.end(row, A.SUCCESS)
    assert advanced.fenced
    assert world.attempts(row)[0].state is A.RUNNING
    (event,) = world.events("late_report")
    assert (event.occurrence_id, event.detail["status"]) == (row.id, "success")
    assert world.end(row, A.SUCCESS, owner=world.other).progress is not None
    assert world.occurrence(row).state is O.COMPLETED


def test_the_outcome_of_what_was_given_up_as_lost_is_reported_late(world: World) -> None:
    """Regression: a result that came after the reaping left no trace."""
    row = world.begin(job())
    lost = world.attempts(row)[0]
    world.run(reap, world.other, row.id, Evidence(ME, 1, frozenset({lost.id}), frozenset()), world.now)
    world.end(row, A.SUCCESS)
    assert [event.detail["status"] for event in world.events("late_report")] == ["success"]
    assert world.occurrence(row).state is O.FAILED_STALE


@pytest.mark.parametrize(
    ("on_lost", "state", "ended"), [("fail", T.FAILED_STALE, O.FAILED_STALE), ("rerun", T.RUNNING, O.RUNNING)]
)
def test_what_is_lost(world: World, on_lost: str, state: T, ended: O) -> None:
    row = world.begin(job(on_lost=on_lost))
    advanced = world.end(row, A.LOST, reason=Reason.SUPERVISOR_LOST)
    assert advanced.progress is not None
    assert len(advanced.progress.launches) == (1 if on_lost == "rerun" else 0)
    assert states(world, row) == {"dump": state}
    assert world.occurrence(row).state is ended


def test_what_never_started_counts_against_no_retry(world: World) -> None:
    row = world.begin(job(**retries(1)))
    world.end(row, A.NOT_STARTED, reason=Reason.NEVER_STARTED)
    first, second = world.attempts(row)
    assert (first.counted, second.state, second.number) == (False, A.RUNNING, 2)
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    assert world.attempts(row)[-1].state is A.PLANNED, "the one retry is still there"


def test_what_never_starts_is_not_tried_for_ever(world: World) -> None:
    row = world.begin(job())
    waits = []
    for _ in range(5):
        world.end(row, A.NOT_STARTED, reason=Reason.NEVER_STARTED)
        latest = world.attempts(row)[-1]
        if latest.state is A.PLANNED:
            assert latest.not_before is not None
            waits.append((latest.not_before - world.now).total_seconds())
            world.later(seconds=waits[-1])
            assert world.run(start_retry, world.me, latest.id, world.now) is not None
    assert waits == [1, 2, 4], "the first may have been bad luck; then time has to pass"
    assert (world.task_runs(row)["dump"].state, world.task_runs(row)["dump"].reason) == (T.FAILED, Reason.SPAWN)
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.FAILED, Reason.SPAWN)


def test_beyond_the_deadline_nothing_more_is_started(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), execution_timeout=60.0))
    world.later(seconds=60)
    stopped = world.run(stop_or_expire, world.me, row.id, world.now)
    assert stopped.progress is not None
    assert len(stopped.progress.stops) == 1
    world.end(row, A.CANCELED, "a")
    assert states(world, row) == {"a": T.CANCELED, "b": T.CANCELED}
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.FAILED, Reason.TIMEOUT)


def test_the_deadline_ends_an_occurrence_that_only_waits_for_a_retry(world: World) -> None:
    settings: dict[str, Any] = {
        "retry_policy.max_retries": 1,
        "retry_policy.retry_interval": 3600.0,
        "execution_timeout": 60.0,
    }
    row = world.begin(job(**settings))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    world.later(seconds=60)
    world.run(stop_or_expire, world.me, row.id, world.now)
    assert world.attempts(row)[-1].state is A.CANCELED
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.FAILED, Reason.TIMEOUT)


def test_a_run_that_ended_in_time_is_complete_even_if_the_engine_was_away(world: World) -> None:
    """Regression: recorded after the deadline, it was called a time-out."""
    row = world.begin(job(execution_timeout=60.0))
    world.later(hours=1)
    world.end(row, A.SUCCESS)
    assert world.occurrence(row).state is O.COMPLETED


def test_the_oldest_queued_is_woken_by_the_end_and_only_that_one(world: World) -> None:
    definition = job(overlap_policy="queue")
    first = world.begin(definition)
    second, third = world.handle_next(definition), world.handle_next(definition)
    advanced = world.end(first, A.SUCCESS)
    assert [row.id for row in advanced.promoted] == [second.id]
    assert (world.occurrence(second).state, world.occurrence(second).reason) == (O.PENDING, Reason.PROMOTED)
    assert world.occurrence(third).state is O.QUEUED
    fourth = world.handle_next(definition)
    assert fourth.state is O.QUEUED, "a woken one keeps its place before whatever comes due next"
    world.claim(second)
    world.end(second, A.SUCCESS)
    assert world.occurrence(third).state is O.PENDING


def test_a_retry_wait_holds_no_slot_of_the_node_but_its_jobs_place(world: World) -> None:
    hourly = retries(1) | {"retry_policy.retry_interval": 3600.0}
    world.slots = 1
    definition = job(**hourly)
    row = world.begin(definition)
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    other = job(name="other")
    world.publish(other)
    assert world.handle_next(definition).state is O.SKIPPED
    assert world.handle_next(other).state is O.RUNNING


def test_the_retry_of_an_occurrence_that_has_another_owner_is_not_ours(world: World) -> None:
    row = world.begin(job(**retries(1)))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    world.run(adopt, world.other, row.id, ME, world.now)
    world.later(hours=1)
    planned = world.attempts(row)[-1]
    assert world.run(start_retry, world.me, planned.id, world.now) is None
    assert world.run(start_retry, world.other, planned.id, world.now) is not None
    assert world.occurrence(row).owner == OTHER


def test_a_retry_that_nothing_may_be_started_for_says_why(world: World) -> None:
    """Regression: it said that too many processes ran, though the disk was full."""
    row = world.begin(job(task("dump", settings={"retry_policy.max_retries": 1, "retry_policy.retry_interval": 10.0})))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    world.later(seconds=10)
    world.no_slot = Reason.NO_SPACE
    retry = world.attempts(row)[-1]
    assert world.run(start_retry, world.me, retry.id, world.now) is None
    assert world.attempt(retry.id).reason is Reason.NO_SPACE
    world.no_slot = None
    assert world.run(start_retry, world.me, retry.id, world.now) is not None


def test_a_lost_try_counts_against_no_retry(world: World) -> None:
    row = world.begin(job(task("dump", settings={"on_lost": "rerun", "retry_policy.max_retries": 1})))
    world.end(row, A.LOST)
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    assert [attempt.state for attempt in world.attempts(row)] == [A.LOST, A.FAILED, A.PLANNED]


def test_tries_that_never_started_are_counted_in_a_row(world: World) -> None:
    row = world.begin(job(task("dump", settings={"retry_policy.max_retries": 1})))
    for state in (*[A.NOT_STARTED] * 3, A.FAILED, *[A.NOT_STARTED] * 3):
        latest = world.attempts(row)[-1]
        if latest.state is A.PLANNED:
            assert latest.not_before is not None
            world.now = latest.not_before
            assert world.run(start_retry, world.me, latest.id, world.now) is not None
        world.end(row, state, reason=Reason.TASK_FAILED if state is A.FAILED else Reason.NEVER_STARTED)
    assert world.occurrence(row).state is O.RUNNING
