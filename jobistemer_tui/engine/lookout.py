"""What only the passing of time brings: a run that takes too long, a job that has had no success for too long."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.announcements import Occasion
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.announce import announce_no_success, announce_slow
from jobistemer_tui.engine.transactions.common import Owner, the_job
from jobistemer_tui.errors import ODDITIES, JobistemerError, StoreUnavailable
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB_STATE

log = logging.getLogger(__name__)


class Lookout:
    """Looks at the jobs whose rules ask for it, with the sweep."""

    def __init__(self, store: StoreCalls, owner: Callable[[], Owner]) -> None:
        self._store = store
        self._owner = owner

    async def look(self, jobs: Iterable[Job], now: datetime) -> None:
        """One transaction a job that is watched; one that cannot be judged stops no other."""
        for job in (job for job in jobs if job.watched):
            try:
                work = partial(judge, owner=self._owner(), job_id=job.id, now=now)
                await self._store.try_write(work)
            except StoreUnavailable:
                raise
            except (JobistemerError, *ODDITIES) as error:
                log.error("job %s cannot be watched: %s", job.name, error, extra={"job": job.name})


def judge(tx: Transaction, *, owner: Owner, job_id: UUID, now: datetime) -> None:
    """Tell of the slow runs of a job, and of its silence; a job that is paused or stopped is silent on purpose."""
    job = the_job(tx, job_id)
    definition = owner.definitions.of(tx, job.id, job.version)
    if definition.announcements.asking(Occasion.SLOW):
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.RUNNING):
            announce_slow(tx, owner.definitions.of(tx, job_id, row.version), row, now)
    if definition.enabled and not job.stopped and not is_paused(job, now):
        announce_no_success(tx, definition, job, now)
