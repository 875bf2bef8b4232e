"""Since when this engine has been awake without a break, and whether the clock can be trusted yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.states import Reason

BREAK_S = 2.0
"""A difference between the clocks of more than this is a sleep or a set clock, not a slow turn."""
LONG_GAP = timedelta(hours=1)
STEADY_S = 60.0
BELIEVED_S = 86400.0
"""So long (seconds) after a far jump of the clock history may get old by it."""
FAR = timedelta(days=1)
"""A clock that jumps ahead by less is believed at once, as that of a virtual machine does which is paused at night."""


class Wakefulness:
    """Compares the three clocks at each turn of the engine.

    The boot clock runs through a sleep and the monotonic one does not; the wall clock may be set. Either way the
    instants in between passed while no engine was awake, so `awake` moves to now.
    """

    def __init__(self, reading: Reading) -> None:
        self._last = reading
        self._steady_since = reading.boot
        self._ahead = timedelta(0)
        self._doubted_since = reading.boot
        self.awake = reading.wall
        self.reason = Reason.DOWNTIME
        self.down_at: datetime | None = None
        """Since when no engine was awake before that; None while nobody knows."""

    def was_down_since(self, begin: datetime) -> None:
        """Before this engine none was awake since `begin`, as far as the clock is right."""
        self.down_at = begin
        self._doubt(self._last.wall - begin, self._last.boot)

    def look(self, reading: Reading) -> None:
        """Take in a new reading."""
        wall = (reading.wall - self._last.wall).total_seconds()
        boot = reading.boot - self._last.boot
        monotonic = reading.monotonic - self._last.monotonic
        slept, was_set = boot - monotonic > BREAK_S, abs(wall - boot) > BREAK_S
        if was_set:
            self._steady_since = reading.boot
            self._doubt(timedelta(seconds=wall - boot), reading.boot)
        if reading.boot - self._doubted_since >= BELIEVED_S:
            self._ahead = timedelta(0)
        if slept or was_set:
            self.awake, self.down_at = reading.wall, self._last.wall
            self.reason = Reason.ASLEEP if slept else Reason.CLOCK_SET
        self._last = reading

    def _doubt(self, step: timedelta, boot: float) -> None:
        """What the clock jumped ahead, or back (below zero)."""
        if step > FAR:
            self._ahead += step
            self._doubted_since = boot
        elif step < timedelta(0):
            self._ahead = max(self._ahead + step, timedelta(0))

    @property
    def believed(self) -> datetime:
        """Now, for what cannot be undone: without what the clock jumped far ahead in the last day (UTC)."""
        return self._last.wall - self._ahead

    def steady_at(self, begin: datetime) -> datetime | None:
        """When the clock may be trusted with a gap since `begin`, None: now.

        One of over an hour is believed only after a minute of steady clock.
        """
        missing = STEADY_S - (self._last.boot - self._steady_since)
        if missing <= 0 or self._last.wall - begin <= LONG_GAP:
            return None
        return self._last.wall + timedelta(seconds=missing)
