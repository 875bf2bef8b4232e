"""Transaction 2: claim a pending row, by an engine with a free slot. A lost race is normal, not an error."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Who
from jobistemer_tui.engine.planner import is_too_late
from jobistemer_tui.engine.transactions.begin import begin
from jobistemer_tui.engine.transactions.common import Owner, the_job, why_no_slot, write_occurrence
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.handle_due import Handled
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES


def claim(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """Start a pending row whose time has come; one that waited too long is given up instead."""
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.state is not OccurrenceState.PENDING or row.due_at > now:
        return Handled(None)
    given_up = _give_up(tx, owner, row, now)
    if given_up is not None:
        return Handled(given_up)
    no_slot = why_no_slot(tx, owner)
    if no_slot is not None:
        return Handled(_wait_on(tx, row, no_slot))
    _, progress = begin(tx, owner, the_job(tx, row.job_id), row, now)
    return Handled(progress.occurrence, progress)


def is_expired(row: Occurrence, now: datetime) -> bool:
    """Whether a trigger was left for an engine that did not come in time."""
    return row.valid_until is not None and row.valid_until < now


def acknowledge(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """An engine has seen a trigger that waits: it expires now, or never."""
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.valid_until is None or row.state not in (OccurrenceState.PENDING, OccurrenceState.QUEUED):
        return Handled(None)
    if is_expired(row, now):
        return Handled(_give_up(tx, owner, row, now))
    return Handled(write_occurrence(tx, row, replace(row, valid_until=None)))


def _give_up(tx: Transaction, owner: Owner, row: Occurrence, now: datetime) -> Occurrence | None:
    job = the_job(tx, row.job_id)
    definition = owner.definitions.of(tx, job.id, job.version)
    if is_expired(row, now):
        gone = occurrence_moves.cancel_waiting(row, Who.PLANNER, Reason.EXPIRED, now=now)
    elif is_too_late(definition.policies, row, now):
        gone = occurrence_moves.miss(row, Reason.TOO_LATE, now=now)
    else:
        return None
    written = give_up(tx, row, gone, who=Who.PLANNER, actor=owner.actor, now=now)
    wake_queue(tx, job.id, definition, Who.SWEEP, owner.actor, now)
    return written


def _wait_on(tx: Transaction, row: Occurrence, reason: Reason) -> Occurrence:
    """Show why it still waits; a promoted row keeps its reason, which is also its right of way.

    An engine has seen it, so it does not expire any more.
    """
    shown = row.reason if row.reason is Reason.PROMOTED else reason
    if (row.reason, row.valid_until) == (shown, None):
        return row
    return write_occurrence(tx, row, replace(row, reason=shown, valid_until=None))
