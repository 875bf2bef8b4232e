"""The pauses of a job: the one in force in its row, and all as spans, which still count when they have passed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Job, Pause
from jobistemer_tui.engine.transactions.common import the_job, write_job
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import PAUSES, PAUSES_BY_JOB


def set_pause(
    tx: Transaction, gate: Job, *, now: datetime, since: datetime | None, until: datetime | None = None,
    reason: str | None = None, batch: UUID | None = None,
) -> Job:  # fmt: skip
    """Write whether a job is paused; the spans are kept, so that one that elapsed during downtime still counts."""
    _drop_begun_ahead(tx, gate.id, now)
    newest = newest_span(tx, gate.id)
    if newest is not None and (newest.end_at is None or newest.end_at > now):
        tx.replace(PAUSES, newest, replace(newest, end_at=now))
    if since is not None:
        span = Pause(gate.id, now, until, reason, batch)
        if not tx.insert(PAUSES, span):
            tx.replace(PAUSES, span, span)  # the one before it began at this very moment and covers nothing
    return write_job(tx, gate, replace(gate, paused_at=since, paused_until=until, pause_reason=reason))


def newest_span(reader: Reader, job_id: UUID) -> Pause | None:
    """The span of the pause that a job had last, or has."""
    spans = reader.scan(PAUSES_BY_JOB, job_id, reverse=True, limit=1)
    return spans[0] if spans else None


def paused_ahead(reader: Reader, now: datetime) -> set[UUID]:
    """The jobs of which a pause began, or though it is over ends, in the future: by a clock that was ahead.

    It reads all pauses that there ever were.
    """
    late = [span for span in reader.scan(PAUSES_BY_JOB) if now < max(span.begin_at, span.end_at or span.begin_at)]
    return {span.job_id for span in late if _is_wrong(span, the_job(reader, span.job_id), now)}


def take_back_pauses(tx: Transaction, job: Job, now: datetime) -> Job:
    """Let the pause in force begin now, and last as long as it was to, if a clock that was ahead began it.

    What else lies ahead of spans is forgotten: nothing is paused by what is over.
    """
    newest = newest_span(tx, job.id)
    if newest is None or not _is_wrong(newest, job, now):
        return job
    if job.paused_at is not None and job.paused_at > now:
        until = None if job.paused_until is None else now + (job.paused_until - job.paused_at)
        return set_pause(tx, job, now=now, since=now, until=until, reason=job.pause_reason, batch=newest.batch)
    _drop_begun_ahead(tx, job.id, now)
    over = newest_span(tx, job.id)
    if over is not None and _is_wrong(over, job, now):
        tx.replace(PAUSES, over, replace(over, end_at=now))
    return write_job(tx, job, job)


def _is_wrong(span: Pause, job: Job, now: datetime) -> bool:
    """Whether a span begins in the future, or ends there and is not that of the pause in force."""
    return span.begin_at > now or (span.end_at is not None and span.end_at > now and span.begin_at != job.paused_at)


def _drop_begun_ahead(tx: Transaction, job_id: UUID, now: datetime) -> None:
    """One that was noted by a clock that was ahead would be taken for the newest, and that one would never end."""
    for span in tx.scan(PAUSES_BY_JOB, job_id, low=now + datetime.resolution):
        tx.delete(PAUSES, job_id, span.begin_at)
