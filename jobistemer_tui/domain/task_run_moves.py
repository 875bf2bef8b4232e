"""One constructor for each move of a task run and of an attempt; each checks the table of `states`."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime

from jobistemer_tui.domain.records import Attempt, Detail, TaskRun
from jobistemer_tui.domain.states import (
    AttemptState,
    IllegalMove,
    Reason,
    TaskRunState,
    Who,
    check_attempt_move,
    check_task_run_move,
)
from jobistemer_tui.settings.quick_dataclass import dataclass, replace


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What a successful try leaves to others: outputs by key, and the job's new state.

    `state` None: as it was. `state_rev` is the revision of the state that the try was given, 0 for none.
    """

    outputs: Detail
    state: Detail | None = None
    state_rev: int = 0


@dataclass(frozen=True, slots=True)
class AttemptEnd:
    """How a try ended. `detail` holds what else is known: pid, error text, resource use in seconds and bytes."""

    state: AttemptState
    reason: Reason | None
    finished_at: datetime
    started_at: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    detail: Detail = field(default_factory=dict)
    handed_on: HandedOn | None = None


def start_task(row: TaskRun, now: datetime) -> TaskRun:
    """pending | retrying → running."""
    check_task_run_move(row.state, TaskRunState.RUNNING, Who.OWNER)
    return replace(row, state=TaskRunState.RUNNING, reason=None, detail={}, started_at=row.started_at or now)


def explain_wait(row: TaskRun, reason: Reason | None, detail: Detail) -> TaskRun:
    """pending, with why it has not started (None: its occurrence does not run)."""
    if row.state is not TaskRunState.PENDING:
        raise IllegalMove(f"only a pending task waits to start, not one that is {row.state}")
    return replace(row, reason=reason, detail=detail)


def retry_task(row: TaskRun, detail: Detail) -> TaskRun:
    """running → retrying: the next try has its row and its `not_before`."""
    check_task_run_move(row.state, TaskRunState.RETRYING, Who.OWNER)
    return replace(row, state=TaskRunState.RETRYING, reason=Reason.RETRY, detail=detail)


def end_task(
    row: TaskRun,
    state: TaskRunState,
    reason: Reason | None,
    *,
    now: datetime,
    who: Who = Who.OWNER,
    detail: Detail | None = None,
) -> TaskRun:
    """Any open state → an end that the table allows."""
    check_task_run_move(row.state, state, who)
    return replace(row, state=state, reason=reason, finished_at=now, detail=dict(detail or {}))


def carry_over(row: TaskRun, original: TaskRun) -> TaskRun:
    """pending → success: a replay takes over a success with its outputs; the detail names the run that had it."""
    check_task_run_move(row.state, TaskRunState.SUCCESS, Who.USER)
    return replace(
        row, state=TaskRunState.SUCCESS, reason=Reason.CARRIED_OVER, detail={"carried_over_from": str(original.id)},
        started_at=original.started_at, finished_at=original.finished_at, outputs=original.outputs,
    )  # fmt: skip


def release_task(row: TaskRun) -> TaskRun:
    """running | retrying → pending, together with its occurrence."""
    check_task_run_move(row.state, TaskRunState.PENDING, Who.REAPER)
    return replace(row, state=TaskRunState.PENDING, reason=None, detail={}, started_at=None)


def start_attempt(row: Attempt, now: datetime) -> Attempt:
    """planned → running, durable before the process starts."""
    check_attempt_move(row.state, AttemptState.RUNNING, Who.OWNER)
    return replace(row, state=AttemptState.RUNNING, reason=None, started_at=now)


def hold_attempt(row: Attempt, reason: Reason) -> Attempt:
    """planned, with why it has not started: it waits for its time (`retry`) or for a place."""
    if row.state is not AttemptState.PLANNED:
        raise IllegalMove(f"only a planned attempt waits to start, not one that is {row.state}")
    return replace(row, reason=reason)


def end_attempt(row: Attempt, end: AttemptEnd, who: Who = Who.OWNER) -> Attempt:
    """planned | running → an end that the table allows. A try that never started uses up no retry."""
    check_attempt_move(row.state, end.state, who)
    return replace(
        row, state=end.state, reason=end.reason, started_at=end.started_at or row.started_at,
        finished_at=end.finished_at, exit_code=end.exit_code, signal=end.signal, detail=end.detail,
        counted=end.state is not AttemptState.NOT_STARTED,
    )  # fmt: skip
