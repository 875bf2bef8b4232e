"""The supervisor's clocks; the only place in it that reads the time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def wall_us() -> int:
    """Wall-clock time in microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def iso(microseconds: int) -> str:
    """`2026-10-25T00:30:00.250000Z` for microseconds since 1970."""
    instant = _EPOCH + timedelta(microseconds=microseconds)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def monotonic() -> float:
    """Seconds of the clock that stands still while the machine sleeps."""
    return time.monotonic()


def boot() -> float:
    """Seconds since boot, sleep included (CLOCK_BOOTTIME); comparable between processes of one host."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def pause(seconds: float) -> None:
    """Block for a moment, in which nothing is served: at the start, and while pipes fill."""
    time.sleep(seconds)
