"""Finds the gaps among due rows and resolves them, spread out, before anything of those jobs is handled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.recovery import spread_delay
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Moved, Owner
from jobistemer_tui.engine.transactions.resolve_gap import read_gap, resolve_gap
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.sync_points import sync_point

log = logging.getLogger(__name__)


class Gaps:
    """Separates what is merely late from what was missed while no engine was awake."""

    def __init__(
        self,
        store: StoreCalls,
        clock: Clock,
        loaded: Loaded,
        owner: Callable[[], Owner],
        wakefulness: Wakefulness,
    ) -> None:
        self._store = store
        self._clock = clock
        self._loaded = loaded
        self._owner = owner
        self._wakefulness = wakefulness

    async def resolve(
        self, planned: Sequence[Occurrence], now: datetime, set_aside: Callable[[UUID, Exception], None]
    ) -> tuple[list[Occurrence], int, datetime | None]:
        """Resolve the gaps of the jobs of `planned`.

        Gives the rows to be handled as usual, how many gaps were resolved, and until when others are held.

        Starts of different jobs are spread, see `spread_delay`. A row whose gap cannot be resolved is handed to
        `set_aside` and stops no other job. What comes after an unresolved gap waits with it: handling it would move the
        cursor past instants that have no fate.
        """
        suspects = [row for row in planned if row.scheduled_at < self._wakefulness.awake]
        ordinary = [row for row in planned if row.scheduled_at >= self._wakefulness.awake]
        held: datetime | None = None
        resolved = 0
        unresolved: set[UUID] = set()
        for place, row in enumerate(suspects):
            # The gap begins at the first instant without a fate, however long ago the one before it was.
            if not self._wakefulness.may_resolve(row.scheduled_at):
                held = self._wakefulness.steady_at()
                unresolved.add(row.job_id)
                continue
            try:
                found = await self._resolve_one(row.job_id, place, len(suspects))
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one job must not stop the others
                set_aside(row.id, error)
                unresolved.add(row.job_id)
                continue
            if found:
                resolved += 1
            else:
                ordinary.append(row)
        return [row for row in ordinary if row.job_id not in unresolved], resolved, held

    async def _resolve_one(self, job_id: UUID, place: int, count: int) -> bool:
        """True if there was a gap; the late instants after it are then planned as usual."""
        owner, now, awake = self._owner(), self._clock.now(), self._wakefulness.awake
        reason = self._wakefulness.reason
        reading = await self._store.read_long(lambda reader: read_gap(reader, owner, job_id, awake=awake, now=now))
        if not reading.gap.slots:
            return False
        sync_point("gap.read")
        due_at = now + timedelta(seconds=spread_delay(place, count, reading.spread_s))
        try:
            await self._store.write(lambda tx: resolve_gap(tx, owner, reading, reason=reason, now=now, due_at=due_at))
        except Moved:
            log.info("the gap of job %s was resolved meanwhile", job_id, extra={"job_id": job_id})
        return True
