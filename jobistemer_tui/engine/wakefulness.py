"""Since when this engine has been awake without a break, and whether the clock can be trusted yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.states import Reason

BREAK_S = 2.0
"""A difference between the clocks of more than this is a sleep or a set clock, not a slow turn."""
LONG_GAP = timedelta(hours=1)
STEADY_S = 60.0


class Wakefulness:
    """Compares the three clocks at each turn of the engine.

    The boot clock runs through a sleep and the monotonic one does not; the wall clock may be set. Either way the
    instants in between passed while no engine was awake, so `awake` moves to now.
    """

    def __init__(self, reading: Reading) -> None:
        self._last = reading
        self._steady_since = reading.boot
        self.awake = reading.wall
        self.reason = Reason.DOWNTIME

    def look(self, reading: Reading) -> None:
        """Take in a new reading."""
        wall = (reading.wall - self._last.wall).total_seconds()
        boot = reading.boot - self._last.boot
        monotonic = reading.monotonic - self._last.monotonic
        slept, was_set = boot - monotonic > BREAK_S, abs(wall - boot) > BREAK_S
        if was_set:
            self._steady_since = reading.boot
        if slept or was_set:
            self.awake = reading.wall
            self.reason = Reason.ASLEEP
        self._last = reading

    def may_resolve(self, cursor: datetime) -> bool:
        """Whether a gap since `cursor` may be resolved: one of over an hour only after a minute of steady clock."""
        if self._last.wall - cursor <= LONG_GAP:
            return True
        return self._last.boot - self._steady_since >= STEADY_S

    def steady_at(self) -> datetime:
        """The wall-clock instant from which long gaps may be resolved."""
        return self._last.wall + timedelta(seconds=max(0.0, STEADY_S - (self._last.boot - self._steady_since)))
