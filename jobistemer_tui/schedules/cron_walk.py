"""The naive wall-clock times of a cron expression, in order."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.schedules.bitset import first_from
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.local_time import LAST_YEAR


def first_wall_from(cron: CronText, wall: datetime) -> datetime | None:
    """The first matching wall time that is not before `wall` (naive, whole seconds); None after the year 9990.

    What is possible at all comes within 40 years (29 February on one weekday, across 1900 or 2100).
    """
    year, month, day = wall.year, wall.month, wall.day
    days = cron.days.in_month(year, month)
    if days >> day & 1 and (time := _first_time_from(cron, wall.hour, wall.minute, wall.second)):
        return wall.replace(hour=time[0], minute=time[1], second=time[2])
    day = first_from(days, day + 1)
    while day < 0:
        month += 1
        if month > 12:
            year, month = year + 1, 1
            if year > LAST_YEAR:
                return None
        day = first_from(cron.days.in_month(year, month), 1)
    hour, minute, second = first_from(cron.hours, 0), first_from(cron.minutes, 0), first_from(cron.seconds, 0)
    return wall.replace(year, month, day, hour, minute, second)


def _first_time_from(cron: CronText, hour: int, minute: int, second: int) -> tuple[int, int, int] | None:
    """The first matching time of day at or after the given one."""
    if cron.hours >> hour & 1:
        if cron.minutes >> minute & 1 and (found := first_from(cron.seconds, second)) >= 0:
            return hour, minute, found
        if (later := first_from(cron.minutes, minute + 1)) >= 0:
            return hour, later, first_from(cron.seconds, 0)
    if (next_hour := first_from(cron.hours, hour + 1)) < 0:
        return None
    return next_hour, first_from(cron.minutes, 0), first_from(cron.seconds, 0)
