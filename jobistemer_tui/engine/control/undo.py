"""Take back an act of a person that can be taken back, from what its event kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.acts import Act
from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.records import Detail, Event, Job
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.control.marks import mark_state
from jobistemer_tui.engine.control.tickers import control_state, start_again, stop_now
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.recovery import Gap
from jobistemer_tui.engine.transactions.common import is_ticking, planned_row, the_job, write_job, write_occurrence
from jobistemer_tui.engine.transactions.pauses import set_pause
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import EVENTS_BY_JOB, EVENTS_BY_SEQUENCE, JOBS, OCCURRENCES, PAUSES_BY_JOB

TICKER_ACTS = frozenset({"job_paused", "job_resumed", "job_stopped", "job_started"})
MARK_ACTS = frozenset({"run_skipped", "run_unskipped", "run_snoozed", "run_unsnoozed"})
_PAGE = 500


def last_act(reader: Reader, job: UUID | None) -> Act:
    """The newest act on a job (None: on any job) that has not been taken back. Raises Refused where there is none."""
    undone: set[int] = set()
    for event in _newest_first(reader, job):
        if event.kind == "undone":
            undone.add(int(event.detail["undoes"]))
        elif event.kind in TICKER_ACTS | MARK_ACTS and event.sequence not in undone:
            return _act(reader, event)
    raise Refused("there is nothing to undo")


def acts_of_batch(reader: Reader, act: Act) -> list[Act]:
    """All that were done together with an act, itself included, the newest first."""
    if act.batch is None:
        return [act]
    events = [event for event in _newest_first(reader, None) if event.detail.get("batch") == act.batch]
    return [_act(reader, event) for event in events]


def undo(tx: Transaction, act: int, *, now: datetime, actor: str, passed: Gap | None = None) -> Act:
    """Take back the act of that sequence number; one that has been taken back already stays so.

    `passed`: see `tickers.stop`. Raises NotFound; Refused where what it changed has changed again or has happened.
    """
    event = next(iter(tx.scan(EVENTS_BY_SEQUENCE, act)), None)
    if event is None or event.job_id is None or event.kind not in TICKER_ACTS | MARK_ACTS:
        raise NotFound(f"event {act} is nothing that can be undone")
    gate = the_job(tx, event.job_id)
    if _is_undone(tx, event):
        return _act(tx, event)
    if event.kind in TICKER_ACTS:
        _restore_ticker(tx, gate, event, passed, now, actor)
    else:
        _restore_mark(tx, gate, event)
    tx.append(
        Event(
            at=now, kind="undone", actor=actor, job_id=gate.id, occurrence_id=event.occurrence_id,
            detail={"undoes": act, "kind": event.kind, "by": event.actor},
        )
    )  # fmt: skip
    return _act(tx, event)


def act_of(reader: Reader, event: Event) -> Act | None:
    """The act that an event tells of; None if it is none that can be taken back."""
    return _act(reader, event) if event.job_id is not None and event.kind in TICKER_ACTS | MARK_ACTS else None


def _act(reader: Reader, event: Event) -> Act:
    assert event.job_id is not None
    job = reader.get(JOBS, event.job_id)
    instant, batch = event.detail.get("instant"), event.detail.get("batch")
    return Act(
        event.sequence, event.kind, event.actor, event.at, event.job_id, "" if job is None else job.name,
        None if instant is None else parse_instant(instant), batch, event.occurrence_id,
    )  # fmt: skip


def _newest_first(reader: Reader, job: UUID | None) -> Iterator[Event]:
    high: int | None = None
    while True:
        if job is None:
            page = reader.scan(EVENTS_BY_SEQUENCE, high=high, reverse=True, limit=_PAGE)
        else:
            page = reader.scan(EVENTS_BY_JOB, job, high=high, reverse=True, limit=_PAGE)
        yield from page
        if len(page) < _PAGE:
            return
        high = page[-1].sequence - 1


def _is_undone(reader: Reader, act: Event) -> bool:
    later = reader.scan(EVENTS_BY_JOB, act.job_id, low=act.sequence + 1)
    return any(event.kind == "undone" and event.detail["undoes"] == act.sequence for event in later)


def _restore_ticker(tx: Transaction, gate: Job, act: Event, passed: Gap | None, now: datetime, actor: str) -> None:
    if control_state(gate) != act.detail["after"]:
        raise Refused(f"job {gate.name} has been changed since; nothing was undone")
    before = act.detail["before"]
    if before["stopped"] and not gate.stopped:
        stop_now(tx, gate, now, passed)
    elif gate.stopped and not before["stopped"]:
        _mark_again(tx, start_again(tx, gate, now, actor), act.detail["marks"], now)
    else:
        _restore_pause(tx, gate, act, now)


def _restore_pause(tx: Transaction, gate: Job, act: Event, now: datetime) -> None:
    before = act.detail["before"]
    until = None if before["until"] is None else parse_instant(before["until"])
    if until is not None and until <= now:
        raise Refused(f"the pause of {gate.name} would have ended by now; nothing was undone")
    if not before["paused"] and gate.paused_until is not None and gate.paused_until <= now:
        raise Refused(f"the pause of {gate.name} has ended by itself; nothing was undone")
    # The span that is to go on: the newest, or, if a renewal is taken back, the one before it.
    spans = tx.scan(PAUSES_BY_JOB, gate.id, reverse=True, limit=1 if act.kind == "job_resumed" else 2)
    set_pause(
        tx, gate, now=now, since=now if before["paused"] else None, until=until, reason=before["reason"],
        batch=spans[-1].batch if spans else None,
    )  # fmt: skip


def _mark_again(tx: Transaction, gate: Job, marks: list[Detail], now: datetime) -> None:
    """Give back the marks that went with the coming runs of a job that was stopped, where those are still to come."""
    schedule = Definitions().schedule(tx, gate) if is_ticking(gate) else None
    for mark in marks:
        instant = parse_instant(mark["instant"])
        slot = None if schedule is None or instant <= now else schedule.slot_at(instant)
        row = None if slot is None else planned_row(tx, gate, slot, now)
        if row is not None:
            write_occurrence(tx, row, occurrence_moves.mark(row, Reason(mark["reason"]), mark["detail"]))


def _restore_mark(tx: Transaction, gate: Job, act: Event) -> None:
    row = None if act.occurrence_id is None else tx.get(OCCURRENCES, act.occurrence_id)
    if row is None or mark_state(row) != act.detail["after"]:
        raise Refused(f"that run of {gate.name} has been changed or has happened since; nothing was undone")
    before = act.detail["before"]
    reason = None if before["reason"] is None else Reason(before["reason"])
    restored = replace(row, reason=reason, detail=before["detail"], due_at=parse_instant(before["due"]))
    write_occurrence(tx, row, restored)
    write_job(tx, gate, gate)
