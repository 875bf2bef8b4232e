"""One constructor for each move of an occurrence; each checks the table of `states`."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.records import Detail, Occurrence
from jobistemer_tui.domain.states import (
    OWNED_OCCURRENCES,
    WAITING_OCCURRENCES,
    IllegalMove,
    Reason,
    Trigger,
    Who,
    check_occurrence_move,
)
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.settings.quick_dataclass import replace


def start(
    row: Occurrence,
    *,
    owner: UUID,
    now: datetime,
    version: int,
    timeout_s: float | None,
    last_run_at: datetime | None,
) -> Occurrence:
    """planned | pending → running: `owner` holds it under the next epoch, until `timeout_s` (None: no limit)."""
    _check(row, S.RUNNING, Who.PLANNER)
    deadline = None if timeout_s is None else now + timedelta(seconds=timeout_s)
    return replace(
        row, state=S.RUNNING, owner=owner, epoch=row.epoch + 1, version=version, started_at=now,
        deadline_at=deadline, last_run_at=last_run_at,
    )  # fmt: skip


def mark(row: Occurrence, reason: Reason | None, detail: Detail | None = None) -> Occurrence:
    """planned, with another mark: what will become of it at its instant (None: what the policies say)."""
    if row.state is not S.PLANNED:
        raise IllegalMove(f"only a planned occurrence can be marked, not one that is {row.state}")
    return replace(row, reason=reason, detail=dict(detail or {}))


def hold(row: Occurrence, until: datetime, reason: Reason, detail: Detail | None = None) -> Occurrence:
    """pending | queued, to be started not before `until`."""
    if row.state not in WAITING_OCCURRENCES:
        raise IllegalMove(f"only an occurrence that waits can be held, not one that is {row.state}")
    return replace(row, due_at=until, reason=reason, detail=dict(detail or {}))


def wait(row: Occurrence, reason: Reason, detail: Detail | None = None) -> Occurrence:
    """planned → pending: due, but no slot or node is free."""
    return _move(row, S.PENDING, Who.PLANNER, reason, detail)


def enqueue(row: Occurrence, reason: Reason, *, sequence: int, detail: Detail | None = None) -> Occurrence:
    """planned → queued behind its own job, in place `sequence`."""
    return replace(_move(row, S.QUEUED, Who.PLANNER, reason, detail), sequence=sequence)


def promote(row: Occurrence, who: Who) -> Occurrence:
    """queued → pending (promoted): its turn has come and it never goes back. One that was put off still says so."""
    if row.reason is Reason.SNOOZED:
        return _move(row, S.PENDING, who, row.reason, row.detail)
    return _move(row, S.PENDING, who, Reason.PROMOTED)


def skip(row: Occurrence, who: Who, reason: Reason, *, now: datetime, detail: Detail | None = None) -> Occurrence:
    """planned | pending | queued → skipped."""
    return replace(_move(row, S.SKIPPED, who, reason, detail), finished_at=now)


def miss(row: Occurrence, reason: Reason, *, now: datetime, detail: Detail | None = None) -> Occurrence:
    """planned | pending | queued → missed."""
    return replace(_move(row, S.MISSED, Who.PLANNER, reason, detail), finished_at=now)


def plan_again(row: Occurrence) -> Occurrence:
    """missed | skipped | canceled | pending | queued → planned: a clock that was ahead gave it its fate too early."""
    return replace(
        _move(row, S.PLANNED, Who.PLANNER, None), trigger=Trigger.SCHEDULE, due_at=row.scheduled_at, window={},
        sequence=0, finished_at=None, handled_at=None,
    )  # fmt: skip


def cancel_waiting(
    row: Occurrence, who: Who, reason: Reason, *, now: datetime, detail: Detail | None = None
) -> Occurrence:
    """pending | queued → canceled."""
    return replace(_move(row, S.CANCELED, who, reason, detail), finished_at=now)


def request_cancel(row: Occurrence, who: Who, reason: Reason, detail: Detail | None = None) -> Occurrence:
    """running → canceling: its owner sees it and stops its processes."""
    return _move(row, S.CANCELING, who, reason, detail)


def finish(
    row: Occurrence, state: S, reason: Reason | None, *, now: datetime, detail: Detail | None = None
) -> Occurrence:
    """running | canceling → an outcome, by the owner; the owner is kept for the record."""
    return replace(_move(row, state, Who.OWNER, reason, detail), finished_at=now)


def adopt(row: Occurrence, owner: UUID) -> Occurrence:
    """The same state under a new owner and the next epoch."""
    if row.state not in OWNED_OCCURRENCES:
        check_occurrence_move(row.state, row.state, Who.REAPER)
    return replace(row, owner=owner, epoch=row.epoch + 1)


def reap(row: Occurrence, reason: Reason, *, now: datetime, detail: Detail | None = None) -> Occurrence:
    """running | canceling → failed_stale under the next epoch: what became of it is unknown."""
    stale = _move(row, S.FAILED_STALE, Who.REAPER, reason, detail)
    return replace(stale, finished_at=now, epoch=row.epoch + 1)


def release(row: Occurrence, reason: Reason) -> Occurrence:
    """running → pending under the next epoch: it may run (again). A request was taken when it first began."""
    free = _move(row, S.PENDING, Who.REAPER, reason)
    return replace(free, owner=None, epoch=row.epoch + 1, started_at=None, deadline_at=None, valid_until=None)


def _check(row: Occurrence, state: S, who: Who) -> None:
    check_occurrence_move(row.state, state, who)


def _move(row: Occurrence, state: S, who: Who, reason: Reason | None, detail: Detail | None = None) -> Occurrence:
    _check(row, state, who)
    return replace(row, state=state, reason=reason, detail=dict(detail or {}))
