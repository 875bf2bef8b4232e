"""Skip or put off one coming run: marks on its row, which decide its fate at its instant and can be taken back."""

from __future__ import annotations

from datetime import datetime
from itertools import islice
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.pauses import snoozed_until, unpaused_from
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import WAITING_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import (
    is_ticking,
    planned_row,
    tell,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.handle_due import why_queued
from jobistemer_tui.engine.upcoming import FAR
from jobistemer_tui.errors import Refused
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_JOB_STATE


def skip_next(tx: Transaction, job: UUID, *, now: datetime, actor: str, reason: str | None = None) -> Occurrence:
    """Mark the next instant that would run: it will be `skipped (skipped_by_user)`. Doing it twice changes nothing.

    Raises NotFound; Refused where nothing is to come.
    """
    gate = the_job(tx, job)
    return _mark_skipped(tx, gate, next_run(tx, gate, now), now, actor, reason)


def skip(
    tx: Transaction, job: UUID, instant: datetime, *, now: datetime, actor: str, reason: str | None = None
) -> Occurrence:
    """Mark a coming instant of the schedule; it is planned ahead. Raises NotFound, Refused."""
    gate = the_job(tx, job)
    slot = _schedule(tx, gate).slot_at(instant)
    row = None if slot is None or instant <= now else planned_row(tx, gate, slot, now)
    if row is None:
        raise Refused(
            f"{gate.name} has no run to come at {instant_text(instant)}",
            hint=f"see `jobistemer next {gate.name}` for the times that are to come",
        )
    return _mark_skipped(tx, gate, row, now, actor, reason)


def unskip(tx: Transaction, job: UUID, *, now: datetime, actor: str, instant: datetime | None = None) -> Occurrence:
    """Take the mark from the first coming run that is to be skipped, or from the one at `instant`.

    Raises NotFound; Refused where there is none.
    """
    gate = the_job(tx, job)
    row = _marked(tx, gate, Reason.SKIPPED_BY_USER, instant)
    if row is None:
        raise Refused(f"no coming run of {gate.name} is marked to be skipped")
    return write_mark(tx, gate, row, occurrence_moves.mark(row, None), "run_unskipped", now, actor)


def snooze(
    tx: Transaction, job: UUID, *, until: datetime, now: datetime, actor: str, reason: str | None = None
) -> Occurrence:
    """Put off the run that waits, else the next one, until `until`; its instant and id stay.

    One that is put off already gets the new time. Raises NotFound; Refused if it would not start earlier anyway.
    """
    gate = the_job(tx, job)
    row = _first_waiting(tx, job) or next_run(tx, gate, now)
    if snoozed_until(row) == until:
        return row
    earliest = max(now, row.scheduled_at if row.reason is Reason.SNOOZED else row.due_at)
    if until <= earliest:
        raise Refused(
            f"the next run of {gate.name} starts at {instant_text(earliest)}, so putting it off until "
            f"{instant_text(until.replace(microsecond=0))} changes nothing",
            hint="name a later time",
        )
    detail = {**_by(actor, reason), "at": instant_text(now), "until": instant_text(until)}
    if row.state is OccurrenceState.PLANNED:
        put_off = occurrence_moves.mark(row, Reason.SNOOZED, detail)
    else:
        put_off = occurrence_moves.hold(row, until, Reason.SNOOZED, detail)
        if row.valid_until is not None:  # a trigger that no engine has seen yet would expire while it is put off
            put_off = replace(put_off, valid_until=row.valid_until + (until - now))
    return write_mark(tx, gate, row, put_off, "run_snoozed", now, actor)


def unsnooze(tx: Transaction, job: UUID, *, now: datetime, actor: str) -> Occurrence:
    """Let the run that was put off start at its own time, or now. Raises NotFound; Refused where there is none."""
    gate = the_job(tx, job)
    row = _first_waiting(tx, job, Reason.SNOOZED) or _marked(tx, gate, Reason.SNOOZED, None)
    if row is None:
        raise Refused(f"no run of {gate.name} is snoozed")
    match row.state:
        case OccurrenceState.PLANNED:
            freed = occurrence_moves.mark(row, None)
        case OccurrenceState.QUEUED:
            policies = Definitions().of(tx, gate.id, gate.version).policies
            freed = occurrence_moves.hold(row, now, *why_queued(tx, policies, row))
        case _:
            freed = occurrence_moves.hold(row, now, Reason.NO_SLOT)
    return write_mark(tx, gate, row, freed, "run_unsnoozed", now, actor)


def next_run(tx: Transaction, gate: Job, now: datetime) -> Occurrence:
    """The planned row of the next instant that neither a rule nor a pause leaves out, planned ahead if need be.

    Raises Refused where there is none.
    """
    schedule, begin = _schedule(tx, gate), unpaused_from(gate, now)
    for slot in islice(schedule.slots_after(begin), FAR) if begin is not None else ():
        row = planned_row(tx, gate, slot, now) if slot.passed_over is None else None
        if row is not None:
            return row
    raise Refused(f"{gate.name} has no run to come{' while it is paused' if begin is None else ''}")


def write_mark(
    tx: Transaction, gate: Job, old: Occurrence, new: Occurrence, kind: str, now: datetime, actor: str
) -> Occurrence:
    """Write a row's mark with its event, which keeps what was before and after."""
    written = write_occurrence(tx, old, new)
    detail = {"instant": instant_text(old.scheduled_at), "before": mark_state(old), "after": mark_state(new)}
    tell(tx, kind, actor, now, written, detail)
    write_job(tx, gate, gate)
    return written


def mark_state(row: Occurrence) -> Detail:
    """What a mark changes of a row, as JSON."""
    return {
        "state": row.state.value,
        "reason": None if row.reason is None else row.reason.value,
        "detail": row.detail,
        "due": instant_text(row.due_at),
    }


def _mark_skipped(
    tx: Transaction, gate: Job, row: Occurrence, now: datetime, actor: str, reason: str | None
) -> Occurrence:
    if row.reason is Reason.SKIPPED_BY_USER:
        return row
    if row.reason in (Reason.EXCLUDED, Reason.DST):
        raise Refused(f"the run of {gate.name} at {instant_text(row.scheduled_at)} is left out already")
    marked = occurrence_moves.mark(row, Reason.SKIPPED_BY_USER, _by(actor, reason))
    return write_mark(tx, gate, row, marked, "run_skipped", now, actor)


def _marked(tx: Transaction, gate: Job, reason: Reason, instant: datetime | None) -> Occurrence | None:
    if instant is not None:
        row = tx.get(OCCURRENCES, identity.occurrence_id(gate.id, instant))
        rows = [] if row is None else [row]
    else:
        rows = sorted(
            tx.scan(OCCURRENCES_BY_JOB_STATE, gate.id, OccurrenceState.PLANNED), key=lambda row: row.scheduled_at
        )
    return next((row for row in rows if row.state is OccurrenceState.PLANNED and row.reason is reason), None)


def _first_waiting(tx: Transaction, job: UUID, reason: Reason | None = None) -> Occurrence | None:
    """The first occurrence of a job that waits (for that reason, if given)."""
    for state in WAITING_OCCURRENCES:
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job, state):
            if reason in (None, row.reason):
                return row
    return None


def _schedule(tx: Transaction, gate: Job) -> Schedule:
    schedule = Definitions().schedule(tx, gate) if is_ticking(gate) else None
    if schedule is None:
        raise Refused(f"{gate.name} has no run to come: it {why_not_ticking(gate)}")
    return schedule


def why_not_ticking(gate: Job) -> str:
    """Why a job's instants get no rows, in words that follow its name."""
    if gate.stopped:
        return "is stopped"
    return "is not loaded" if gate.retired_at is not None else "runs only when triggered"


def _by(actor: str, reason: str | None) -> Detail:
    return {"by": actor, **({"why": reason} if reason else {})}
