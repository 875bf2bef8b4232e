"""Telling in the audit what a change of job files did to jobs."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.file_plan import FilePlan
from jobistemer_tui.domain.records import Event
from jobistemer_tui.engine.file_events import RELOADED
from jobistemer_tui.engine.read_file_plan import is_settled, read_file_plan
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.errors import ODDITIES, JobistemerError
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import JOBS

log = logging.getLogger(__name__)
MOST_JOBS = 25
"""How many jobs one event names; the rest are counted."""
STEPS = 2_000
"""How many instants of all schedules together are looked at: some 20 ms, for which a save and the engine wait."""


class FileChange:
    """One reload: what it is about to do, told when it is done."""

    def __init__(self, store: StoreCalls, now: datetime) -> None:
        self._store = store
        self._plan = FilePlan(now)

    async def foresee(self, found: Iterable[SourcedJob], gone: Collection[UUID] = ()) -> None:
        """Compute what publishing these jobs, and retiring those, will do. To be called before it is done."""
        found = tuple(found)
        if not (found or gone):
            return
        read = partial(_read, found=found, gone=tuple(gone), now=self._plan.at)
        try:
            seen = await self._store.read_long(read)
        except (JobistemerError, *ODDITIES) as error:
            log.warning("what the change of files does cannot be told: %s", error)  # it is done all the same
            return
        self._plan = replace(self._plan, jobs=self._plan.jobs + seen.jobs, more=self._plan.more + seen.more)

    async def tell(self, actor: str, failed: Collection[str]) -> None:
        """Write the event, if anything has changed; jobs that could not be published are not named."""
        plan = replace(self._plan, jobs=tuple(job for job in self._plan.jobs if job.job not in failed))
        if plan or plan.more:
            event = Event(at=plan.at, kind=RELOADED, actor=actor, detail=plan.to_json())
            await self._store.write(partial(_append, event=event))


def _append(tx: Transaction, event: Event) -> None:
    tx.append(event)


def _read(reader: Reader, found: Sequence[SourcedJob], gone: Sequence[UUID], now: datetime) -> FilePlan:
    changed = [one for one in found if not _is_settled(reader, one)]
    plan = read_file_plan(reader, changed[:MOST_JOBS], gone[:MOST_JOBS], now, steps=STEPS)
    more = len(changed[MOST_JOBS:]) + len(gone[MOST_JOBS:])
    return replace(plan, more=more)


def _is_settled(reader: Reader, sourced: SourcedJob) -> bool:
    job = reader.get(JOBS, sourced.definition.id)
    return job is not None and is_settled(job, sourced)
