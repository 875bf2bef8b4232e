"""How long a run of a job is expected to take: the median of its newest ones that were completed."""

from __future__ import annotations

from statistics import median
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOB_TALLIES, OCCURRENCES_BY_JOB_HANDLED

_NEWEST = 20
_COMPLETED = (OccurrenceState.COMPLETED, OccurrenceState.COMPLETED_WITH_ERRORS)


class ExpectedDurations:
    """Reads durations of one store; those of a job are read anew only after another run of it has ended."""

    def __init__(self) -> None:
        self._known: dict[UUID, tuple[int, float | None]] = {}

    def of(self, reader: Reader, job_id: UUID) -> float | None:
        """Seconds, or None where no run of the job is known to have been completed."""
        tally = reader.get(JOB_TALLIES, job_id)
        ended = 0 if tally is None else sum(tally.counts.values())
        known = self._known.get(job_id)
        if known is None or known[0] != ended:
            known = self._known[job_id] = (ended, expected_s(reader, job_id))
        return known[1]


def expected_s(reader: Reader, job_id: UUID) -> float | None:
    """Seconds, or None where none of the newest runs was completed."""
    newest = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job_id, low=EPOCH, reverse=True, limit=_NEWEST)
    seconds = [
        (run.finished_at - run.started_at).total_seconds()
        for run in newest
        if run.state in _COMPLETED and run.started_at is not None and run.finished_at is not None
    ]
    return max(0.0, median(seconds)) if seconds else None
