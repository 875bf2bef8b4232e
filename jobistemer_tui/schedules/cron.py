"""Cron expressions, with Debian's rules for changes of the clock (see docs: schedules, section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from itertools import groupby
from operator import attrgetter
from typing import Literal

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.clock_words import why_left_out
from jobistemer_tui.schedules.contract import ClockEffect, Hint, Schedule, Slot, as_naive_utc, just_before
from jobistemer_tui.schedules.cron_count import count_instants
from jobistemer_tui.schedules.cron_instants import (
    CALENDAR_REPEATS_AFTER,
    RULES_REPEAT_FROM,
    ClockRules,
    clock_effects,
    first_instant_from,
)
from jobistemer_tui.schedules.cron_text import CronText, read_cron
from jobistemer_tui.schedules.date_time import read_instant
from jobistemer_tui.schedules.local_time import LAST_YEAR, resolve, wall_at
from jobistemer_tui.schedules.word import expression
from jobistemer_tui.schedules.zones import find_zone

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_FOR_EVER = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True, init=False)
class Cron(Schedule):
    """Instants given by a cron expression on the wall clock of a zone.

    `text` has five fields, or six with the seconds first if `seconds` is true. `start` and `end` (aware, or on the
    zone's wall clock) bound the instants, both inclusive. `key` is what `H` is computed from. Of a job at fixed times,
    `dst_gap` says whether a time that a clock change leaves out runs at the first instant after it or not at all, and
    `dst_overlap` whether a time that occurs twice runs at the first or at both.

    Raises ScheduleError when anything in it cannot be read or cannot ever happen.
    """

    text: str
    timezone: str
    start: datetime | None
    end: datetime | None
    seconds: bool
    key: str | None
    dst_gap: Literal["run", "skip"]
    dst_overlap: Literal["first", "both"]
    parsed: CronText = field(compare=False, repr=False)
    zone: tzinfo = field(compare=False, repr=False)
    _rules: ClockRules = field(compare=False, repr=False)

    def __init__(
        self,
        text: str,
        *,
        timezone: str = "UTC",
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        seconds: bool = False,
        key: str | None = None,
        dst_gap: Literal["run", "skip"] = "run",
        dst_overlap: Literal["first", "both"] = "first",
    ) -> None:
        if not isinstance(text, str):
            expression(text, "a cron expression")
        _one_of("seconds", seconds, (False, True))
        _one_of("dst_gap", dst_gap, ("run", "skip"))
        _one_of("dst_overlap", dst_overlap, ("first", "both"))
        # Jobs share what is read where the key cannot matter.
        parsed = read_cron(text, seconds, key if "h" in text.lower() else None)
        zone = find_zone(timezone)
        fixed = not parsed.wildcard
        put = object.__setattr__
        put(self, "text", parsed.text)
        put(self, "timezone", timezone)
        put(self, "start", None if start is None else read_instant(start, zone, "start"))
        put(self, "end", None if end is None else read_instant(end, zone, "end"))
        put(self, "seconds", seconds)
        put(self, "key", key if parsed.hashed else None)
        put(self, "dst_gap", dst_gap)
        put(self, "dst_overlap", dst_overlap)
        put(self, "parsed", parsed)
        put(self, "zone", zone)
        put(self, "_rules", ClockRules(fixed and dst_gap == "run", fixed and dst_overlap == "first"))
        if self.start and self.end and self.end < self.start:
            raise ScheduleError("the end lies before the start", text=self.text, hint="exchange them or drop one")

    def next_after(self, instant: datetime) -> datetime | None:
        found = first_instant_from(self.parsed, self.zone, self._first_second_after(instant), self._rules)
        if found is None:
            return None
        result = found.replace(tzinfo=UTC)
        return None if self.end is not None and result > self.end else result

    def _first_second_after(self, instant: datetime) -> datetime:
        """The first whole second (naive UTC) after an instant that is not before the start."""
        utc = as_naive_utc(instant).replace(microsecond=0) + _SECOND
        if self.start is None:
            return utc
        return max(utc, (as_naive_utc(self.start) + _SECOND - datetime.resolution).replace(microsecond=0))

    def count_between(self, start: datetime, end: datetime) -> int | None:
        last = as_naive_utc(end if self.end is None else min(end, self.end))
        if last.year > LAST_YEAR:
            return None
        first, after = self._first_second_after(start), last.replace(microsecond=0) + _SECOND
        return count_instants(self.parsed, self.zone, first, after, self._rules)

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        while (following := self.next_after(instant)) is not None:
            yield from self._left_out(instant, following)
            yield Slot(following)
            instant = following
        # Nothing runs any more: one whole cycle of the calendar shows all that is left out.
        begin = instant if self.start is None else max(instant, self.start)
        last = max(as_naive_utc(begin).year, RULES_REPEAT_FROM) + CALENDAR_REPEATS_AFTER
        until = _FOR_EVER.replace(min(last, LAST_YEAR))
        yield from self._left_out(instant, until if self.end is None else min(until, self.end + datetime.resolution))

    def _left_out(self, after: datetime, before: datetime) -> Iterator[Slot]:
        """The instants between two at which a clock-change rule leaves something out."""
        effects = self.clock_effects(after, before - datetime.resolution)
        dropped = (effect for effect in effects if effect.effect == "dropped")
        for instant, same in groupby(dropped, key=attrgetter("instant")):
            yield Slot(instant, "dst", why_left_out([effect.wall for effect in same], self.zone))

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        start = start if self.start is None else max(start, just_before(self.start))
        end = end if self.end is None else min(end, self.end)
        return clock_effects(self.parsed, self.zone, as_naive_utc(start), as_naive_utc(end), self._rules)

    def is_active_at(self, instant: datetime) -> bool:
        as_naive_utc(instant)
        return (self.start is None or self.start <= instant) and (self.end is None or instant <= self.end)

    def covers_until(self, instant: datetime) -> datetime | None:
        utc = as_naive_utc(instant)
        wall = wall_at(self.zone, utc)
        if self.parsed.wildcard and not self.parsed.hours >> wall.hour & self.parsed.minutes >> wall.minute & 1:
            return None  # a quick no for most of what is asked; a job at fixed times also covers the end of a gap
        size = timedelta(microseconds=wall.microsecond)
        if not self.seconds:
            size += timedelta(seconds=wall.second)
        begin = (utc - size).replace(tzinfo=UTC)
        if self.next_after(begin - datetime.resolution) != begin:
            return None
        if self.parsed.covers_days and not self.seconds and self.end is None:
            midnight = datetime.combine(wall.date() + timedelta(days=1), time.min)
            # Not before the next minute: a clock that is set back over midnight shows the day again.
            return max(resolve(self.zone, midnight).replace(tzinfo=UTC), begin + _MINUTE)
        return begin + (_SECOND if self.seconds else _MINUTE)

    def describe(self) -> str:
        from jobistemer_tui.schedules.describe import describe_cron_in_zone  # not needed to plan

        return describe_cron_in_zone(self.parsed, self.timezone, self.start, self.end)

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        from jobistemer_tui.schedules.cron_hints import cron_hints  # not needed to plan
        from jobistemer_tui.schedules.hints import hints_about_times

        return cron_hints(self.parsed) + hints_about_times(self, now)


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if not any(value is word or (isinstance(value, str) and value == word) for word in allowed):
        words = " or ".join(str(word).lower() if isinstance(word, bool) else f'"{word}"' for word in allowed)
        raise ScheduleError(f"{name} is {words}, not {value!r:.60}", text=repr(value)[:80])
