"""Debian's cron, minute by minute of elapsed time: slow, plain, and sharing no code with what it judges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.schedules.transitions import Transition, wall

REACH = timedelta(hours=36)
_MINUTE = timedelta(minutes=1)
_CORRECTION = timedelta(hours=3)


def expand(text: str, low: int, high: int) -> set[int]:
    """The numbers of a field: `*`, numbers, ranges, lists and steps."""
    found: set[int] = set()
    for item in text.split(","):
        body, _, step = item.partition("/")
        first, _, last = body.partition("-")
        if body == "*":
            begin, end = low, high
        elif last:
            begin, end = int(first), int(last)
        else:
            begin, end = int(first), high if step else int(first)
        found.update(range(begin, end + 1, int(step or 1)))
    return found


@dataclass(frozen=True)
class Plain:
    """An expression of five fields, taken apart."""

    minutes: set[int]
    hours: set[int]
    days: set[int]
    months: set[int]
    weekdays: set[int]
    both: bool
    wildcard: bool

    @staticmethod
    def read(text: str) -> Plain:
        """Take an expression apart."""
        minute, hour, day, month, weekday = text.split()
        return Plain(
            expand(minute, 0, 59),
            expand(hour, 0, 23),
            expand(day, 1, 31),
            expand(month, 1, 12),
            {number % 7 for number in expand(weekday, 0, 7)},
            day.startswith("*") or weekday.startswith("*"),
            minute.startswith("*") or hour.startswith("*"),
        )

    def on(self, day: date) -> bool:
        """Whether a day matches."""
        if day.month not in self.months:
            return False
        by_day, by_weekday = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return (by_day and by_weekday) if self.both else (by_day or by_weekday)

    def at(self, moment: datetime) -> bool:
        """Whether a minute of the wall clock matches."""
        return moment.minute in self.minutes and moment.hour in self.hours and self.on(moment.date())


@lru_cache(maxsize=8)
def minutes_around(transition: Transition) -> tuple[tuple[datetime, datetime], ...]:
    """Each minute of 36 hours before and after a change, with what the clock shows."""
    zone, start = ZoneInfo(transition.zone), transition.at - REACH
    instants = [start + count * _MINUTE for count in range(2 * int(REACH / _MINUTE))]
    return tuple((instant, wall(instant, zone)) for instant in instants)


def runs_around(text: str, transition: Transition) -> list[datetime]:
    """When cron would have run, awake at each minute and seeing the clock jump as it happens."""
    plain = Plain.read(text)
    found = []
    minutes = minutes_around(transition)
    reached = minutes[0][1] - _MINUTE
    for instant, shown in minutes:
        jump = shown - reached - _MINUTE
        if abs(jump) > _CORRECTION:
            reached = shown - _MINUTE
        if plain.wildcard:
            due = plain.at(shown)
        else:
            due, missed = False, reached + _MINUTE
            while missed <= shown:
                due = due or plain.at(missed)
                missed += _MINUTE
        reached = max(reached, shown)
        if due:
            found.append(instant)
    return found
