"""Hazard 20: a deadline and a cancellation are stronger than any retry, with and without an engine or a process."""

from __future__ import annotations

from typing import Any

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.advance import start_retry, stop_or_expire
from tests.support.engine_world import World, job, task

EAGER: dict[str, Any] = {"retry_policy.max_retries": 9, "on_lost": "rerun", "execution_timeout": 600.0}


def stop(world: World, row: Occurrence, how: str) -> None:
    if how == "cancelled":
        world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    else:
        world.later(seconds=600)


HOW = ("cancelled", "out of time")


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("end", [A.FAILED, A.TIMEOUT, A.LOST, A.NOT_STARTED, A.CANCELED])
def test_what_ends_while_it_is_being_stopped_is_not_tried_again(world: World, how: str, end: A) -> None:
    row = world.begin(job(**EAGER))
    stop(world, row, how)
    world.end(row, end)
    assert len(world.attempts(row)) == 1
    assert world.occurrence(row).state not in (O.RUNNING, O.CANCELING)


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("waiting", ["for its retry", "for a process"])
def test_a_planned_try_is_never_started_after_that(world: World, how: str, waiting: str) -> None:
    world.processes = 64 if waiting == "for its retry" else 1
    row = world.begin(job(task("a"), task("b"), **EAGER))
    if waiting == "for its retry":
        world.end(row, A.FAILED, "b", reason=Reason.TASK_FAILED)
    planned = world.attempts(row, "b")[-1]
    assert planned.state is A.PLANNED
    stop(world, row, how)
    world.processes = 64
    world.later(hours=1)
    assert world.run(start_retry, world.me, planned.id, world.now) is None
    advanced = world.run(stop_or_expire, world.me, row.id, world.now)
    assert advanced.progress is not None
    assert [attempt.id for attempt in advanced.progress.stops] == [world.attempts(row, "a")[0].id]
    assert world.attempt(planned.id).state is A.CANCELED
    world.end(row, A.CANCELED, "a")
    ended = world.occurrence(row)
    expected = (O.CANCELED, Reason.USER) if how == "cancelled" else (O.FAILED, Reason.TIMEOUT)
    assert (ended.state, ended.reason) == expected


def test_an_occurrence_without_a_process_is_ended_by_the_engine_at_its_deadline(world: World) -> None:
    row = world.begin(job(**EAGER))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    world.later(seconds=600)
    world.run(stop_or_expire, world.me, row.id, world.now)
    ended = world.occurrence(row)
    assert (ended.state, ended.reason) == (O.FAILED, Reason.TIMEOUT)
    assert world.attempts(row)[-1].reason is Reason.DEADLINE


def test_a_try_that_the_supervisor_ended_at_the_deadline_is_not_retried_though_retry_on_names_time_outs(
    world: World,
) -> None:
    row = world.begin(job(**{**EAGER, "retry_policy.retry_on": "timeout"}))
    world.later(seconds=600)
    world.end(row, A.TIMEOUT, reason=Reason.DEADLINE)
    assert (world.occurrence(row).state, len(world.attempts(row))) == (O.FAILED, 1)


@pytest.mark.parametrize("slow", [0.001, 90.0])
@pytest.mark.parametrize("end", [(A.TIMEOUT, Reason.DEADLINE), (A.CANCELED, None)], ids=["supervisor", "engine"])
def test_what_was_ended_at_its_deadline_is_out_of_time_by_a_wall_clock_that_is_behind(
    world: World, end: tuple[A, Reason | None], slow: float
) -> None:
    """Regression: it counted as completed, or was tried again: the supervisor counts on the boot clock."""
    row = world.begin(job(task("a"), task("b"), **{**EAGER, "retry_policy.retry_on": "timeout"}))
    world.later(seconds=600 - slow)
    for name in ("a", "b"):
        world.end(row, end[0], name, reason=end[1])
    ended = world.occurrence(row)
    assert (ended.state, ended.reason) == (O.FAILED, Reason.TIMEOUT)
    assert {attempt.reason for name in ("a", "b") for attempt in world.attempts(row, name)} == {Reason.DEADLINE}
