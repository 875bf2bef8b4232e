"""Why an engine begins nothing new though it could: it is drained, or its clock is too far from the store's."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID

from jobistemer_tui.domain.clock import Clock, Reading, wall_was_set
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.store_clock import MOST_OFFSET, TimedStore
from jobistemer_tui.storage.tables import NODE_DRAINS, NODES

log = logging.getLogger(__name__)
LOOK_EVERY: Final = timedelta(seconds=60)


class Closing:
    """Looks for a drain when somebody may have written one, and at the clocks each minute and when ours was set.

    `reason` is why nothing is begun; `offset_ms` how far our clock is ahead of the store's, None where it has none.
    """

    def __init__(self, store: Store, calls: StoreCalls, clock: Clock, name: str) -> None:
        self._timed = store if isinstance(store, TimedStore) else None
        self._calls = calls
        self._clock = clock
        self._name = name
        self._measured: Reading | None = None
        self._is_drained = False
        self._stale = True
        self.reason: Reason | None = None
        self.offset_ms: int | None = None

    def look_again(self) -> None:
        """Somebody may have drained the node, or taken that back."""
        self._stale = True

    async def look(self, node_id: UUID) -> None:
        """Look where there is cause, and write what has changed into the node's row. Raises StoreUnavailable."""
        await self._measure()
        if self._stale:
            self._stale = False
            self._is_drained = self._calls.read(lambda reader: reader.get(NODE_DRAINS, self._name)) is not None
        is_off = self.offset_ms is not None and timedelta(milliseconds=abs(self.offset_ms)) > MOST_OFFSET
        reason = Reason.CLOCK_SKEW if is_off else Reason.DRAINED if self._is_drained else None
        if reason is not self.reason:
            log.warning("%s", "runs are begun again" if reason is None else f"no run is begun: {reason}")
            self.reason = reason
            await self._calls.try_write(partial(self._tell, node_id))

    async def _measure(self) -> None:
        now, last = self._clock.read(), self._measured
        is_old = last is None or now.monotonic - last.monotonic >= LOOK_EVERY.total_seconds()
        # Before anything is judged by a clock that was set: it may be wrong only since then.
        if self._timed is None or not (is_old or (last is not None and wall_was_set(last, now))):
            return
        self._measured = now
        before = self._clock.now()
        server = await asyncio.to_thread(self._timed.server_time)
        middle = before + (self._clock.now() - before) / 2
        self.offset_ms = round((middle - server).total_seconds() * 1000)

    def _tell(self, node_id: UUID, tx: Transaction) -> None:
        node = tx.get(NODES, node_id)
        if node is None:
            return
        tx.replace(NODES, node, replace(node, trouble=self.reason, clock_offset_ms=self.offset_ms))
        if self.reason is Reason.CLOCK_SKEW:
            detail = {"node": self._name, "offset_ms": self.offset_ms}
            actor = f"engine {short_id(node_id)}"
            tx.append(Event(at=self._clock.now(), kind="clock_skewed", actor=actor, detail=detail))
