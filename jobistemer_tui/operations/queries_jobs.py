"""Rows of the list of jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobistemer_tui.domain.job_source import EXTERNAL_SOURCE
from jobistemer_tui.domain.pauses import is_paused, snoozed_until
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OWNED_OCCURRENCES, WAITING_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.job_models import JobRow
from jobistemer_tui.operations.queries_changes import ChangedJobs
from jobistemer_tui.operations.queries_recent import Recent, RecentRuns
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.tables import (
    JOBS,
    JOBS_BY_KEY,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_JOB_STATE,
    OCCURRENCES_IN_SHORT,
)

if TYPE_CHECKING:
    from jobistemer_tui.domain.records import Job, Occurrence, OccurrenceInShort
    from jobistemer_tui.engine import engine_lock
    from jobistemer_tui.jobfiles import folders
    from jobistemer_tui.operations.queries_definitions import Listed, ListedVersions
    from jobistemer_tui.storage.contract import Reader
    from jobistemer_tui.storage.tables import Index
else:
    engine_lock = deferred("jobistemer_tui.engine.engine_lock")
    folders = deferred("jobistemer_tui.jobfiles.folders")

_S = OccurrenceState
_ALL_EVERY = timedelta(minutes=2)
_MOST_ONE_BY_ONE = 500


class Live:
    """What is planned, waits and runs now, by job."""

    def __init__(self) -> None:
        self.next: dict[UUID, OccurrenceInShort] = {}
        self.running: Counter[UUID] = Counter()
        self.waiting: Counter[UUID] = Counter()

    def add(self, occurrence: OccurrenceInShort) -> None:
        """Count one occurrence that is planned or open."""
        if occurrence.state in OWNED_OCCURRENCES:
            self.running[occurrence.job_id] += 1
        elif occurrence.state in WAITING_OCCURRENCES:
            self.waiting[occurrence.job_id] += 1
        else:
            first = self.next.get(occurrence.job_id, occurrence)
            self.next[occurrence.job_id] = min(first, occurrence, key=lambda row: row.scheduled_at)


class JobQueries:
    """Reads jobs of one store; keeps what cannot have changed since the last call."""

    def __init__(self, versions: ListedVersions) -> None:
        self._versions = versions
        self._changed = ChangedJobs()
        self._recent = RecentRuns()
        self._rows: dict[UUID, JobRow] = {}
        self._all_read_at: datetime | None = None
        self._one_at_a_time = Lock()
        self.unfinished_calls = 0
        """How many calls gave rows with strips that are still short; the next one gives longer ones."""

    def rows(self, reader: Reader, now: datetime) -> list[JobRow]:
        """All jobs by name, those not loaded here last."""
        with self._one_at_a_time:
            self._read(reader, now)
            self._lengthen(reader)
            self.unfinished_calls += not self._recent.complete
            return _in_order(self._rows.values())

    def known(self, reader: Reader, now: datetime) -> list[JobRow] | None:
        """All jobs in any order, if they have been read before, so that little is left to read; else None."""
        with self._one_at_a_time:
            if self._all_read_at is None:
                return None
            self._read(reader, now)
            return list(self._rows.values())

    def first(self, reader: Reader, count: int, now: datetime) -> tuple[list[JobRow], int]:
        """The first `count` jobs, in the order of `rows`, and how many there are; nothing is kept."""
        jobs = reader.scan(JOBS_BY_KEY, limit=count)
        states = [state for state in _SHOWN if _in_short(reader, OCCURRENCES_BY_DUE, state, limit=1)]  # most have none
        return _in_order(self._one(reader, job, states, now) for job in jobs), reader.count(JOBS_BY_KEY)

    def row(self, reader: Reader, job: Job, now: datetime) -> JobRow:
        """One job."""
        return self._one(reader, job, _SHOWN, now)

    def _one(self, reader: Reader, job: Job, states: Sequence[OccurrenceState], now: datetime) -> JobRow:
        recent = RecentRuns()
        recent.read(reader, {job.id})
        live = _live_of(reader, job.id, states)
        return _row(job, self._versions.of(reader, job), live, recent.of(job.id), now)

    def _read(self, reader: Reader, now: datetime) -> None:
        changed = self._changed_at(reader, now)
        before, self._all_read_at = self._all_read_at, None  # a read that fails halfway is done anew as a whole
        if changed is None:
            self._read_all(reader, now)
        else:
            self._read_some(reader, changed, now)
        self._all_read_at = now if changed is None else before

    def _changed_at(self, reader: Reader, now: datetime) -> set[UUID] | None:
        """The jobs to be read again; None for all, which is done now and then in any case."""
        changed = self._changed.since_last(reader)
        if changed is None or self._all_read_at is None or abs(now - self._all_read_at) >= _ALL_EVERY:
            return None
        if len(changed) > _MOST_ONE_BY_ONE or reader.count(JOBS_BY_KEY) > len(self._rows.keys() | changed):
            return None
        ended = {row.id for row in self._rows.values() if row.paused_until is not None and row.paused_until <= now}
        return changed | ended

    def _read_all(self, reader: Reader, now: datetime) -> None:
        jobs = reader.scan(JOBS_BY_KEY)
        self._recent.read(reader, {job.id for job in jobs})
        self._versions.read_many(reader, jobs)
        live = _live(occurrence for state in _SHOWN for occurrence in _in_short(reader, OCCURRENCES_BY_DUE, state))
        self._rows = {
            job.id: _row(job, self._versions.of(reader, job), live, self._recent.of(job.id), now) for job in jobs
        }

    def _read_some(self, reader: Reader, changed: set[UUID], now: datetime) -> None:
        self._recent.read(reader, changed)
        for job_id in changed:
            job = reader.get(JOBS, job_id)
            if job is None:
                self._rows.pop(job_id, None)
            else:
                live = _live_of(reader, job_id, _SHOWN)
                self._rows[job_id] = _row(job, self._versions.of(reader, job), live, self._recent.of(job_id), now)

    def _lengthen(self, reader: Reader) -> None:
        for job_id in self._recent.lengthen(reader):
            if job_id in self._rows:
                self._rows[job_id] = replace(self._rows[job_id], recent=self._recent.of(job_id).states)


def _in_order(rows: Iterable[JobRow]) -> list[JobRow]:
    return sorted(rows, key=lambda row: (not row.loaded, row.name))


def mark_unserved(rows: Sequence[JobRow], nodes_dir: Path) -> list[JobRow]:
    """Show the jobs of files that the serving engine does not watch as not loaded here; they come last."""
    owner = engine_lock.serving_engine(nodes_dir)
    if owner is None or not owner.roots:
        return list(rows)
    watched = {file for file in {row.file for row in rows} if folders.is_under(file, owner.roots)}
    marked = [row if row.file in watched else replace(row, loaded=False, next=None) for row in rows]
    return sorted(marked, key=lambda row: not row.loaded)


def _live_of(reader: Reader, job_id: UUID, states: Sequence[OccurrenceState]) -> Live:
    return _live(
        occurrence for state in states for occurrence in _in_short(reader, OCCURRENCES_BY_JOB_STATE, job_id, state)
    )


def _in_short(
    reader: Reader, index: Index[Occurrence], *equal: Any, limit: int | None = None
) -> list[OccurrenceInShort]:
    return reader.scan_part(OCCURRENCES_IN_SHORT, index, *equal, limit=limit)


_SHOWN = (_S.PLANNED, *OPEN_OCCURRENCES)


def _live(occurrences: Iterable[OccurrenceInShort]) -> Live:
    live = Live()
    for occurrence in occurrences:
        live.add(occurrence)
    return live


def is_loaded(job: Job) -> bool:
    """Whether an engine of this home runs the job: its file is there and means something."""
    return job.retired_at is None and job.error is None


def _row(job: Job, listed: Listed, live: Live, recent: Recent, now: datetime) -> JobRow:
    paused, following = is_paused(job, now), live.next.get(job.id)
    return JobRow(
        id=job.id,
        name=job.name,
        file=job.source_path,
        line=listed.line,
        description=listed.description,
        schedule=listed.schedule,
        in_words=listed.in_words,
        timezone=listed.timezone,
        enabled=listed.enabled and not job.stopped,
        loaded=is_loaded(job),
        paused=paused,
        paused_until=job.paused_until if paused else None,
        pause_reason=job.pause_reason if paused else None,
        next=None if following is None else following.scheduled_at,
        running=live.running[job.id],
        queued=live.waiting[job.id],
        last=recent.last,
        recent=recent.states,
        tags=listed.tags,
        error=job.error,
        stopped=job.stopped,
        next_mark=None if following is None else following.reason,
        next_starts=None if following is None else snoozed_until(following),
        follows=listed.follows,
        external=job.source_path == EXTERNAL_SOURCE,
        ticking=job.scheduled and not job.stopped,
    )
