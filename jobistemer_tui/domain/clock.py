"""The only place that reads clocks. Everything else is handed a Clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = deferred("asyncio")  # most commands read the clock, and wait for nothing

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
        if event.is_set() or until is None:
            return await event.wait()
        if until <= self.now():
            return False
        over = _Over(self, until, self.SLICE_S)
        # Not asyncio.timeout: on Python 3.11 an exception thrown into an await ends the tracing of the frames outside.
        waiting = asyncio.ensure_future(event.wait())
        ends: tuple[asyncio.Future[Any], ...] = (waiting, over.future)
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            return waiting.done()
        finally:
            waiting.cancel()
            over.cancel()


class _Over:
    """Its future is done at an instant, or when the wall clock is set.

    The slices are timers that wake nobody, and all waits of a loop end theirs at the same moments: an idle engine
    spends most of its time here.
    """

    def __init__(self, clock: SystemClock, until: datetime, slice_s: float) -> None:
        self._clock = clock
        self._until = until
        self._slice_s = slice_s
        self._loop = asyncio.get_running_loop()
        self.future: asyncio.Future[None] = self._loop.create_future()
        self._before = clock.read()
        self._timer = self._set_timer()

    def cancel(self) -> None:
        """Nobody waits any more."""
        self._timer.cancel()

    def _set_timer(self) -> asyncio.TimerHandle:
        now, left = self._loop.time(), (self._until - self._before.wall).total_seconds()
        return self._loop.call_at(min(now + left, (now // self._slice_s + 1) * self._slice_s), self._look)

    def _look(self) -> None:
        before, self._before = self._before, self._clock.read()
        if self._before.wall >= self._until or wall_was_set(before, self._before):
            self.future.set_result(None)  # once: no timer follows, and one that is cancelled does not get here
        else:
            self._timer = self._set_timer()


class Lapse:
    """A while that begins now, by the clock that nobody sets: for waits that setting the wall clock must not move."""

    def __init__(self, clock: Clock, length: timedelta) -> None:
        self._clock = clock
        self._ends_at = clock.read().monotonic + length.total_seconds()

    @property
    def left(self) -> timedelta:
        """How long it still lasts; zero or less once it is over."""
        return timedelta(seconds=self._ends_at - self._clock.read().monotonic)

    @property
    def is_over(self) -> bool:
        """Whether it has passed."""
        return self.left <= timedelta(0)

    async def wait(self, event: asyncio.Event) -> bool:
        """Wait for `event` or the end; True if the event came."""
        while not event.is_set():
            left = self.left
            if left <= timedelta(0):
                return False
            await self._clock.wait(event, self._clock.now() + left)
        return True


def wall_was_set(before: Reading, after: Reading) -> bool:
    """Whether the wall clock moved otherwise than the boot clock by more than a second."""
    wall = (after.wall - before.wall).total_seconds()
    return abs(wall - (after.boot - before.boot)) > 1.0
