"""The three clocks of a simulated machine, over the loop's own time, which is its monotonic clock."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import Reading, wall_was_set
from tests.support.simulated_loop import SimulatedLoop

BOOT = 5000.0
NOTICE_S = 1.0
"""Waits are cut into slices of a second, so that is how long a program may take to notice a change of the clock."""


class SimulatedClock:
    """Implements `domain.clock.Clock`."""

    def __init__(self, loop: SimulatedLoop, wall: datetime, chance: random.Random) -> None:
        self._loop = loop
        self._chance = chance
        self._start = wall
        self._set_by = 0.0
        self._slept = 0.0
        self._waiters: dict[asyncio.Future[None], None] = {}
        self.was_set_back = False
        self.on_jump: list[Callable[[], None]] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._set_by + self._slept + self._loop.time())

    def boot(self) -> float:
        """Seconds on the boot clock."""
        return BOOT + self._slept + self._loop.time()

    def read(self) -> Reading:
        return Reading(self.now(), BOOT + self._loop.time(), self.boot())

    def set_wall(self, by_seconds: float) -> None:
        """Somebody sets the wall clock."""
        self._set_by += by_seconds
        self.was_set_back |= by_seconds < 0
        self._notice()

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: nothing runs and the monotonic clock stands still."""
        self._slept += seconds
        self._notice()

    def _notice(self) -> None:
        for waiter in self._waiters:
            self._loop.call_later(self._chance.random() * NOTICE_S, _set, waiter)
        for listener in self.on_jump:
            listener()

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        before = self.read()
        while not event.is_set():
            left = None if until is None else (until - self.now()).total_seconds()
            if left is not None and left <= 0:
                return False
            waiting = asyncio.ensure_future(event.wait())
            jumped: asyncio.Future[None] = self._loop.create_future()
            self._waiters[jumped] = None
            try:
                await asyncio.wait((waiting, jumped), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._waiters.pop(jumped, None)
                waiting.cancel()
            if event.is_set():
                return True
            now = self.read()
            if until is not None and wall_was_set(before, now):
                return False
            before = now
        return True


def _set(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
