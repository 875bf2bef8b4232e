"""Whole schedules in plain English."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.date_time import Moment
from jobistemer_tui.schedules.describe_cron import describe_cron
from jobistemer_tui.schedules.duration import Duration
from jobistemer_tui.schedules.iso8601_text import IntervalText
from jobistemer_tui.schedules.local_time import wall_at
from jobistemer_tui.schedules.phrases import counted, listed, on_the_clock
from jobistemer_tui.schedules.zones import find_zone


def describe_cron_in_zone(cron: CronText, timezone: str, start: datetime | None, end: datetime | None) -> str:
    """A cron schedule with its zone and its window."""
    words = f"{describe_cron(cron)}, {timezone} time"
    return words + _bound("from", start, timezone) + _bound("until", end, timezone)


def describe_interval(interval: IntervalText, base: Moment | None, timezone: str, end: datetime | None) -> str:
    """A repeating interval; `base` is its start, its end or its anchor."""
    words = every(interval.duration)
    if base is None:
        words += ", counted from the first publication"
    elif interval.counts_back:
        words += f", the last at {_moment(base)}"
    elif interval.base is None:
        words += f", counted from {_moment(base)}"
    else:
        words += f" from {_moment(base)}"
    if interval.repetitions is not None:
        words += f", {counted(interval.repetitions, 'time')} in all"
    return words + _bound("until", end, timezone)


def describe_moment(moment: Moment) -> str:
    """A one-off time."""
    return f"once, at {_moment(moment)}"


def every(duration: Duration) -> str:
    """ "every hour", "every 2 weeks", "every 1 day and 6 hours"."""
    parts = _parts(duration)
    return "every " + (parts[0].removeprefix("1 ") if len(parts) == 1 else listed(parts))


def length(elapsed: timedelta) -> str:
    """ "30 seconds", "1 hour and 30 minutes"."""
    return listed(_parts(Duration(0, 0, elapsed)))


def _parts(duration: Duration) -> list[str]:
    years, months = divmod(duration.months, 12)
    weeks, days = divmod(duration.days, 7) if duration.days % 7 == 0 else (0, duration.days)
    seconds, fraction = divmod(duration.elapsed, timedelta(seconds=1))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    sizes = {"year": years, "month": months, "week": weeks, "day": days, "hour": hours, "minute": minutes}
    parts = [counted(size, unit) for unit, size in sizes.items() if size]
    if fraction:
        parts.append(f"{seconds + fraction / timedelta(seconds=1):g} seconds")
    elif seconds:
        parts.append(counted(seconds, "second"))
    return parts


def _bound(word: str, instant: datetime | None, timezone: str) -> str:
    if instant is None:
        return ""
    zone: tzinfo = find_zone(timezone)
    return f", {word} {on_the_clock(wall_at(zone, instant.replace(tzinfo=None)))}"


def _moment(moment: Moment) -> str:
    return f"{on_the_clock(moment.wall)} {moment.zone}"
