"""The only place that reads clocks. Everything else is handed a Clock."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

# macOS has no CLOCK_BOOTTIME; there it is CLOCK_MONOTONIC that goes on while the machine sleeps.
_BOOT_CLOCK: Final[int] = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


@dataclass(frozen=True, slots=True)
class Reading:
    """The three clocks at one moment.

    `wall` is aware UTC; `monotonic` (seconds) stands still while the machine sleeps, `boot` (seconds) does not.
    """

    wall: datetime
    monotonic: float
    boot: float


class Clock(Protocol):
    """Time as the engine sees it."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""

    def read(self) -> Reading:
        """All three clocks."""

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        """Wait for `event` or the wall-clock instant `until`; True if the event came.

        Returns early (False) when the wall clock is set, so that the caller looks again.
        """


class SystemClock:
    """The machine's clocks.

    The wall clock may be set or the machine may sleep while we wait, and neither wakes a timer on the
    monotonic clock; so a wait is cut into slices of at most `SLICE_S` seconds.
    """

    SLICE_S = 1.0

    def now(self) -> datetime:
        return datetime.now(UTC)

    def read(self) -> Reading:
        return Reading(self.now(), time.monotonic(), time.clock_gettime(_BOOT_CLOCK))

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        while not event.is_set():
            left = None if until is None else (until - self.now()).total_seconds()
            if left is not None and left <= 0:
                return False
            before = self.read()
            slice_s = None if left is None else min(left, self.SLICE_S)
            if await _event_within(event, slice_s):
                return True
            if _wall_was_set(before, self.read()):
                return False
        return True


async def _event_within(event: asyncio.Event, seconds: float | None) -> bool:
    # Not asyncio.timeout: on Python 3.11 an exception thrown into an await ends the tracing of the frames outside it.
    waiting = asyncio.ensure_future(event.wait())
    try:
        done, _ = await asyncio.wait({waiting}, timeout=seconds)
    finally:
        waiting.cancel()
    return bool(done)


def _wall_was_set(before: Reading, after: Reading) -> bool:
    """Whether the wall clock moved otherwise than the boot clock by more than a second."""
    wall = (after.wall - before.wall).total_seconds()
    return abs(wall - (after.boot - before.boot)) > 1.0
