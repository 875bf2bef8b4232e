"""Cron expressions, with Debian's rules for changes of the clock (see docs: schedules, section 1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import ClockEffect, Schedule, as_naive_utc
from jobistemer_tui.schedules.cron_instants import ClockRules, clock_effects, first_instant_from
from jobistemer_tui.schedules.cron_text import CronText, read_cron
from jobistemer_tui.schedules.date_time import read_instant
from jobistemer_tui.schedules.word import expression
from jobistemer_tui.schedules.zones import find_zone

_SECOND = timedelta(seconds=1)
_NO_EFFECT = (
    "dst_gap and dst_overlap change nothing here: with * in the minute or the hour the job follows elapsed time"
)


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
    _zone: tzinfo = field(compare=False, repr=False)
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
        parsed = read_cron(text, seconds, key)
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
        put(self, "_zone", zone)
        put(self, "_rules", ClockRules(fixed and dst_gap == "run", fixed and dst_overlap == "first"))
        if self.start and self.end and self.end < self.start:
            raise ScheduleError("the end lies before the start", text=self.text, hint="exchange them or drop one")

    def next_after(self, instant: datetime) -> datetime | None:
        utc = as_naive_utc(instant).replace(microsecond=0) + _SECOND
        if self.start is not None:
            # The first whole second that is not before the start.
            utc = max(utc, (as_naive_utc(self.start) + _SECOND - datetime.resolution).replace(microsecond=0))
        found = first_instant_from(self.parsed, self._zone, utc, self._rules)
        if found is None:
            return None
        result = found.replace(tzinfo=UTC)
        return None if self.end is not None and result > self.end else result

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        """What the clock changes after `start` up to `end` (aware) move, drop or double, inside the window."""
        bounds = as_naive_utc(start), as_naive_utc(end)
        for effect in clock_effects(self.parsed, self._zone, *bounds, self._rules):
            begun = self.start is None or effect.instant >= self.start
            if begun and (self.end is None or effect.instant <= self.end):
                yield effect

    def describe(self) -> str:
        from jobistemer_tui.schedules.describe import describe_cron_in_zone  # not needed to plan

        return describe_cron_in_zone(self.parsed, self.timezone, self.start, self.end)

    @property
    def hints(self) -> tuple[str, ...]:
        from jobistemer_tui.schedules.cron_hints import cron_hints  # not needed to plan

        hints = cron_hints(self.parsed)
        if self.parsed.wildcard and (self.dst_gap, self.dst_overlap) != ("run", "first"):
            hints += (_NO_EFFECT,)
        return hints


def _one_of(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if not any(value is word or (isinstance(value, str) and value == word) for word in allowed):
        words = " or ".join(str(word).lower() if isinstance(word, bool) else f'"{word}"' for word in allowed)
        raise ScheduleError(f"{name} is {words}, not {value!r}", text=repr(value))
