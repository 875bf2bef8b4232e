"""Lines of the outbox, written in the transaction of what they tell of; and the tally that decides about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import (
    Detail,
    Job,
    JobTally,
    Notification,
    NotificationState,
    Occurrence,
)
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine import announce
from jobistemer_tui.engine.announce import Told
from jobistemer_tui.engine.messages import document
from jobistemer_tui.engine.planner import is_ahead
from jobistemer_tui.engine.report import execution_report
from jobistemer_tui.engine.slowness import LOOKED_AT, slow_after
from jobistemer_tui.engine.tally import after_end, counted
from jobistemer_tui.engine.transactions.outbox import give_up
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    JOB_TALLIES,
    NOTIFICATIONS,
    NOTIFICATIONS_BY_LANE,
    OCCURRENCES_BY_JOB_HANDLED,
    PAUSES_BY_JOB,
    TASK_RUNS_BY_OCCURRENCE,
)

MAX_QUEUED = 1000
"""Lines that wait for one receiver of a job; beyond that the oldest is given up: no outage fills the store."""
_HISTORY = 200


def announce_start(tx: Transaction, definition: JobDefinition, row: Occurrence, now: datetime) -> None:
    """Tell of the start of an occurrence."""
    told = announce.started(definition.announcements, row)
    if told:
        _tell(tx, definition, row, told, tally_of(tx, row.job_id), now)


def announce_end(tx: Transaction, definition: JobDefinition, row: Occurrence, now: datetime) -> None:
    """Count the end of an occurrence that ran, and tell of it."""
    runs, attempts = tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id), tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id)
    before = tally_of(tx, row.job_id)
    after = after_end(before, row, runs, attempts)
    told = announce.ended(definition.announcements, row, before, after)
    after = _write_tally(tx, announce.remembered(after, told))
    _tell(tx, definition, row, told, after, now)
    announce_slow(tx, definition, row, now)


def announce_unrun(tx: Transaction, definition: JobDefinition, row: Occurrence, now: datetime) -> None:
    """Tell of an occurrence that is skipped or missed; of others there is nothing to tell."""
    told = announce.did_not_run(definition.announcements, row)
    if told:
        _tell(tx, definition, row, told, tally_of(tx, row.job_id), now)


def count_unrun(tx: Transaction, row: Occurrence) -> None:
    """Count the end of an occurrence that never ran."""
    if row.state in TERMINAL_OCCURRENCES:
        _write_tally(tx, counted(tally_of(tx, row.job_id), row.state.value))


def announce_gap(
    tx: Transaction, definition: JobDefinition, job: Job, count: int, reason: Reason, until: datetime, now: datetime,
    *, given_up: int,
) -> None:  # fmt: skip
    """Count the instants of a gap that are missed, and tell of them together with those `given_up` of earlier gaps."""
    tally = tally_of(tx, job.id)
    if count:
        tally = _write_tally(tx, counted(tally, OccurrenceState.MISSED.value, count))
    count += given_up
    if count == 0 or reason in announce.UNTOLD_MISSES:
        return
    facts = {"status": OccurrenceState.MISSED.value, "reason": reason.value, "missed": count}
    facts["scheduled_at"] = instant_text(until)
    told = announce.gap_passed(definition.announcements, until)
    _write(tx, told, job.id, None, {**_facts_of(definition, job), **facts}, tally, now)


def announce_slow(tx: Transaction, definition: JobDefinition, row: Occurrence, now: datetime) -> None:
    """Tell of a run that takes, or took, longer than its job's history leads one to expect."""
    told = announce.is_slow(definition.announcements, row)
    limit = slow_after(_history(tx, row)) if told and row.started_at is not None else None
    if limit is None or row.started_at is None or ((row.finished_at or now) - row.started_at).total_seconds() <= limit:
        return
    _tell(tx, definition, row, told, tally_of(tx, row.job_id), now, slow_after_s=round(limit, 3))


def announce_no_success(tx: Transaction, definition: JobDefinition, job: Job, now: datetime) -> None:
    """Tell of a job that has had no success for too long; the time of a pause, or of a stop, does not count.

    A success that a clock ahead has noted is one of now: nothing would be told before that time comes again.
    """
    tally = tally_of(tx, job.id)
    if is_ahead(tally.succeeded_at, now):
        tally = _write_tally(tx, replace(tally, succeeded_at=now))
    pauses = tx.scan(PAUSES_BY_JOB, job.id, reverse=True, limit=1)
    begins = [tally.succeeded_at or job.first_published_at, *(row.end_at for row in pauses if row.end_at is not None)]
    since = max((begin for begin in begins if not is_ahead(begin, now)), default=now)
    told = announce.no_success(definition.announcements, since, now)
    silent = (now - since).total_seconds()
    facts = {"status": "no_success", "since": instant_text(since), "silent_s": silent // 60 * 60 or silent // 1}
    _write(tx, told, job.id, None, {**_facts_of(definition, job), **facts}, tally, now)


def tally_of(reader: Reader, job_id: UUID) -> JobTally:
    """What a job's ends add up to so far."""
    return reader.get(JOB_TALLIES, job_id) or JobTally(job_id)


def _write_tally(tx: Transaction, tally: JobTally) -> JobTally:
    if not tx.replace(JOB_TALLIES, tally, tally):
        tx.insert(JOB_TALLIES, tally)
    return tally


def _history(reader: Reader, row: Occurrence) -> list[float]:
    """The seconds that the newest successful runs of the job took, without this one."""
    rows = reader.scan(OCCURRENCES_BY_JOB_HANDLED, row.job_id, reverse=True, limit=_HISTORY)
    spans = [
        (other.finished_at - other.started_at).total_seconds()
        for other in rows
        if other.state is OccurrenceState.COMPLETED and other.id != row.id and other.started_at and other.finished_at
    ]
    return spans[:LOOKED_AT]


def _facts_of(definition: JobDefinition, job: Job) -> Detail:
    return {"job": definition.name, "job_id": str(job.id), "version": job.version}


def _tell(
    tx: Transaction, definition: JobDefinition, row: Occurrence, told: Sequence[Told], tally: JobTally, now: datetime,
    **more: float,
) -> None:  # fmt: skip
    if not told:
        return
    runs, attempts = tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id), tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id)
    report = execution_report(definition, row, runs, attempts)
    _write(tx, told, row.job_id, row.id, {**report, **more}, tally, now)


def _write(
    tx: Transaction, told: Sequence[Told], job_id: UUID, occurrence_id: UUID | None, report: Detail, tally: JobTally,
    now: datetime,
) -> None:  # fmt: skip
    for one in told:
        lane = identity.lane_id(job_id, one.receiver)
        turn = tx.count(NOTIFICATIONS_BY_LANE, lane, NotificationState.WAITING)
        row = Notification(
            id=identity.notification_id(job_id, one.about, one.receiver), job_id=job_id, occurrence_id=occurrence_id,
            channel=one.channel.value, state=NotificationState.QUEUED if turn else NotificationState.WAITING,
            created_at=now, not_before=now, target=dict(one.target), payload=document(one.word, report, tally),
            lane=lane,
        )  # fmt: skip
        if tx.insert(NOTIFICATIONS, row) and tx.count(NOTIFICATIONS_BY_LANE, lane, row.state) > MAX_QUEUED:
            (oldest,) = tx.scan(NOTIFICATIONS_BY_LANE, lane, row.state, limit=1)
            give_up(tx, oldest, f"more than {MAX_QUEUED} wait for this receiver", "outbox", now)
