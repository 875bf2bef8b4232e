"""One constructor for each move of a task run and of an attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jobistemer_tui.domain import task_run_moves as moves
from jobistemer_tui.domain.records import Attempt, TaskRun
from jobistemer_tui.domain.states import AttemptState, IllegalMove, Reason, TaskRunState, Who
from tests.domain import move_tables
from tests.domain.rows import INSTANT, LATER, attempt, task_run

T = TaskRunState
A = AttemptState
MakeTask = Callable[[TaskRun], TaskRun]
MakeAttempt = Callable[[Attempt], Attempt]


def end_task(state: TaskRunState, who: Who) -> MakeTask:
    return lambda row: moves.end_task(row, state, Reason.TASK_FAILED, now=LATER, who=who)


def end_attempt(state: AttemptState, who: Who) -> MakeAttempt:
    return lambda row: moves.end_attempt(row, moves.AttemptEnd(state, None, LATER), who)


TASK_CASES: list[tuple[MakeTask, TaskRunState, Who]] = [
    (lambda row: moves.start_task(row, LATER), T.RUNNING, Who.OWNER),
    (lambda row: moves.retry_task(row, {"in": 30}), T.RETRYING, Who.OWNER),
    (moves.release_task, T.PENDING, Who.REAPER),
    *((end_task(state, who), state, who) for state in T for who in Who),
]
ATTEMPT_CASES: list[tuple[MakeAttempt, AttemptState, Who]] = [
    (lambda row: moves.start_attempt(row, LATER), A.RUNNING, Who.OWNER),
    *((end_attempt(state, who), state, who) for state in A for who in Who),
]


@pytest.mark.parametrize("old", T)
def test_task_constructors_work_where_the_table_allows_their_moves(old: TaskRunState) -> None:
    allowed = move_tables.moves(move_tables.TASK_RUNS)
    for make, new, who in TASK_CASES:
        if (old, new, who) in allowed:
            assert make(task_run(old)).state == new
        else:
            with pytest.raises(IllegalMove, match="task run"):
                make(task_run(old))


@pytest.mark.parametrize("old", A)
def test_attempt_constructors_work_where_the_table_allows_their_moves(old: AttemptState) -> None:
    allowed = move_tables.moves(move_tables.ATTEMPTS)
    for make, new, who in ATTEMPT_CASES:
        if (old, new, who) in allowed:
            assert make(attempt(old)).state == new
        else:
            with pytest.raises(IllegalMove, match="attempt"):
                make(attempt(old))


def test_a_task_starts_once_however_often_it_is_tried() -> None:
    first = moves.start_task(task_run(T.PENDING), INSTANT)
    again = moves.start_task(moves.retry_task(first, {"in": 30}), LATER)
    assert (again.started_at, again.reason) == (INSTANT, None)


def test_a_retry_says_what_it_waits_for() -> None:
    row = moves.retry_task(task_run(T.RUNNING), {"in": 30})
    assert (row.reason, row.detail, row.finished_at) == (Reason.RETRY, {"in": 30}, None)


def test_an_ended_task_has_reason_detail_and_time() -> None:
    row = moves.end_task(task_run(T.RUNNING), T.FAILED, Reason.TASK_FAILED, now=LATER, detail={"exit_code": 3})
    assert (row.reason, row.detail, row.finished_at) == (Reason.TASK_FAILED, {"exit_code": 3}, LATER)


def test_a_released_task_is_like_one_never_started() -> None:
    started = moves.start_task(task_run(T.PENDING), INSTANT)
    assert moves.release_task(started) == task_run(T.PENDING)


def test_a_task_released_while_it_waits_for_a_retry_forgets_that() -> None:
    waiting = moves.retry_task(moves.start_task(task_run(T.PENDING), INSTANT), {"in": 30})
    assert moves.release_task(waiting) == task_run(T.PENDING)


def test_an_attempt_starts_at_its_start() -> None:
    planned = replace(attempt(A.PLANNED), not_before=LATER, reason=Reason.RETRY)
    row = moves.start_attempt(planned, LATER)
    assert (row.started_at, row.not_before, row.reason) == (LATER, LATER, None)


def test_an_ended_attempt_keeps_what_the_supervisor_saw() -> None:
    running = moves.start_attempt(attempt(A.PLANNED), INSTANT)
    end = moves.AttemptEnd(A.FAILED, Reason.TASK_FAILED, LATER, exit_code=3, detail={"user_s": 0.1})
    row = moves.end_attempt(running, end)
    assert (row.started_at, row.finished_at) == (INSTANT, LATER)
    assert (row.exit_code, row.signal, row.reason, row.detail) == (3, None, Reason.TASK_FAILED, {"user_s": 0.1})
    assert row.counted


def test_the_supervisors_start_time_wins() -> None:
    running = moves.start_attempt(attempt(A.PLANNED), INSTANT)
    end = moves.AttemptEnd(A.CANCELED, Reason.USER, LATER, started_at=LATER, signal=15)
    row = moves.end_attempt(running, end)
    assert (row.started_at, row.signal) == (LATER, 15)


def test_a_try_that_never_started_uses_up_no_retry() -> None:
    end = moves.AttemptEnd(A.NOT_STARTED, Reason.NEVER_STARTED, LATER)
    assert not moves.end_attempt(attempt(A.RUNNING), end, Who.REAPER).counted


@pytest.mark.parametrize("state", T)
def test_only_a_pending_task_waits_to_start(state: TaskRunState) -> None:
    if state is T.PENDING:
        waiting = moves.explain_wait(task_run(state), Reason.NEEDS, {"needs": ["a"]})
        assert (waiting.state, waiting.reason, waiting.detail) == (state, Reason.NEEDS, {"needs": ["a"]})
        assert moves.explain_wait(waiting, None, {}) == task_run(state)
        started = moves.start_task(waiting, LATER)
        assert (started.reason, started.detail) == (None, {})
    else:
        with pytest.raises(IllegalMove, match="only a pending task"):
            moves.explain_wait(task_run(state), Reason.NEEDS, {})


@pytest.mark.parametrize("state", A)
def test_only_a_planned_attempt_waits_to_start(state: AttemptState) -> None:
    if state is A.PLANNED:
        assert moves.hold_attempt(attempt(state), Reason.NO_SLOT).reason is Reason.NO_SLOT
    else:
        with pytest.raises(IllegalMove, match="only a planned attempt"):
            moves.hold_attempt(attempt(state), Reason.NO_SLOT)
