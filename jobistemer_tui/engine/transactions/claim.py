"""Transaction 2: claim a row that waits, by an engine with a free slot. A lost race is normal, not an error."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import WAITING_OCCURRENCES, OccurrenceState, Reason, Who
from jobistemer_tui.engine.planner import is_too_late
from jobistemer_tui.engine.transactions.announce import announce_unrun
from jobistemer_tui.engine.transactions.begin import begin
from jobistemer_tui.engine.transactions.common import Owner, has_run, tell, the_job, write_job, write_occurrence
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.groups import group_detail, is_in_line, lock_groups, room_in
from jobistemer_tui.engine.transactions.handle_due import Handled, why_queued
from jobistemer_tui.engine.transactions.places import missing_labels, wanted_labels, why_no_slot
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES


def claim(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """Start a row that waits for a slot or for its group and whose time has come.

    One that waited too long is given up instead; one that has to wait on says for what.
    """
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or not may_be_claimed(row) or row.due_at > now:
        return Handled(None)
    lock_groups(tx, row.group_name)
    given_up = _give_up(tx, owner, row, now)
    if given_up is not None:
        return Handled(given_up)
    held = _wait_for_group(tx, row)
    if held is not None:
        return Handled(held)
    if is_in_line(row):
        row = write_occurrence(tx, row, occurrence_moves.promote(row, Who.SWEEP))
        tell(tx, "occurrence_promoted", owner.actor, now, row)
    job = the_job(tx, row.job_id)
    no_slot = why_no_slot(tx, owner, job, now)
    if no_slot is not None:
        return Handled(_wait_on(tx, row, no_slot, _lacking(tx, owner, job, no_slot)))
    begun, progress = begin(tx, owner, job, row, now)
    write_job(tx, job, begun)
    return Handled(progress.occurrence, progress)


def explain(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """Say truly for what a row waits whose time has come.

    Whether it starts is for a claim, in the order of the line.
    """
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.state not in WAITING_OCCURRENCES or row.due_at > now:
        return Handled(None)
    lock_groups(tx, row.group_name)
    if row.state is OccurrenceState.QUEUED:
        job = the_job(tx, row.job_id)
        policies = owner.definitions.of(tx, job.id, job.version).policies
        return Handled(_wait_on(tx, row, *why_queued(tx, policies, row)))
    held = _wait_for_group(tx, row)
    if held is not None:
        return Handled(held)
    job = the_job(tx, row.job_id)
    no_slot = why_no_slot(tx, owner, job, now)
    return Handled(None if no_slot is None else _wait_on(tx, row, no_slot, _lacking(tx, owner, job, no_slot)))


def _lacking(tx: Transaction, owner: Owner, job: Job, no_slot: Reason) -> Detail:
    """Which labels the job asks for, if this node lacks some: nodes that lack different ones say the same."""
    lacks = no_slot is Reason.NO_NODE and missing_labels(tx, owner, job)
    return {"labels": ", ".join(wanted_labels(tx, owner, job))} if lacks else {}


def _wait_for_group(tx: Transaction, row: Occurrence) -> Occurrence | None:
    """The row with its reason, if its group is full."""
    if row.group_name is None or row.forced or room_in(tx, row.group_name) > 0:
        return None
    return _wait_on(tx, row, Reason.GROUP, group_detail(tx, row.group_name))


def may_be_claimed(row: Occurrence) -> bool:
    """Whether a row waits for an engine, or in the line of its group, and not for its own job."""
    return row.state is OccurrenceState.PENDING or is_in_line(row)


def is_expired(row: Occurrence, now: datetime) -> bool:
    """Whether a trigger was left for an engine that did not come in time."""
    return row.valid_until is not None and row.valid_until < now


def acknowledge(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Handled:
    """An engine has seen a row that waits: it is given up if its time is over, else a trigger expires no more."""
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.state not in WAITING_OCCURRENCES:
        return Handled(None)
    given_up = _give_up(tx, owner, row, now)
    if given_up is not None or row.valid_until is None:
        return Handled(given_up)
    return Handled(write_occurrence(tx, row, replace(row, valid_until=None)))


def _give_up(tx: Transaction, owner: Owner, row: Occurrence, now: datetime) -> Occurrence | None:
    job = the_job(tx, row.job_id)
    definition = owner.definitions.of(tx, job.id, job.version)
    if is_expired(row, now):
        gone = occurrence_moves.cancel_waiting(row, Who.PLANNER, Reason.EXPIRED, now=now)
    elif is_too_late(definition.policies, row, now) and not has_run(tx, row):
        gone = occurrence_moves.miss(row, Reason.TOO_LATE, now=now)
    else:
        return None
    written = give_up(tx, row, gone, who=Who.PLANNER, actor=owner.actor, now=now)
    announce_unrun(tx, definition, written, now)
    wake_queue(tx, job.id, definition, Who.SWEEP, owner.actor, now)
    return written


def _wait_on(tx: Transaction, row: Occurrence, reason: Reason, detail: Detail) -> Occurrence:
    """Show why it still waits; a promoted row keeps its reason and shows what it waits for in the detail.

    An engine has seen it, so it does not expire any more.
    """
    if row.reason is Reason.PROMOTED:
        reason, detail = row.reason, {"waits_for": reason.value, **detail}
    if (row.reason, row.detail, row.valid_until) == (reason, detail, None):
        return row
    return write_occurrence(tx, row, replace(row, reason=reason, detail=detail, valid_until=None))
