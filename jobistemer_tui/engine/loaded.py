"""Which jobs this engine runs: those that are published as the files it watches define them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS_BY_KEY


class Loaded:
    """The ids of those jobs. Rows of other jobs are left alone."""

    def __init__(self) -> None:
        # Of tens of thousands the integers are half the size of UUIDs, and a dict of them is half that of a set.
        self._ids: dict[int, None] = {}
        self.held: frozenset[UUID] = frozenset()
        """Jobs whose edit waits for a steady clock."""
        self.others = 0
        """How many jobs of the store are not loaded here; each may have one planned row in the way."""

    def __contains__(self, job_id: UUID) -> bool:
        return job_id.int in self._ids

    def add(self, job_id: UUID) -> None:
        """From now on this engine runs the job."""
        self._ids[job_id.int] = None

    def add_all(self, ids: Iterable[str]) -> None:
        """The same for many, by their ids as hex."""
        for one in ids:
            self._ids[int(one, 16)] = None

    def remove(self, job_id: UUID) -> None:
        """From now on it does not."""
        self._ids.pop(job_id.int, None)

    def count_others(self, reader: Reader) -> None:
        """Count anew the jobs that are not ours."""
        self.others = max(0, reader.count(JOBS_BY_KEY) - len(self._ids))
