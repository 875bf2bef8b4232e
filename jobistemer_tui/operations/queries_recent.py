"""The newest occurrences of each job, kept between calls: reading them for thousands of jobs takes seconds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.operations.job_models import LastRun
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.tables import OCCURRENCES_BY_HANDLED, OCCURRENCES_BY_JOB_HANDLED, OCCURRENCES_IN_SHORT

if TYPE_CHECKING:
    from jobistemer_tui.domain.records import OccurrenceInShort
    from jobistemer_tui.domain.states import OccurrenceState
    from jobistemer_tui.storage.contract import Reader

STRIP = 12
_WINDOW = 2_000
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Recent:
    """The newest handled occurrence, and the states of the newest twelve, oldest first."""

    last: LastRun | None
    states: tuple[OccurrenceState, ...]


NEVER = Recent(None, ())


class RecentRuns:
    """What was last read of each job.

    Of very many jobs at once only the last runs are read; their strips follow, some with each call of `lengthen`.
    """

    def __init__(self) -> None:
        self._known: dict[UUID, Recent] = {}
        self._short: set[UUID] = set()

    @property
    def complete(self) -> bool:
        """Whether every strip is as long as it should be."""
        return not self._short

    def of(self, job_id: UUID) -> Recent:
        """What was last read of a job."""
        return self._known.get(job_id, NEVER)

    def read(self, reader: Reader, jobs: set[UUID]) -> None:
        """Read these jobs anew."""
        if len(jobs) <= _AT_ONCE:
            self._read_whole(reader, jobs)
        else:
            self._read_many(reader, jobs)

    def lengthen(self, reader: Reader) -> set[UUID]:
        """Make some of the strips whole that are still short; gives their jobs."""
        jobs = set(islice(self._short, _AT_ONCE))
        self._read_whole(reader, jobs)
        return jobs

    def _read_whole(self, reader: Reader, jobs: set[UUID]) -> None:
        for job_id in jobs:
            self._known[job_id] = recent_of(_newest(reader, job_id, STRIP))
        self._short -= jobs

    def _read_many(self, reader: Reader, jobs: set[UUID]) -> None:
        """The newest runs of all jobs tell about the busy ones; each of the others is asked for its last run."""
        found: dict[UUID, list[OccurrenceInShort]] = {}
        newest = reader.scan_part(OCCURRENCES_IN_SHORT, OCCURRENCES_BY_HANDLED, low=EPOCH, reverse=True, limit=_WINDOW)
        for occurrence in newest:
            found.setdefault(occurrence.job_id, []).append(occurrence)
        everything = len(newest) < _WINDOW
        for job_id in jobs:
            runs = found.get(job_id, [])
            if not everything and len(runs) < STRIP:
                runs = runs or _newest(reader, job_id, 1)
                self._short |= {job_id} if runs else set()
            self._known[job_id] = recent_of(runs)


def _newest(reader: Reader, job_id: UUID, count: int) -> list[OccurrenceInShort]:
    return reader.scan_part(
        OCCURRENCES_IN_SHORT, OCCURRENCES_BY_JOB_HANDLED, job_id, low=EPOCH, reverse=True, limit=count
    )


def recent_of(newest_first: Sequence[OccurrenceInShort]) -> Recent:
    """The strip and the last run from handled occurrences, newest first."""
    runs = newest_first[:STRIP]
    if not runs:
        return NEVER
    return Recent(_last_run(runs[0]), tuple(run.state for run in reversed(runs)))


def _last_run(run: OccurrenceInShort) -> LastRun:
    return LastRun(run.id, run.state, run.reason, run.scheduled_at, run.started_at, run.finished_at)
