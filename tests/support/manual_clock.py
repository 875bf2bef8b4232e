"""A clock that stands still until the test moves it."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import Reading, SystemClock


class ManualClock:
    """Implements `domain.clock.Clock`; to be moved on the loop's own thread.

    The boot clock begins at the machine's own, because the supervisor compares deadlines with that.
    """

    def __init__(self, wall: datetime) -> None:
        self._reading = Reading(wall, 1000.0, SystemClock().read().boot)
        self._moved: set[asyncio.Event] = set()
        self._times_set = 0

    def now(self) -> datetime:
        return self._reading.wall

    def read(self) -> Reading:
        return self._reading

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._move(wall=seconds, monotonic=seconds, boot=seconds)

    def sleep(self, seconds: float) -> None:
        """The machine sleeps: the monotonic clock stands still."""
        self._move(wall=seconds, monotonic=0.0, boot=seconds)

    def set_wall(self, by_seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._times_set += 1
        self._move(wall=by_seconds, monotonic=0.0, boot=0.0)

    def _move(self, *, wall: float, monotonic: float, boot: float) -> None:
        old = self._reading
        self._reading = Reading(old.wall + timedelta(seconds=wall), old.monotonic + monotonic, old.boot + boot)
        for moved in self._moved:
            moved.set()

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        times_set = self._times_set
        while not event.is_set():
            if (until is not None and until <= self._reading.wall) or self._times_set != times_set:
                return False
            await self._event_or_move(event)
        return True

    async def _event_or_move(self, event: asyncio.Event) -> None:
        moved = asyncio.Event()
        self._moved.add(moved)
        waits = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(moved.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._moved.discard(moved)
            for waiting in waits:
                waiting.cancel()
