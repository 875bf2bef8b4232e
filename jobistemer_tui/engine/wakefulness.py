"""Since when this engine has been awake without a break, and whether the clock can be trusted yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.states import Reason

BREAK_S = 2.0
"""A difference between the clocks of more than this is a sleep or a set clock, not a slow turn."""
LONG_GAP = timedelta(hours=1)
STEADY_S = 60.0
SYNCHRONISED_S, LOOK_AGAIN_S = 300.0, 10.0
"""So long (seconds) a steady clock is waited for that a time service has not set right yet, and how often looked at."""
BELIEVED_S = 86400.0
"""So long (seconds) after a far jump of the clock history may get old by it."""
FAR = timedelta(days=1)
"""A clock that jumps ahead by less is believed sooner, as that of a virtual machine does which is paused at night."""
SETTLED_S = 3600.0
"""So long after such a jump: whatever is kept for an hour (`retention.LEAST_AGE`) is kept for one that has passed."""


class Wakefulness:
    """Compares the three clocks at each turn of the engine.

    The boot clock runs through a sleep and the monotonic one does not; the wall clock may be set. Either way the
    instants in between passed while no engine was awake, so `awake` moves to now.
    """

    def __init__(self, reading: Reading, awaits_synchronisation: Callable[[], bool] = lambda: False) -> None:
        """`awaits_synchronisation`: whether something keeps the clock here and has not set it right yet."""
        self._last = reading
        self._awaits = awaits_synchronisation
        self._steady_since = reading.boot
        self._ahead: list[tuple[float, timedelta]] = []
        self.awake = reading.wall
        self.reason = Reason.DOWNTIME
        self.step = timedelta(0)
        """How far the wall clock was set, ahead or back (below zero), since somebody last set this to nothing."""
        self._set_after = reading.wall
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
            step = timedelta(seconds=wall - boot)
            self.step += step
            self._set_after = self._last.wall + step
            self._doubt(step, reading.boot)
        self._ahead = [(at, step) for at, step in self._ahead if reading.boot - at < _doubted_for(step)]
        if slept or was_set:
            self.awake, self.down_at = reading.wall, self._last.wall
            self.reason = Reason.ASLEEP if slept else Reason.CLOCK_SET
        self._last = reading

    def _doubt(self, step: timedelta, boot: float) -> None:
        """What the clock jumped ahead, or back (below zero), which takes back what it jumped ahead before."""
        while step < timedelta(0) and self._ahead:
            at, newest = self._ahead.pop()
            step += newest
            boot = at
        if step > timedelta(0):
            self._ahead.append((boot, step))

    @property
    def believed(self) -> datetime:
        """Now, for what cannot be undone: without what the clock jumped ahead in the last hour, or day if far (UTC)."""
        return self._last.wall - sum((step for _, step in self._ahead), timedelta(0))

    def is_after_step(self, instant: datetime | None) -> bool:
        """Whether what was noted at an instant was noted when the clock had been set, and before that was seen.

        Of a clock that was set back, what was noted as long before, to the second, looks the same.
        """
        return instant is not None and self._set_after <= instant <= self._last.wall

    def steady_at(self, begin: datetime) -> datetime | None:
        """When the clock may be trusted with a gap since `begin`, None: now.

        One of over an hour is believed only after a minute of steady clock, and where somebody is about to set the
        clock right, after that, or some minutes.
        """
        steady = self._last.boot - self._steady_since
        if self._last.wall - begin <= LONG_GAP:
            return None
        if steady < STEADY_S:
            return self._last.wall + timedelta(seconds=STEADY_S - steady)
        awaited = steady < SYNCHRONISED_S and self._awaits()
        return self._last.wall + timedelta(seconds=LOOK_AGAIN_S) if awaited else None


def _doubted_for(step: timedelta) -> float:
    return BELIEVED_S if step > FAR else SETTLED_S
