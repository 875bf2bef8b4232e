"""Delete what retention no longer keeps: rows in small transactions that look again before they write."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.identity import occurrence_id
from jobistemer_tui.domain.instants import EPOCH, instant_text
from jobistemer_tui.domain.policies import Keep
from jobistemer_tui.domain.records import UNSENT_NOTIFICATIONS, Attempt, JobGap, Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.engine.retention import Family, families
from jobistemer_tui.engine.transactions.common import tell_job, the_job
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_OCCURRENCE,
    CHUNKS_BY_ATTEMPT,
    EVENTS,
    EVENTS_BY_SEQUENCE,
    GAPS_BY_JOB,
    JOB_GAPS,
    LOG_CHUNKS,
    MISSED_RANGES,
    NOTIFICATIONS,
    NOTIFICATIONS_BY_OCCURRENCE,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_HANDLED,
    OCCURRENCES_BY_REPLAYED,
    RANGES_BY_JOB,
    TASK_RUNS,
    TASK_RUNS_BY_OCCURRENCE,
)

EVENTS_AT_ONCE = 500
CHUNKS_AT_ONCE = 16
"""Pieces of output that are held in memory; each may have hundreds of kilobytes, and a log a hundred of them."""


def read_families(reader: Reader, job_id: UUID, keep: Keep) -> list[Family]:
    """All handled occurrences of a job with their replays; their logs are measured only where that matters."""
    rows = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job_id, low=EPOCH)
    if keep.size is None:
        return [Family(members) for members in families(rows)]
    return [Family(members, sum(_size_of(reader, row) for row in members)) for members in families(rows)]


def _size_of(reader: Reader, row: Occurrence) -> int:
    if row.started_at is None:
        return 0
    return sum(log_size(attempt) for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id))


def log_size(attempt: Attempt) -> int:
    """How many bytes of output are kept of a try, as its supervisor reported them."""
    return max(0, int(attempt.detail.get("output_bytes", 0)) - int(attempt.detail.get("dropped_bytes", 0)))


def attempts_of(reader: Reader, found: Sequence[Family]) -> list[UUID]:
    """The tries of all runs of some families."""
    rows = [row for family in found for row in family.rows]
    return [attempt.id for row in rows for attempt in reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id)]


def clear(tx: Transaction, job_id: UUID, found: Sequence[Family], *, now: datetime, actor: str) -> int:
    """Delete families of a job, all of each or nothing of it; gives how many runs went.

    One that was pinned, replayed or changed meanwhile, or that somebody is still to be told of, stays. So does one
    of an instant that is still to come for the job, whose clock was set back: its row is what keeps it from coming.
    """
    job = the_job(tx, job_id)
    going = [family for family in found if _may_go(tx, family, job.cursor_at)]
    rows = [row for family in going for row in family.rows]
    for row in rows:
        _delete(tx, row)
    if rows:
        instants = sorted(row.scheduled_at for row in rows)
        detail = {"runs": len(rows), "from": instant_text(instants[0]), "to": instant_text(instants[-1])}
        tell_job(tx, "runs_cleared", actor, now, job, detail)
    return len(rows)


def _may_go(tx: Transaction, family: Family, cursor: datetime) -> bool:
    members = {row.id for row in family.rows}
    for row in family.rows:
        if row.scheduled_at > cursor and row.id == occurrence_id(row.job_id, row.scheduled_at):
            return False
        here = tx.get(OCCURRENCES, row.id)
        if here is None or here.state not in TERMINAL_OCCURRENCES or here.pinned:
            return False
        if any(replay.id not in members for replay in tx.scan(OCCURRENCES_BY_REPLAYED, row.id)):
            return False
        told = tx.scan(NOTIFICATIONS_BY_OCCURRENCE, row.id)
        if any(one.state in UNSENT_NOTIFICATIONS for one in told):
            return False
    return True


def _delete(tx: Transaction, row: Occurrence) -> None:
    for attempt in tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id):
        while chunks := tx.scan(CHUNKS_BY_ATTEMPT, attempt.id, limit=CHUNKS_AT_ONCE):
            for chunk in chunks:
                tx.delete(LOG_CHUNKS, attempt.id, chunk.file, chunk.position)
        tx.delete(ATTEMPTS, attempt.id)
    for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id):
        tx.delete(TASK_RUNS, run.id)
    for told in tx.scan(NOTIFICATIONS_BY_OCCURRENCE, row.id):
        tx.delete(NOTIFICATIONS, told.id)
    tx.delete(OCCURRENCES, row.id)


def clear_ranges(tx: Transaction, job_id: UUID, before: datetime) -> int:
    """Delete a job's ranges of missed instants that ended before an instant, and what was done about such gaps.

    Gives how many.
    """
    old = [missed for missed in tx.scan(RANGES_BY_JOB, job_id) if missed.to_at < before]
    for missed in old:
        tx.delete(MISSED_RANGES, missed.job_id, missed.from_at)
    gaps = [gap for gap in tx.scan(GAPS_BY_JOB, job_id, high=before) if is_over(gap, before)]
    for gap in gaps:
        tx.delete(JOB_GAPS, gap.job_id, gap.begin_at)
    return len(old) + len(gaps)


def is_over(gap: JobGap, before: datetime) -> bool:
    """Whether a gap got its fate before an instant."""
    return gap.resolved_at is not None and gap.resolved_at < before


def last_old_event(reader: Reader, before: datetime, now: datetime, *, enough: int) -> int | None:
    """The number of the last event from before an instant, among at least the `enough` oldest; None if there is none.

    Events are numbered in the order in which they were written, so what stands before an old one is as old, whatever a
    clock that was ahead has dated it.
    """
    found, seen, low = None, 0, None
    while page := reader.scan(EVENTS_BY_SEQUENCE, low=low, limit=EVENTS_AT_ONCE):
        for event in page:
            if event.at < before:
                found = event.sequence
            elif event.at <= now:
                return found
        seen, low = seen + len(page), page[-1].sequence + 1
        if found is not None and seen >= enough:
            break
    return found


def clear_events(tx: Transaction, until: int) -> int:
    """Delete the oldest events up to a number, at most EVENTS_AT_ONCE; gives how many."""
    old = tx.scan(EVENTS_BY_SEQUENCE, high=until, limit=EVENTS_AT_ONCE)
    for event in old:
        tx.delete(EVENTS, event.sequence)
    return len(old)
