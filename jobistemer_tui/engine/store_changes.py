"""Waiting for commits: those of this process at once, those of others within a quarter of a second."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.storage.contract import Store

LOOK_EVERY = timedelta(seconds=0.25)


class StoreChanges:
    """One waiter on one event loop, which makes it; close it when done. What was committed since is never lost."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self._token = store.change_token()
        self._unsubscribe = store.on_change(self._on_change)

    def _on_change(self) -> None:
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            self._loop.call_soon_threadsafe(self._moved.set)

    async def wait(self) -> None:
        """Return once something has been committed since the last call, or since this was made."""
        while not self._moved.is_set() and self._store.change_token() == self._token:
            await self._clock.wait(self._moved, self._clock.now() + LOOK_EVERY)
        self._moved.clear()
        self._token = self._store.change_token()

    def close(self) -> None:
        """Hear of no more commits."""
        self._unsubscribe()
