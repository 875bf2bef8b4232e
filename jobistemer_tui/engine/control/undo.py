"""Take back the newest act of a person that can be taken back, from what its event kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.records import Detail, Event, Job
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.control.marks import mark_state
from jobistemer_tui.engine.control.tickers import control_state, set_pause, set_stopped
from jobistemer_tui.engine.transactions.common import the_job, write_job, write_occurrence
from jobistemer_tui.errors import Refused
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import EVENTS_BY_JOB, EVENTS_BY_SEQUENCE, OCCURRENCES

TICKER_ACTS = frozenset({"job_paused", "job_resumed", "job_stopped", "job_started"})
MARK_ACTS = frozenset({"run_skipped", "run_unskipped", "run_snoozed", "run_unsnoozed"})
DEPTH = 10_000
"""How many events back an act is looked for."""


@dataclass(frozen=True, slots=True)
class Undone:
    """The act that was taken back: the kind of its event, whose it was, when, on which job, and its detail."""

    kind: str
    actor: str
    at: datetime
    job_id: UUID
    job: str
    detail: Detail


def undo(tx: Transaction, job: UUID | None, *, now: datetime, actor: str) -> Undone:
    """Take back the newest act on a job (None: on any job) that has not been taken back yet.

    Raises NotFound; Refused where there is none, or where what it changed has changed again or has happened.
    """
    act = _newest(tx, job)
    if act is None or act.job_id is None:
        raise Refused("there is nothing to undo")
    gate = the_job(tx, act.job_id)
    if act.kind in TICKER_ACTS:
        _restore_ticker(tx, gate, act, now)
    else:
        _restore_mark(tx, gate, act)
    tx.append(
        Event(
            at=now, kind="undone", actor=actor, job_id=gate.id, occurrence_id=act.occurrence_id,
            detail={"undoes": act.sequence, "kind": act.kind},
        )
    )  # fmt: skip
    return Undone(act.kind, act.actor, act.at, gate.id, gate.name, act.detail)


def _newest(reader: Reader, job: UUID | None) -> Event | None:
    if job is None:
        events = reader.scan(EVENTS_BY_SEQUENCE, reverse=True, limit=DEPTH)
    else:
        events = reader.scan(EVENTS_BY_JOB, job, reverse=True, limit=DEPTH)
    undone: set[int] = set()
    for event in events:
        if event.kind == "undone":
            undone.add(int(event.detail["undoes"]))
        elif event.kind in TICKER_ACTS | MARK_ACTS and event.sequence not in undone:
            return event
    return None


def _restore_ticker(tx: Transaction, gate: Job, act: Event, now: datetime) -> None:
    if control_state(gate) != act.detail["after"]:
        raise Refused(f"job {gate.name} has been changed since; nothing was undone")
    before = act.detail["before"]
    if before["stopped"] != gate.stopped:
        set_stopped(tx, gate, before["stopped"], now)
        return
    until = None if before["until"] is None else parse_instant(before["until"])
    if until is not None and until <= now:
        raise Refused(f"the pause of {gate.name} would have ended by now; nothing was undone")
    set_pause(tx, gate, now=now, since=now if before["paused"] else None, until=until, reason=before["reason"])


def _restore_mark(tx: Transaction, gate: Job, act: Event) -> None:
    row = None if act.occurrence_id is None else tx.get(OCCURRENCES, act.occurrence_id)
    if row is None or mark_state(row) != act.detail["after"]:
        raise Refused(f"that run of {gate.name} has been changed or has happened since; nothing was undone")
    before = act.detail["before"]
    reason = None if before["reason"] is None else Reason(before["reason"])
    restored = replace(row, reason=reason, detail=before["detail"], due_at=parse_instant(before["due"]))
    write_occurrence(tx, row, restored)
    write_job(tx, gate, gate)
