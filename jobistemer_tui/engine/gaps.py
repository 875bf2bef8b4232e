"""Finds the gaps among due rows and resolves them, spread out, before anything of those jobs is handled."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import GapState, JobGap, Occurrence
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.recovery import spread_delay
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Moved, Owner
from jobistemer_tui.engine.transactions.hold_gap import awake_since, gap_row, hold_gap, judged
from jobistemer_tui.engine.transactions.resolve_gap import read_gap, resolve_gap
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import GAPS_BY_HOLD

log = logging.getLogger(__name__)


class Gaps:
    """Separates what is merely late from what was missed while no engine was awake, and holds what has to wait."""

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
        self._held: set[UUID] = set()
        self._judged_at = wakefulness.awake
        self._awake: dict[UUID, datetime] = {}
        """Of the jobs whose gap is held in the store: since when an engine was awake, as who found it says."""
        self._seen: int | None = None
        """How many gaps were held in the store at the last look, if none was added since."""

    def look(self, reader: Reader, now: datetime) -> datetime | None:
        """Let those that have waited long enough, or were decided about, be judged anew; gives when the next are."""
        if self._judged_at != self._wakefulness.awake:
            self._held.clear()  # what it was held for may have changed, as may the clock that says until when
            self._seen = None
            self._judged_at = self._wakefulness.awake
        seen = reader.count(GAPS_BY_HOLD, GapState.HELD)
        if seen != self._seen:
            held = reader.scan(GAPS_BY_HOLD, GapState.HELD)
            self._awake = {gap.job_id: awake for gap in held if (awake := awake_since(gap, now)) is not None}
            # The job of one may have been stopped, and nothing of it waits any more.
            self._held.intersection_update(gap.job_id for gap in held)
            self._seen = seen
        if not self._held:
            return None
        due = reader.scan(GAPS_BY_HOLD, GapState.HELD, high=now)
        self._held.difference_update(gap.job_id for gap in due)
        following = reader.scan(GAPS_BY_HOLD, GapState.HELD, low=now + datetime.resolution, limit=1)
        return following[0].held_until if following else None

    def look_again(self) -> None:
        """Compare what is held with the store in the next look: one may have gone as another came."""
        self._seen = None

    def hold(self, job_id: UUID) -> None:
        """Let a job wait whose gap is held in the store."""
        self._held.add(job_id)
        self._seen = None

    def holds(self, job_id: UUID) -> bool:
        """Whether the gap of a job waits for its fate, and all that is due after it with it."""
        return job_id in self._held

    @property
    def count(self) -> int:
        """How many are held."""
        return len(self._held)

    async def resolve(
        self, planned: Sequence[Occurrence], now: datetime, set_aside: Callable[[UUID, Exception], None]
    ) -> tuple[list[Occurrence], int, datetime | None]:
        """Resolve the gaps of the jobs of `planned`.

        Gives the rows to be handled as usual, how many gaps were resolved, and until when others are held.

        Starts of different jobs are spread, see `spread_delay`. A row whose gap cannot be resolved is handed to
        `set_aside` and stops no other job. What comes after an unresolved gap waits with it: handling it would move the
        cursor past instants that have no fate.
        """
        suspects = [row for row in planned if row.scheduled_at < self._awake_for(row.job_id)]
        ordinary = [row for row in planned if row.scheduled_at >= self._awake_for(row.job_id)]
        held: datetime | None = None
        resolved = 0
        troubled: set[UUID] = set()
        for place, row in enumerate(suspects):
            if self.holds(row.job_id):
                continue
            try:
                found = await self._resolve_one(row, place, len(suspects))
            except StoreUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one job must not stop the others
                set_aside(row.id, error)
                troubled.add(row.job_id)
                continue
            if isinstance(found, datetime):
                held = found if held is None else min(held, found)
            elif found:
                resolved += 1
            else:
                ordinary.append(row)
        rest = [row for row in ordinary if row.job_id not in troubled and not self.holds(row.job_id)]
        return rest, resolved, held

    def _awake_for(self, job_id: UUID) -> datetime:
        """Since when an engine was awake that could have handled the instants of a job."""
        awake = self._wakefulness.awake
        return max(awake, self._awake.get(job_id, awake))

    async def _resolve_one(self, row: Occurrence, place: int, count: int) -> bool | datetime:
        """True if there was a gap, which then has its fate; else its late instants are planned as usual.

        The time until which it is held, if it may not be resolved yet.
        """
        owner, now, away, job_id = self._owner(), self._clock.now(), self._wakefulness, row.job_id
        # The gap begins at the first instant without a fate, however long ago the one before it was. While the clock
        # may be wrong it is not counted: there may be years of it.
        if away.steady_at(row.scheduled_at) is not None:
            found = self._store.read(lambda reader: gap_row(reader, job_id))
            return await self._hold(judged(job_id, row.scheduled_at, found, away, now))
        reading = await self._store.read_long(
            lambda reader: read_gap(reader, owner, job_id, awake=self._awake_for(job_id), now=now, away=away)
        )
        if not reading.gap.slots:
            return False
        if reading.is_held and reading.row is not None:
            return await self._hold(reading.row)
        sync_point("gap.read")
        due_at = now + timedelta(seconds=spread_delay(place, count, reading.spread_s))
        try:
            await self._store.write(
                lambda tx: resolve_gap(tx, owner, reading, reason=away.reason, now=now, due_at=due_at)
            )
        except Moved:
            log.info("the gap of job %s was resolved meanwhile", job_id, extra={"job_id": job_id})
        return True

    async def _hold(self, gap: JobGap) -> datetime:
        owner, now = self._owner(), self._clock.now()
        if not await self._store.write(lambda tx: hold_gap(tx, owner, gap, now)):
            return now  # the row in the store says something else, perhaps by a clock that was ahead
        self.hold(gap.job_id)
        assert gap.held_until is not None
        return gap.held_until
