"""What a person does to jobs and occurrences, each as one transaction with its line in the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Job, Occurrence, Pause
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.planner import fate
from jobistemer_tui.engine.transactions.common import load_of, tell, tell_job, the_job, write_job, write_occurrence
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.handle_due import fated, make_room
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_REQUEST, PAUSES, PAUSES_BY_JOB


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


def pause(tx: Transaction, job: UUID, *, now: datetime, until: datetime | None, reason: str | None, actor: str) -> Job:
    """Pause a job's ticker from now, for ever or until an instant; a paused one gets the new end and reason.

    Raises NotFound; Refused if the end is not in the future.
    """
    gate = the_job(tx, job)
    if until is not None and until <= now:
        raise Refused(f"a pause cannot end at {instant_text(until)}, which has passed", hint="name a later time")
    _close_span(tx, gate, now)
    tx.insert(PAUSES, Pause(job, now, until, reason))
    paused = write_job(tx, gate, replace(gate, paused_at=now, paused_until=until, pause_reason=reason))
    detail = {"reason": reason, "until": None if until is None else instant_text(until)}
    tell_job(tx, "job_paused", actor, now, paused, detail)
    return paused


def resume(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> Job:
    """End a pause; what passed meanwhile stays skipped. Raises NotFound; Refused if the job is not paused."""
    gate = the_job(tx, job)
    if gate.paused_at is None:
        raise Refused(f"job {gate.name} is not paused")
    _close_span(tx, gate, now)
    resumed = write_job(tx, gate, replace(gate, paused_at=None, paused_until=None, pause_reason=None))
    tell_job(tx, "job_resumed", actor, now, resumed)
    return resumed


def _close_span(tx: Transaction, gate: Job, now: datetime) -> None:
    """End the span that is open, so that the instants in it still count as paused later."""
    spans = tx.scan(PAUSES_BY_JOB, gate.id, reverse=True, limit=1)
    if spans and (spans[0].end_at is None or spans[0].end_at > now):
        tx.replace(PAUSES, spans[0], replace(spans[0], end_at=now))


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
