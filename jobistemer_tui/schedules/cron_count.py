"""How many instants a cron expression has in a time, by arithmetic on its fields: a year of seconds is 31 million."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from jobistemer_tui.schedules.cron_instants import ClockRules, falls_into_the_gap
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.cron_walk import first_wall_from
from jobistemer_tui.schedules.local_time import Stretch, stretch_at


def count_instants(cron: CronText, zone: tzinfo, begin: datetime, end: datetime, rules: ClockRules) -> int:
    """The instants from `begin` up to, not including, `end` (naive UTC, whole seconds): as many as are walked."""
    found = 0
    while begin < end:
        stretch = stretch_at(zone, begin)
        found += _in_stretch(cron, stretch, begin, min(stretch.end, end), rules)
        begin = stretch.end
    return found


def _in_stretch(cron: CronText, stretch: Stretch, begin: datetime, end: datetime, rules: ClockRules) -> int:
    first = begin + stretch.offset
    if rules.once:
        first = max(first, stretch.reached)
    found = _walls(cron, first, end + stretch.offset)
    if not rules.catch_up or begin != stretch.start or not falls_into_the_gap(cron, stretch):
        return found
    # The end of a gap runs for what the gap left out, once, also if it is a time of the expression itself.
    return found if first_wall_from(cron, first) == begin + stretch.offset else found + 1


def _walls(cron: CronText, begin: datetime, end: datetime) -> int:
    """The wall times from `begin` up to, not including, `end`."""
    if begin >= end:
        return 0
    each = cron.hours.bit_count() * cron.minutes.bit_count() * cron.seconds.bit_count()
    return each * _days(cron, begin.date(), end.date()) - _passed(cron, begin) + _passed(cron, end)


def _days(cron: CronText, begin: date, end: date) -> int:
    """The matching days from `begin` up to, not including, `end`."""
    found = -(cron.days.in_month(begin.year, begin.month) & _below(begin.day)).bit_count()
    month = begin.replace(day=1)
    while (month.year, month.month) < (end.year, end.month):
        found += cron.days.in_month(month.year, month.month).bit_count()
        month = (month + timedelta(days=31)).replace(day=1)
    return found + (cron.days.in_month(end.year, end.month) & _below(end.day)).bit_count()


def _passed(cron: CronText, wall: datetime) -> int:
    """The times of its day that lie before `wall`; none where the day does not match."""
    if not cron.days.in_month(wall.year, wall.month) >> wall.day & 1:
        return 0
    seconds = (cron.seconds & _below(wall.second)).bit_count() if cron.minutes >> wall.minute & 1 else 0
    minutes = (cron.minutes & _below(wall.minute)).bit_count() * cron.seconds.bit_count() + seconds
    whole = (cron.hours & _below(wall.hour)).bit_count() * cron.minutes.bit_count() * cron.seconds.bit_count()
    return whole + (minutes if cron.hours >> wall.hour & 1 else 0)


def _below(value: int) -> int:
    """The set of all numbers below `value`."""
    return (1 << value) - 1
