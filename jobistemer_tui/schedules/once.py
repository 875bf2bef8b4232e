"""A single instant (see docs: schedules, section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from jobistemer_tui.schedules.contract import ClockEffect, Hint, Schedule, as_naive_utc
from jobistemer_tui.schedules.date_time import Moment, read_moment
from jobistemer_tui.schedules.local_time import wall_at
from jobistemer_tui.schedules.zones import find_zone


@dataclass(frozen=True, slots=True, init=False)
class Once(Schedule):
    """Exactly one instant: a text such as "2026-12-01T09:00", or a datetime; without a zone on `timezone`'s clock.

    A wall time that occurs twice is the first; one in a gap moves later by the gap's length.
    Two are equal when their `instant` (aware UTC) is. Raises ScheduleError when it cannot be read.
    """

    instant: datetime
    moment: Moment = field(compare=False, repr=False)
    timezone: str = field(compare=False)
    text: str = field(compare=False, repr=False)

    def __init__(self, when: datetime | str, timezone: str = "UTC") -> None:
        zone = find_zone(timezone)
        when = when.strip(" \t") if isinstance(when, str) else when
        moment = read_moment(when, zone, "a one-off time")
        object.__setattr__(self, "instant", moment.instant)
        object.__setattr__(self, "moment", moment)
        object.__setattr__(self, "timezone", timezone)
        object.__setattr__(self, "text", when if isinstance(when, str) else moment.wall.isoformat())

    def next_after(self, instant: datetime) -> datetime | None:
        return self.instant if self.moment.utc > as_naive_utc(instant) else None

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        moment = self.moment
        if start < self.instant <= end and wall_at(moment.zone, moment.utc) != moment.wall:
            yield ClockEffect(self.instant, moment.wall, "moved")

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        from jobistemer_tui.schedules.hints import moved_by_the_clock, never_again  # not needed to plan

        if now is None:
            return ()
        moved = moved_by_the_clock(self, self.moment.zone, now, self.text)
        return never_again(self, now, self.text) + moved

    @property
    def only_instant(self) -> datetime | None:
        return self.instant

    def describe(self) -> str:
        from jobistemer_tui.schedules.describe import describe_moment  # not needed to plan

        return describe_moment(self.moment)
