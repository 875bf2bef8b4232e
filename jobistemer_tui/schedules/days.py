"""Which days of a month a cron expression means."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from jobistemer_tui.schedules.bitset import first_from
from jobistemer_tui.settings.quick_dataclass import dataclass

SUNDAY, SATURDAY = 0, 6
EVERY_WEEKDAY = 0b111_1111
_FIVE_WEEKS = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28
_LENGTHS = dict.fromkeys(range(1, 13), (31,)) | {2: (29, 28), 4: (30,), 6: (30,), 9: (30,), 11: (30,)}


@dataclass(frozen=True, slots=True)
class DayRule:
    """The day-of-month, month and day-of-week fields. Days are bits 1 to 31, weekdays bits 0 (Sunday) to 6.

    `nth` holds pairs of weekday and number (the third Friday is (5, 3)); `last_weekdays` are those of which the last
    one of the month counts; `both` tells whether a day must match both day fields, or one of them is enough.
    """

    days: int
    months: int
    weekdays: int
    both: bool
    last_day: bool = False
    last_workday: bool = False
    last_weekdays: int = 0
    nth: tuple[tuple[int, int], ...] = ()

    def in_month(self, year: int, month: int) -> int:
        """The matching days of a month, as a bitset."""
        if not self.months >> month & 1:
            return 0
        return self._in_month(*first_and_length(year, month))

    def _in_month(self, first: int, length: int) -> int:
        by_day = self._by_day_of_month(first, length)
        by_weekday = self._by_weekday(first, length)
        return by_day & by_weekday if self.both else by_day | by_weekday

    def _by_day_of_month(self, first: int, length: int) -> int:
        found = self.days & _all_days(length)
        if self.last_day:
            found |= 1 << length
        if self.last_workday:
            weekday = (first + length - 1) % 7
            found |= 1 << length - {SATURDAY: 1, SUNDAY: 2}.get(weekday, 0)
        return found

    def _by_weekday(self, first: int, length: int) -> int:
        if self.weekdays == EVERY_WEEKDAY:
            return _all_days(length)
        found = 0
        weekday = first_from(self.weekdays, 0)
        while weekday >= 0:
            found |= _days_of_weekday(weekday, first)
            weekday = first_from(self.weekdays, weekday + 1)
        for weekday, number in self.nth:
            found |= 1 << 1 + (weekday - first) % 7 + 7 * (number - 1)
        weekday = first_from(self.last_weekdays, 0)
        while weekday >= 0:
            days = _days_of_weekday(weekday, first) & _all_days(length)
            found |= 1 << days.bit_length() - 1
            weekday = first_from(self.last_weekdays, weekday + 1)
        return found & _all_days(length)

    def is_possible(self) -> bool:
        """Whether there is any such day in any year: each month begins on each day of the week, in leap years too."""
        lengths = {length for month, lengths in _LENGTHS.items() if self.months >> month & 1 for length in lengths}
        return any(self._in_month(first, length) for length in lengths for first in range(7))


def _all_days(length: int) -> int:
    return (2 << length) - 2


def _days_of_weekday(weekday: int, first: int) -> int:
    """All days of one weekday in a month of 35 days that begins on the weekday `first`."""
    return _FIVE_WEEKS << 1 + (weekday - first) % 7


@lru_cache(maxsize=4096)
def first_and_length(year: int, month: int) -> tuple[int, int]:
    """The weekday (0 = Sunday) of a month's first day, and how many days the month has."""
    begin = date(year, month, 1)
    following = begin.replace(day=28) + timedelta(days=4)
    return begin.isoweekday() % 7, (following.replace(day=1) - begin).days
