"""Jobs that no watched file holds any more, and when they are gone for good."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.records import Job
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.jobfiles.reading import Reading
from jobistemer_tui.settings.quick_dataclass import replace

GONE_FOR = timedelta(seconds=5)
GONE_SCANS = 2


def refused_jobs(jobs: Sequence[Job], reading: Reading) -> list[Job]:
    """The jobs whose file, or a folder on the way to it, could not be taken: what is published of them runs on."""
    refused = [file.path for file in reading.files if not file.ok]
    return [job for job in _ours(jobs, reading) if is_under(job.source_path, refused)]


def missing_jobs(jobs: Sequence[Job], reading: Reading) -> list[Job]:
    """The jobs of the roots that were read which no file holds: their file, or their place in it, is gone.

    What is refused keeps its jobs: a broken save, or a folder that cannot be listed, removes nothing.
    """
    held = {job_id(job.key) for file in reading.files for job in file.held}
    kept = {job.id for job in refused_jobs(jobs, reading)}
    return [job for job in _ours(jobs, reading) if job.id not in held and job.id not in kept]


def _ours(jobs: Sequence[Job], reading: Reading) -> list[Job]:
    return [job for job in jobs if job.retired_at is None and is_under(job.source_path, reading.roots)]


@dataclass(slots=True)
class _Gone:
    """A job that no file holds any more: since when (seconds, monotonic), and how many scans have seen it so."""

    since: float
    scans: int = 1


class GoneJobs:
    """Which jobs are missing, and since when."""

    def __init__(self) -> None:
        self._gone: dict[UUID, _Gone] = {}

    def __bool__(self) -> bool:
        return bool(self._gone)

    def look(self, missing: Collection[Job], now: float) -> list[Job]:
        """Note which jobs a scan at `now` misses; gives those that have been gone for 5 s and two scans.

        `now` is seconds on the monotonic clock: whoever sets the wall clock changes nothing about how long that was.
        """
        self._gone = {job.id: self._seen(job.id, now) for job in missing}
        return [job for job in missing if self._is_for_good(self._gone[job.id], now)]

    def forget(self, job_id: UUID) -> None:
        """The job has been retired."""
        self._gone.pop(job_id, None)

    def _seen(self, job_id: UUID, now: float) -> _Gone:
        seen = self._gone.get(job_id)
        return _Gone(now) if seen is None else replace(seen, scans=seen.scans + 1)

    def _is_for_good(self, gone: _Gone, now: float) -> bool:
        return gone.scans >= GONE_SCANS and now - gone.since >= GONE_FOR.total_seconds()
