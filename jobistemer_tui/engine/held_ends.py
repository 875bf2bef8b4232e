"""Results that wait while many starts are on their way: a start is late by what is done before it, an end is not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from jobistemer_tui.domain.clock import Clock, Lapse
from jobistemer_tui.engine.supervisor_client import AttemptResult

BURST = 16
"""With more starts than these on their way, results wait."""
LONGEST_HOLD = timedelta(seconds=1.5)
"""So long a result waits at the most: the supervisor begins to sync those that nobody took after two seconds."""


class HeldEnds:
    """Hands results on to `record`, all of a burst together when it is over; on the loop's thread only."""

    def __init__(self, clock: Clock, record: Callable[[AttemptResult], None]) -> None:
        self._clock = clock
        self._record = record
        self._held: list[AttemptResult] = []
        self._over = asyncio.Event()
        self.places_wanted: Callable[[], bool] = lambda: False
        """Whether something waits for the places that ends free: then none is held."""

    def holds(self, starting: int) -> bool:
        """Whether a result waits, with so many starts on their way."""
        return starting > BURST and not self.places_wanted()

    def add(self, result: AttemptResult) -> bool:
        """Hold a result; True if it is the first, so that somebody has to `wait`."""
        if not self._held:
            self._over.clear()  # here: the burst may be over before whoever is to wait has the first turn
        self._held.append(result)
        return len(self._held) == 1

    async def wait(self) -> None:
        """Until the burst is over or has lasted LONGEST_HOLD; then hand on what is held."""
        await Lapse(self._clock, LONGEST_HOLD).wait(self._over)
        self.release()

    def look(self, starting: int) -> None:
        """So many starts are on their way now."""
        if starting <= BURST:
            self._over.set()

    def release(self) -> None:
        """Hand on now what is held."""
        self._over.set()
        held, self._held = self._held, []
        for result in held:
            self._record(result)

    def forget(self) -> None:
        """Drop what is held: nobody waits for it any more, and the supervisor keeps what was not taken."""
        self._held.clear()
