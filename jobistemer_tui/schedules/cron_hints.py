"""What is valid in a cron expression but may not be what its author means, whenever it is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jobistemer_tui.schedules.contract import Hint
from jobistemer_tui.schedules.cron_fields import Field
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.days import DayRule

# After 28 years the calendar repeats, so the average over them is exact between 1901 and 2099.
_CYCLE = range(2001, 2029)
_OFTEN = 24 * 3600 // 5
_FEBRUARY = 2


def cron_hints(cron: CronText) -> tuple[Hint, ...]:
    """Steps that never step or are uneven, days that are fewer or more than they look, and very many runs."""
    steps = (hint for field in cron.fields for hint in field.hints)
    return (*steps, *_about_the_days(cron), *_about_the_number(cron))


def _about_the_days(cron: CronText) -> Iterator[Hint]:
    day, weekday = cron.fields[3], cron.fields[5]
    either, both = (replace(cron.days, both=value) for value in (False, True))
    if not cron.days.both:
        days, fewer = _days_a_year(either), _days_a_year(both)
        if fewer < days:
            yield _at(
                day,
                f"it is enough that the day of month ({day.word.text}) or the day of week ({weekday.word.text}) "
                f"matches: about {days} days a year; both match on about {fewer}",
            )
    elif day.values != day.kind.everything and weekday.word.text not in ("*", "?"):
        yield _at(
            day,
            f"one day field begins with *, so both must match: about {_days_a_year(both)} days a year",
        )
    elif _is_leap_day_only(cron.days):
        yield _at(day, f"29 February exists in leap years only: about one day in {_years_to_one(cron.days)} years")
    else:
        yield from _about_missing_months(cron)


def _at(field: Field, message: str) -> Hint:
    return Hint(message, field.word.whole, field.word.at)


def _days_a_year(rule: DayRule) -> int:
    days = sum(rule.in_month(year, month).bit_count() for year in _CYCLE for month in range(1, 13))
    return round(days / len(_CYCLE))


def _years_to_one(rule: DayRule) -> int:
    return round(len(_CYCLE) / sum(rule.in_month(year, _FEBRUARY).bit_count() for year in _CYCLE))


def _is_leap_day_only(rule: DayRule) -> bool:
    found = {month for year in _CYCLE for month in range(1, 13) if rule.in_month(year, month)}
    return found == {_FEBRUARY} and not rule.in_month(_CYCLE[0], _FEBRUARY)


def _about_missing_months(cron: CronText) -> Iterator[Hint]:
    """Of the months that are named some lack the day, most years: the 31st, a fifth Friday."""
    named = cron.days.months.bit_count()
    matched = sum(bool(cron.days.in_month(year, month)) for year in _CYCLE for month in range(1, 13)) / len(_CYCLE)
    if matched < named:
        field = cron.fields[3] if cron.fields[5].starred else cron.fields[5]
        yield _at(
            field,
            f"not every month has such a day: it runs in about {matched:.2g} of {named} months, "
            f"about {_days_a_year(cron.days)} days a year",
        )


def _about_the_number(cron: CronText) -> Iterator[Hint]:
    second, minute, hour = cron.fields[:3]
    runs = cron.seconds.bit_count() * cron.minutes.bit_count() * cron.hours.bit_count()
    if runs > _OFTEN:
        yield _at(
            second,
            f"it runs {runs:,} times a day, each with a row and a log of its own; one task that loops costs less",
        )
    elif minute.word.text == "*" and not hour.starred and hour.values != hour.kind.everything:
        yield _at(
            minute,
            f"it runs in every minute of these hours, {runs:,} times a day; "
            "write 0 in the minute field for the full hour only",
        )
