"""Which jobs this engine runs: those whose definition it has read from files it watches."""

from __future__ import annotations

from uuid import UUID

from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS_BY_KEY


class Loaded:
    """Job id → the version that is published and loaded. Rows of other jobs are left alone."""

    def __init__(self) -> None:
        self._versions: dict[UUID, int] = {}
        self.others = 0
        """How many jobs of the store are not loaded here; each may have one planned row in the way."""

    def __contains__(self, job_id: UUID) -> bool:
        return job_id in self._versions

    def ids(self) -> list[UUID]:
        """The loaded jobs."""
        return list(self._versions)

    def add(self, job_id: UUID, version: int) -> None:
        """From now on this engine runs the job."""
        self._versions[job_id] = version

    def remove(self, job_id: UUID) -> None:
        """From now on it does not."""
        self._versions.pop(job_id, None)

    def count_others(self, reader: Reader) -> None:
        """Count anew the jobs that are not ours."""
        self.others = sum(1 for job in reader.scan(JOBS_BY_KEY) if job.id not in self._versions)
