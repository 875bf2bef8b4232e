"""Clear away what a job no longer keeps, rows and folders: for the engine and for `storage prune`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.records import UNSENT_NOTIFICATIONS, Job
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.expired_folders import folders, left_over, set_aside, settle
from jobistemer_tui.engine.outbox.hook import reports_of
from jobistemer_tui.engine.retention import Family, expendable, goes_next
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.clear import attempts_of, clear, is_over, read_families
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import ATTEMPTS, GAPS_BY_JOB, NOTIFICATIONS, RANGES_BY_JOB

AT_ONCE = 20
"""Families of one transaction, so that nothing else waits for long."""


@dataclass(frozen=True, slots=True)
class Surplus:
    """What a job no longer keeps, and when the next of what it keeps gets too old."""

    job: Job
    families: tuple[Family, ...]
    next_at: datetime | None = None
    ranges_before: datetime = EPOCH
    old_ranges: bool = False
    """Whether ranges of missed instants, or gaps, ended before `ranges_before`; they are not kept either."""

    @property
    def runs(self) -> int:
        """How many runs they are."""
        return sum(len(family.rows) for family in self.families)

    @property
    def size(self) -> int:
        """The bytes of their logs."""
        return sum(family.size for family in self.families)


def read_surplus(reader: Reader, definitions: Definitions, job: Job, now: datetime) -> Surplus:
    """What a job no longer keeps now. May take long for a long history."""
    keep = definitions.of(reader, job.id, job.version).policies.keep
    found = read_families(reader, job.id, keep)
    going = expendable(found, keep, now)
    next_at = goes_next(found, keep, now)
    oldest = EPOCH if keep.age is None else now - timedelta(seconds=keep.age)
    old_ranges = any(missed.to_at < oldest for missed in reader.scan(RANGES_BY_JOB, job.id)) or any(
        is_over(gap, oldest) for gap in reader.scan(GAPS_BY_JOB, job.id, limit=1)
    )
    return Surplus(job, tuple(going), next_at, oldest, old_ranges)


class Clearing:
    """Deletes rows and folders, a few runs in each transaction."""

    def __init__(self, store: StoreCalls, attempts_dir: Path) -> None:
        self._store = store
        self._attempts_dir = attempts_dir

    async def clear(self, surplus: Surplus, *, now: datetime, actor: str) -> int:
        """Delete what a job no longer keeps; gives how many runs went. Raises whatever the store raises."""
        cleared = 0
        for some in _in_parts(surplus.families):
            attempts = self._store.read(partial(attempts_of, found=some))
            await asyncio.to_thread(set_aside, self._attempts_dir, attempts)
            work = partial(clear, job_id=surplus.job.id, found=some, now=now, actor=actor)
            try:
                cleared += await self._store.try_write(work)
            finally:  # where nothing was deleted the folders are put back
                await self._settle(attempts)
        return cleared

    async def clear_left_over(self) -> int:
        """Remove, or put back, folders that a crash has left set aside; gives how many were removed."""
        return await self._settle(await asyncio.to_thread(left_over, self._attempts_dir))

    async def clear_reports(self, reports: Path) -> int:
        """Remove the files of programs that were killed with their engine, once nobody will try them again."""
        found = await asyncio.to_thread(reports_of, reports)
        waiting = self._store.read(partial(_still_waiting, ids=frozenset(found.values())))
        gone = [path for path, notification in found.items() if notification not in waiting]
        for path in gone:
            await asyncio.to_thread(path.unlink, missing_ok=True)
        return len(gone)

    async def clear_orphans(self, found: Sequence[UUID]) -> int:
        """Remove the folders of attempts that have no row; gives how many."""
        await asyncio.to_thread(set_aside, self._attempts_dir, found)
        return await self._settle(found)

    async def orphans(self) -> list[UUID]:
        """The attempts that have a folder and no row: a row is there before its folder is, so it was deleted."""
        found = await asyncio.to_thread(folders, self._attempts_dir)
        rows = self._with_a_row(found)
        return [attempt for attempt in found if attempt not in rows]

    async def _settle(self, attempts: Sequence[UUID]) -> int:
        rows = self._with_a_row(attempts)
        return await asyncio.to_thread(settle, self._attempts_dir, attempts, rows)

    def _with_a_row(self, attempts: Sequence[UUID]) -> frozenset[UUID]:
        return self._store.read(
            lambda reader: frozenset(one for one in attempts if reader.get(ATTEMPTS, one) is not None)
        )


def _still_waiting(reader: Reader, ids: frozenset[UUID]) -> frozenset[UUID]:
    rows = (reader.get(NOTIFICATIONS, one) for one in ids)
    return frozenset(row.id for row in rows if row is not None and row.state in UNSENT_NOTIFICATIONS)


def _in_parts(found: Sequence[Family]) -> Iterator[Sequence[Family]]:
    for start in range(0, len(found), AT_ONCE):
        yield found[start : start + AT_ONCE]
