"""Retention that runs by itself: a few jobs at a time, beside everything else the engine does."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.engine.clearing import Clearing, read_surplus
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.clear import EVENTS_AT_ONCE, clear_events, clear_ranges, last_old_event
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.errors import ODDITIES, JobistemerError
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS_BY_KEY, OCCURRENCES_BY_JOB_STATE

log = logging.getLogger(__name__)
EVERY = timedelta(minutes=10)
LOOKED_AT, READ_AT_ONCE = 1000, 50
"""Jobs of one round of which it is asked whether anything is new, and whose history is read; the rest follow later."""
EVENT_STEPS = 20
LEFT_OVER_EVERY = timedelta(hours=1)

Seen = tuple[tuple[int, ...], int, datetime | None]
"""How many runs of each ended state a job had when it was looked at, its version, and when the next gets too old."""


class RetentionRounds:
    """Clears away what jobs no longer keep, those that are not loaded included, and old events.

    A job whose runs are as many as they were, and of which none has got too old, is not read again.
    """

    def __init__(
        self, store: StoreCalls, owner: Callable[[], Owner], clearing: Clearing, audit_age: float | None, reports: Path
    ) -> None:
        self._store = store
        self._owner = owner
        self._clearing = clearing
        self._audit_age = audit_age
        self._reports = reports
        self._seen: dict[UUID, Seen] = {}
        self._left_over_at: datetime | None = None
        self._from_key: str | None = None
        self._next_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def start_if_due(self, now: datetime) -> None:
        """Begin a round, beside everything else, if the last one is some time ago; called after each sweep."""
        if self._next_at is None:
            self._next_at = now + EVERY
        # A clock that was set back must not put the next round off.
        if self._next_at - EVERY <= now < self._next_at or (self._task is not None and not self._task.done()):
            return
        self._next_at = now + EVERY
        self._task = asyncio.ensure_future(self._guarded_round(now))

    async def close(self) -> None:
        """Stop a round that is under way; the next engine goes on with it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _guarded_round(self, now: datetime) -> None:
        """What goes wrong with a round is tried again by the next."""
        try:
            await self.round(now)
        except (JobistemerError, OSError, *ODDITIES) as error:
            log.warning("nothing more is cleared away for now: %s", error)

    async def round(self, now: datetime) -> int:
        """Look at a few jobs and at the oldest events; gives how many runs went."""
        if self._left_over_at is None or abs(now - self._left_over_at) >= LEFT_OVER_EVERY:
            self._left_over_at = now
            await self._clearing.clear_left_over()
            await self._clearing.clear_reports(self._reports)
        await self._clear_events(now)
        due = self._store.read(partial(self._find_due, now=now))
        return sum([await self._clear(job, now) for job in due])

    def _find_due(self, reader: Reader, now: datetime) -> list[Job]:
        """The jobs, from where the last round stopped, that have something new to look at."""
        jobs = reader.scan(JOBS_BY_KEY, low=self._from_key, limit=LOOKED_AT)
        self._from_key = jobs[-1].key if len(jobs) == LOOKED_AT else None
        due = []
        for job in jobs:
            if not self._is_seen(reader, job, now):
                due.append(job)
                if len(due) == READ_AT_ONCE:
                    self._from_key = job.key
                    break
        return due

    def _is_seen(self, reader: Reader, job: Job, now: datetime) -> bool:
        counts, version, next_at = self._seen.get(job.id, ((), 0, None))
        if version != job.version or (next_at is not None and next_at <= now):
            return False
        return counts == _counts(reader, job.id)

    async def _clear(self, job: Job, now: datetime) -> int:
        owner = self._owner()
        surplus = await self._store.read_long(lambda reader: read_surplus(reader, owner.definitions, job, now))
        cleared = await self._clearing.clear(surplus, now=now, actor=owner.actor)
        if cleared:
            log.info("%d runs of %s were cleared away", cleared, job.name)
        if surplus.old_ranges:
            await self._store.try_write(partial(clear_ranges, job_id=job.id, before=surplus.ranges_before))
        counts = self._store.read(lambda reader: _counts(reader, job.id))
        # What could not go yet (it is told of, or was pinned in between) is looked at again.
        self._seen[job.id] = (counts, job.version, surplus.next_at if cleared == surplus.runs else now)
        return cleared

    async def _clear_events(self, now: datetime) -> None:
        """Delete old events, the oldest first; of very many as many as one round may."""
        if self._audit_age is None:
            return
        before = now - timedelta(seconds=self._audit_age)
        find = partial(last_old_event, before=before, now=now, enough=EVENT_STEPS * EVENTS_AT_ONCE)
        until = await self._store.read_long(find)
        if until is None:
            return
        for _ in range(EVENT_STEPS):
            if await self._store.try_write(partial(clear_events, until=until)) < EVENTS_AT_ONCE:
                return


def _counts(reader: Reader, job_id: UUID) -> tuple[int, ...]:
    return tuple(reader.count(OCCURRENCES_BY_JOB_STATE, job_id, state) for state in sorted(TERMINAL_OCCURRENCES))
