"""A clock that stands still until the simulation moves it."""

from __future__ import annotations

import asyncio
from datetime import datetime

from jobistemer_tui.domain.clock import Reading


class SimulatedClock:
    """See `domain.clock.Clock`; all three clocks run alike."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._now = start

    def now(self) -> datetime:
        return self._now

    def read(self) -> Reading:
        passed = (self._now - self._start).total_seconds()
        return Reading(self._now, passed, passed)

    def move_to(self, instant: datetime) -> None:
        """Let time pass until `instant`; it never goes back."""
        self._now = max(self._now, instant)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        if not event.is_set() and until is not None:
            self.move_to(until)
        return event.is_set()
