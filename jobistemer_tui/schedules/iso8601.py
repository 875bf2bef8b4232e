"""Repeating intervals of ISO 8601 (see docs: schedules, section 2)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import ClockEffect, Hint, Schedule, as_naive_utc, just_before
from jobistemer_tui.schedules.date_time import Moment, moment_of, read_instant
from jobistemer_tui.schedules.iso8601_text import IntervalText, read_interval
from jobistemer_tui.schedules.local_time import LAST_YEAR, REACH_OF_A_CHANGE, changes_between, wall_at
from jobistemer_tui.schedules.zones import find_zone

# Months differ from their average, days are clipped, zones jump: together less than this, whatever the count.
_DEVIATION = timedelta(days=10)

_BEFORE, _BEYOND = datetime.combine(date.min, time.min), datetime.combine(date.max, time.max)


@dataclass(frozen=True, slots=True, init=False)
class Iso8601(Schedule):
    """Instants at a constant interval: `R[n]/start/duration`, `R[n]/duration/end`, `R[n]/start/end`, or a duration.

    Occurrence k is the start + k × the duration, never the previous run + the duration. `timezone` is the zone of
    times that name none. What names no time at all is counted from `anchor` (aware, cut to whole seconds), and its
    first instant is one duration later. Nothing comes after `end` (inclusive; aware, or on the zone's wall clock).

    Raises ScheduleError when anything in it cannot be read.
    """

    text: str
    timezone: str
    anchor: datetime | None
    end: datetime | None
    parsed: IntervalText = field(compare=False, repr=False)
    _base: Moment | None = field(compare=False, repr=False)

    def __init__(
        self,
        text: str,
        timezone: str = "UTC",
        anchor: datetime | None = None,
        *,
        end: datetime | str | None = None,
    ) -> None:
        zone = find_zone(timezone)
        parsed = read_interval(text, zone)
        base = parsed.base
        if base is None and anchor is not None:
            anchor = as_naive_utc(anchor).replace(microsecond=0, tzinfo=UTC)
            base = moment_of(anchor.astimezone(zone), zone)
        put = object.__setattr__
        put(self, "text", parsed.text)
        put(self, "timezone", timezone)
        put(self, "anchor", anchor if parsed.base is None else None)
        put(self, "end", None if end is None else read_instant(end, zone, "end"))
        put(self, "parsed", parsed)
        put(self, "_base", base)

    def next_after(self, instant: datetime) -> datetime | None:
        utc = as_naive_utc(instant)
        base = self._base
        if base is None:
            raise ScheduleError(
                f'"{self.text}" names no start', text=self.text, hint="write R/start/duration, or give anchor=…"
            )
        count = self._first_after(base, utc)
        if count is None:
            return None
        found = self._occurrence(base, count)
        if found.year > LAST_YEAR or found <= utc:
            return None
        result = found.replace(tzinfo=UTC)
        return None if self.end is not None and result > self.end else result

    def count_between(self, start: datetime, end: datetime) -> int | None:
        last = as_naive_utc(end if self.end is None else min(end, self.end))
        if self._base is None or not self.parsed.duration.is_elapsed or last.year > LAST_YEAR:
            return None
        return max(0, self._elapsed_up_to(self._base, last) - self._elapsed_up_to(self._base, as_naive_utc(start)))

    def _elapsed_up_to(self, base: Moment, utc: datetime) -> int:
        """The count of the first occurrence after `utc`, one more than the last where none is left."""
        count, first, last = (utc - base.utc) // self.parsed.duration.elapsed + 1, self.parsed.first, self.parsed.last
        if first is not None:
            count = max(count, first)
        return count if last is None else min(count, last + 1)

    def _first_after(self, base: Moment, utc: datetime) -> int | None:
        """The count of the first occurrence after `utc`: it is estimated, then found among few by bisection."""
        duration = self.parsed.duration
        deviation = timedelta(0) if duration.is_elapsed else _DEVIATION
        low = self._within((utc - base.utc - deviation) // duration.average)
        high = self._within((utc - base.utc + deviation) // duration.average + 1)
        counts = range(low, high + 1)
        at = bisect_right(counts, utc, key=lambda count: self._occurrence(base, count))
        return counts[at] if at < len(counts) else None

    def _within(self, count: int) -> int:
        """The count moved to the first or last one that the repetitions allow."""
        first, last = self.parsed.first, self.parsed.last
        if first is not None and count < first:
            return first
        return last if last is not None and count > last else count

    def _occurrence(self, base: Moment, count: int) -> datetime:
        """The naive UTC time of occurrence `count`, or one of datetime's own limits outside the calendar."""
        duration = self.parsed.duration
        try:
            if duration.is_elapsed or count == 0:
                return base.utc + count * duration.elapsed
            return duration.times_after(count, base.wall, base.zone)
        except (OverflowError, ValueError):
            return _BEYOND if count > 0 else _BEFORE

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        """Where hours are added to days, what follows a moved time is not told apart from it."""
        base = self._base
        if base is None or self.parsed.duration.is_elapsed or self.parsed.duration.elapsed:
            return
        first = self.next_after(start)
        if first is None or first > end:
            return
        start = just_before(first)  # it may lie thousands of years ahead
        for change in changes_between(base.zone, as_naive_utc(start) - REACH_OF_A_CHANGE, as_naive_utc(end)):
            # What the gap holds comes as much later as the gap is long.
            begin = max(start, (change.start - datetime.resolution).replace(tzinfo=UTC))
            for instant in self.between(begin, min(end, (change.start + change.shift).replace(tzinfo=UTC))):
                count = self._first_after(base, as_naive_utc(instant) - datetime.resolution)
                wall = base.wall if not count else self.parsed.duration.wall_after(count, base.wall)
                if wall_at(base.zone, as_naive_utc(instant)) != wall:
                    yield ClockEffect(instant, wall, "moved")

    def is_active_at(self, instant: datetime) -> bool:
        as_naive_utc(instant)
        begun = self.parsed.base is None or self.parsed.counts_back or self.parsed.base.instant <= instant
        return begun and (self.end is None or instant <= self.end)

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        from jobistemer_tui.schedules.interval_hints import interval_hints  # not needed to plan

        return interval_hints(self, now)

    @property
    def needs_anchor(self) -> bool:
        return self._base is None

    def with_anchor(self, instant: datetime) -> Iso8601:
        """The same interval counted from `instant`, if it names no time itself and has no anchor yet."""
        return Iso8601(self.text, self.timezone, instant, end=self.end) if self.needs_anchor else self

    def describe(self) -> str:
        from jobistemer_tui.schedules.describe import describe_interval  # not needed to plan

        return describe_interval(self.parsed, self._base, self.timezone, self.end)
