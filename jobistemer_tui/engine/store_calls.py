"""The store as a coroutine sees it: nothing commits on the event loop, and a full disk is waited out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.histogram import DELAY_BOUNDS, observed
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.errors import StoreFull, StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Store, Transaction

T = TypeVar("T")
log = logging.getLogger(__name__)
RETRY_S = 1.0
MOVED_TRIES = 5


class StoreCalls:
    """Awaitable reads and writes of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.trouble: str | None = None
        """Why the store takes no writes at present, for the person; None if it does."""
        self.write_seconds: Detail = {}
        """Histogram (`DELAY_BOUNDS`) of what transactions took, their wait for others included."""
        self.on_full: Callable[[], bool] = lambda: False
        """Makes room for what has to be written on a full disk; True if that may have helped."""

    def read(self, work: Callable[[Reader], T]) -> T:
        """A short read, on the caller's thread."""
        return self._store.read(work)

    async def read_long(self, work: Callable[[Reader], T]) -> T:
        """A read that may take long, on a thread of its own."""
        return await asyncio.to_thread(self._store.read, work)

    async def try_write(self, work: Callable[[Transaction], T]) -> T:
        """One transaction; the wait may be cancelled, the transaction not. Raises whatever the store raises."""
        began = self._clock.read().monotonic
        result = await asyncio.wrap_future(self._store.submit(work))
        self.write_seconds = observed(self.write_seconds, self._clock.read().monotonic - began, DELAY_BOUNDS)
        return result

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """One transaction that has to be written: repeated until the store takes it.

        A guarded write that found another state (Moved) is repeated too, at most MOVED_TRIES times.
        """
        moved = 0
        while True:
            try:
                result = await self.try_write(work)
            except StoreUnavailable as error:
                self.complain(error)
                if isinstance(error, StoreFull) and self.on_full():
                    continue
                await self._clock.wait(asyncio.Event(), self._clock.now() + timedelta(seconds=RETRY_S))
            except Moved:
                moved += 1
                if moved >= MOVED_TRIES:
                    raise
            else:
                self.trouble = None
                return result

    def complain(self, error: StoreUnavailable) -> None:
        """Log that the store takes no writes, once until it does again."""
        if self.trouble is None:
            log.error("the store takes no writes: %s", error)
        self.trouble = error.message
