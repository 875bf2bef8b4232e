"""Cron expressions in plain English."""

from __future__ import annotations

from jobistemer_tui.schedules.bitset import members
from jobistemer_tui.schedules.cron_fields import HOUR, MONTH, Field
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.days import EVERY_WEEKDAY
from jobistemer_tui.schedules.phrases import counted, listed, ordinal, runs

_WEEKDAYS = ("", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("", "January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MOST_CLOCK_TIMES = 6
_ON_ZERO = 1


def describe_cron(cron: CronText) -> str:
    """When the expression matches, without its zone, its window and the rules for clock changes."""
    time, days = _time(cron), _days(cron)
    month = cron.fields[4]
    months = "" if month.values == MONTH.everything else f"in {runs(members(month.values), _MONTHS)}"
    if not days and cron.fields[2].values != HOUR.everything and (" of " in time or time.startswith("at")):
        days = "every day"
    hashed = [field.kind.name for field in cron.fields if field.hashed]
    note = f"(H chose the {listed(hashed)})" if hashed else ""
    return " ".join(filter(None, (time, days, months, note)))


def _time(cron: CronText) -> str:
    second, minute, hour = cron.fields[:3]
    whole_minutes = second.values == _ON_ZERO
    if second.values.bit_count() * minute.values.bit_count() * hour.values.bit_count() <= _MOST_CLOCK_TIMES:
        return f"at {listed(_clock_times(cron, whole_minutes))}"
    if whole_minutes and minute.values == _ON_ZERO and (step := _step(hour)):
        return "every hour" if step == 1 else f"every {counted(step, 'hour')}"
    smallest, *larger = (minute, hour) if whole_minutes else (second, minute, hour)
    words = [_smallest(smallest)]
    for field in larger:
        if _step(field) != 1:
            words.append(f"of {_larger(field)}")
        elif words[-1].startswith("at"):
            words.append(f"of every {field.kind.name}")
    return " ".join(words)


def _clock_times(cron: CronText, whole_minutes: bool) -> list[str]:
    return [
        f"{hour:02}:{minute:02}" + ("" if whole_minutes else f":{second:02}")
        for hour in members(cron.hours)
        for minute in members(cron.minutes)
        for second in members(cron.seconds)
    ]


def _step(field: Field) -> int:
    """The step from 0 that goes on evenly into the next hour or day (1 for every value); 0 when there is none."""
    values, size = members(field.values), field.kind.high + 1
    step = values[1] - values[0] if len(values) > 1 else size
    return step if step < size and size % step == 0 and values == list(range(0, size, step)) else 0


def _smallest(field: Field) -> str:
    unit = field.kind.name
    if step := _step(field):
        return f"every {unit}" if step == 1 else f"every {counted(step, unit)}"
    return f"at {_named(field)}"


def _larger(field: Field) -> str:
    step = _step(field)
    return f"every {ordinal(step)} {field.kind.name}" if step else _named(field)


def _named(field: Field) -> str:
    values = members(field.values)
    return f"{field.kind.name}{'' if len(values) == 1 else 's'} {runs(values)}"


def _days(cron: CronText) -> str:
    """The two day fields; "" when neither restricts."""
    day, weekday = cron.fields[3], cron.fields[5]
    by_day = "" if day.values == day.kind.everything else f"on {listed(_month_days(day))}"
    by_weekday = "" if weekday.values == EVERY_WEEKDAY else f"on {listed(_weekdays(weekday))}"
    if by_day and by_weekday:
        return f"{by_day}, only {by_weekday}" if cron.days.both else f"{by_day} or {by_weekday}"
    return by_day or by_weekday


def _month_days(day: Field) -> list[str]:
    days = members(day.values)
    plain = f"day{'' if len(days) == 1 else 's'} {runs(days)} of the month" if days else ""
    last = "the last day of the month" if day.last_day else ""
    workday = "the last weekday (Monday to Friday) of the month" if day.last_workday else ""
    return [phrase for phrase in (plain, last, workday) if phrase]


def _weekdays(weekday: Field) -> list[str]:
    days = sorted(each or 7 for each in members(weekday.values))
    return [
        *([runs(days, _WEEKDAYS)] if days else []),
        *(f"the {ordinal(number)} {_WEEKDAYS[each or 7]} of the month" for each, number in weekday.nth),
        *(f"the last {_WEEKDAYS[each or 7]} of the month" for each in members(weekday.last_weekdays)),
    ]
