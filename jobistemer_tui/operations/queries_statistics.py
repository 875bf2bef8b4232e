"""Reads the runs that figures are made of."""

from __future__ import annotations

from datetime import tzinfo
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.statistics import Ran, Statistics, statistics_of
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    JOB_TALLIES,
    OCCURRENCES_BY_JOB_HANDLED,
    OCCURRENCES_BY_JOB_STATE,
)

NEWEST = 1_000
"""Of a job so many runs are looked at, whatever else is stored: what `keep` leaves of it by default."""
_KEPT = 20_000


def _total(reader: Reader, job: Job, read: int) -> int:
    """How many runs are stored, planned ones left out."""
    if read < NEWEST:
        return read
    planned = reader.count(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    return reader.count(OCCURRENCES_BY_JOB_HANDLED, job.id) - planned


class StatisticsQueries:
    """Reads figures of one store; keeps how often runs that have ended were retried, which no longer changes."""

    def __init__(self) -> None:
        self._retries: dict[UUID, int] = {}

    def of(self, reader: Reader, job: Job, zone: tzinfo | None) -> Statistics:
        """The figures of a job; see `statistics.Statistics`."""
        newest = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job.id, low=EPOCH, reverse=True, limit=NEWEST)
        runs = [self._ran(reader, row) for row in reversed(newest)]
        tally = reader.get(JOB_TALLIES, job.id)
        return statistics_of(
            job.name, runs, _total(reader, job, len(newest)), {} if tally is None else tally.counts, zone
        )

    def _ran(self, reader: Reader, row: Occurrence) -> Ran:
        started, finished = row.started_at, row.finished_at
        return Ran(
            id=row.id, at=row.scheduled_at, status=row.state,
            seconds=None if started is None or finished is None else max(0.0, (finished - started).total_seconds()),
            late=None if started is None else max(0.0, (started - row.scheduled_at).total_seconds()),
            retries=None if started is None else self._retries_of(reader, row),
        )  # fmt: skip

    def _retries_of(self, reader: Reader, row: Occurrence) -> int:
        known = self._retries.get(row.id)
        if known is None:
            known = _retries(reader, row.id)
            if row.state not in OPEN_OCCURRENCES:
                if len(self._retries) >= _KEPT:
                    self._retries.clear()
                self._retries[row.id] = known
        return known


def _retries(reader: Reader, occurrence_id: UUID) -> int:
    """How many tries were not the first one of their task."""
    if reader.count(ATTEMPTS_BY_OCCURRENCE, occurrence_id) < 2:
        return 0
    attempts = reader.scan(ATTEMPTS_BY_OCCURRENCE, occurrence_id)
    return len(attempts) - len({attempt.task_run_id for attempt in attempts})
