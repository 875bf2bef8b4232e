"""Run a job by hand, and cancel what runs or waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.planner import fate
from jobistemer_tui.engine.transactions.common import load_of, tell, the_job, write_job, write_occurrence
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.handle_due import fated, make_room
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_REQUEST


def trigger(
    tx: Transaction,
    job: UUID,
    *,
    request: UUID,
    now: datetime,
    actor: str,
    valid_until: datetime,
    waits_for: Reason = Reason.NO_NODE,
) -> Occurrence:
    """Make the occurrence of a manual trigger: pending, queued or skipped by the job's overlap policy.

    The same request gives the row it made. `waits_for` is why a pending one has not started yet; without an engine
    it waits until `valid_until`. Raises NotFound.
    """
    made = tx.scan(OCCURRENCES_BY_REQUEST, request, limit=1)
    if made:
        return made[0]
    gate = the_job(tx, job)
    row = Occurrence(
        id=identity.manual_occurrence_id(job, request), job_id=job, scheduled_at=now, due_at=now,
        trigger=Trigger.MANUAL, state=OccurrenceState.PLANNED, version=gate.version, created_at=now,
        request_id=request, valid_until=valid_until,
    )  # fmt: skip
    tx.insert(OCCURRENCES, row)
    definition = Definitions().of(tx, job, gate.version)
    # Where it starts is an engine's decision; here it is only placed.
    decided = fate(definition.policies, load_of(tx, job, without=row), no_slot=waits_for)
    if decided.replaces:
        make_room(tx, actor, gate, row, now)
    placed = write_occurrence(tx, row, replace(fated(tx, gate, row, decided, now), handled_at=now))
    tell(tx, "occurrence_triggered", actor, now, placed, {"status": placed.state.value})
    if decided.replaces:
        wake_queue(tx, job, definition, Who.USER, actor, now)
    write_job(tx, gate, gate)
    return tx.get(OCCURRENCES, placed.id) or placed


def cancel(tx: Transaction, occurrence: UUID, *, now: datetime, actor: str, reason: str | None) -> Occurrence:
    """Cancel what waits; ask the owner of what runs to stop it. Cancelling twice changes nothing.

    Raises NotFound; Refused if it is only planned, or has ended.
    """
    row = tx.get(OCCURRENCES, occurrence)
    if row is None:
        raise NotFound(f"no occurrence has the id {occurrence}")
    detail = {"by": actor, **({"why": reason} if reason else {})}
    match row.state:
        case OccurrenceState.CANCELING:
            return row
        case OccurrenceState.RUNNING:
            written = write_occurrence(tx, row, occurrence_moves.request_cancel(row, Who.USER, Reason.USER, detail))
            tell(tx, "occurrence_canceling", actor, now, written)
            return written
        case OccurrenceState.PENDING | OccurrenceState.QUEUED:
            moved = occurrence_moves.cancel_waiting(row, Who.USER, Reason.USER, now=now, detail=detail)
            written = give_up(tx, row, moved, who=Who.USER, actor=actor, now=now)
            gate = the_job(tx, row.job_id)
            wake_queue(tx, gate.id, Definitions().of(tx, gate.id, gate.version), Who.USER, actor, now)
            return written
        case _:
            raise Refused(f"occurrence {row.id} is {row.state.value} and cannot be cancelled")
