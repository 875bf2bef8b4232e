"""ISO 8601 durations and what adding them k times means."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from fractions import Fraction
from functools import lru_cache

from jobistemer_tui.schedules.local_time import resolve
from jobistemer_tui.schedules.meant import meant_interval
from jobistemer_tui.schedules.word import Word
from jobistemer_tui.settings.quick_dataclass import dataclass

_PIECE = re.compile(r"(T?)(\d+)(?:[.,](\d+))?([A-Za-z]?)", re.ASCII)
_DATE_UNITS, _TIME_UNITS = "YMWD", "HMS"
_MICROSECONDS = {"H": 3_600_000_000, "M": 60_000_000, "S": 1_000_000}
_LONGEST = 12 * 9000 * timedelta(days=30.436875)
_AVERAGE_MONTH = timedelta(days=30.436875)
_EXAMPLE = 'write it like "P1D", "PT15M", "P1M" or "P1DT12H"'


@dataclass(frozen=True, slots=True)
class Duration:
    """`months` and `days` on the wall clock, then `elapsed` time."""

    months: int
    days: int
    elapsed: timedelta

    @property
    def is_elapsed(self) -> bool:
        """Whether the wall clock plays no part."""
        return not self.months and not self.days

    @property
    def average(self) -> timedelta:
        """The length over many years. Raises OverflowError beyond what a timedelta holds."""
        return self.months * _AVERAGE_MONTH + timedelta(days=self.days) + self.elapsed

    def times_after(self, count: int, wall: datetime, zone: tzinfo) -> datetime:
        """The naive UTC time of `wall` + `count` × this duration; `count` may be negative.

        Months first, where a missing day becomes the month's last, then days, on the wall clock; then elapsed time.
        Raises OverflowError or ValueError outside the calendar.
        """
        return resolve(zone, self.wall_after(count, wall)) + count * self.elapsed

    def wall_after(self, count: int, wall: datetime) -> datetime:
        """`wall` + `count` × the months and the days of this duration, on the wall clock; errors as above."""
        if self.months:
            from dateutil.relativedelta import relativedelta  # imported where months are counted: it costs 14 ms

            wall += relativedelta(months=count * self.months)
        return wall + timedelta(days=count * self.days)


@lru_cache(maxsize=2048)  # an interval is read again for each version of its job, and each text twice
def parse_duration(word: Word) -> Duration:
    """Read `PnYnMnWnDTnHnMnS`.

    Raises ScheduleError at the character at fault, and for what is shorter than a second or outlasts the calendar.
    """
    numbers = _numbers(word)
    months = int(numbers.get("Y", 0)) * 12 + int(numbers.get("M", 0))
    days = int(numbers.get("W", 0)) * 7 + int(numbers.get("D", 0))
    microseconds = sum(
        (numbers.get(f"T{unit}", Fraction(0)) * size for unit, size in _MICROSECONDS.items()), Fraction(0)
    )
    if microseconds.denominator != 1:
        raise word.refuse("the fraction is finer than a microsecond", hint="write whole seconds")
    try:
        duration = Duration(months, days, timedelta(microseconds=int(microseconds)))
        too_long = duration.average > _LONGEST
    except OverflowError as error:
        raise _too_long(word) from error
    if too_long:
        raise _too_long(word)
    if duration.average < timedelta(seconds=1):
        raise word.refuse("the duration is shorter than a second", hint="the shortest is PT1S")
    return duration


def _too_long(word: Word) -> Exception:
    return word.refuse("the duration is longer than 9000 years", hint='for a single instant write { once = "…" }')


def _numbers(word: Word) -> dict[str, Fraction]:
    """The numbers by their unit; those behind the T are "TH", "TM" and "TS"."""
    text = word.text
    if not text.startswith("P"):
        meant = meant_interval(text)
        raise word.refuse("a duration begins with P", hint=f'write "{meant}"' if meant else _EXAMPLE)
    found: dict[str, Fraction] = {}
    at, in_time, place = 1, False, -1
    fraction = False
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None:
            raise _unreadable(word, at)
        if piece[1] and in_time:
            raise word.refuse("a duration has only one T", offset=at, hint=_EXAMPLE)
        if piece[1]:
            in_time, place = True, -1
        if fraction:
            raise word.refuse("only the smallest unit may have a fraction", offset=at, hint="write PT90M for PT1.5H")
        place = _place(word, piece, in_time, place)
        fraction = piece[3] is not None
        found[("T" if in_time else "") + piece[4]] = Fraction(f"{piece[2]}.{piece[3] or 0}")
        at = piece.end()
    if not found:
        raise word.refuse("the duration is empty", hint=_EXAMPLE)
    return found


def _place(word: Word, piece: re.Match[str], in_time: bool, before: int) -> int:
    """Where the unit of a piece stands among its neighbours; `before` is the place of the unit before it."""
    units, others = (_TIME_UNITS, _DATE_UNITS) if in_time else (_DATE_UNITS, _TIME_UNITS)
    unit = piece[4]
    place = units.find(unit) if unit else -1
    if place < 0:
        where = "behind" if in_time else "before"
        message = f'"{unit}" is no unit {where} the T' if unit else f"the number {piece[2]} has no unit"
        hint = (
            "hours, minutes and seconds stand behind a T: PT1H" if unit and unit in others and not in_time else _EXAMPLE
        )
        raise word.refuse(message, offset=piece.end() - len(unit), hint=hint)
    if place <= before:
        raise word.refuse(
            f"{unit} stands in the wrong order or twice", offset=piece.end() - 1, hint="the order is PnYnMnWnDTnHnMnS"
        )
    if piece[3] is not None and not in_time:
        raise word.refuse(
            "years, months, weeks and days have no fractions", offset=piece.start(3) - 1, hint="write P1DT12H for P1.5D"
        )
    return place


def _unreadable(word: Word, at: int) -> Exception:
    text = word.text[at:]
    if text.startswith("T"):
        return word.refuse("a number must follow the T", offset=at, hint=_EXAMPLE)
    if text[0] in "+-":
        return word.refuse("a duration has no sign", offset=at, hint=_EXAMPLE)
    return word.refuse(f'"{text[0]}" does not belong in a duration', offset=at, hint=_EXAMPLE)
