"""What is valid in a cron expression but may not be what its author means."""

from __future__ import annotations

from dataclasses import replace

from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.days import DayRule

# After 28 years the calendar repeats, so the average over them is exact between 1901 and 2099.
_CYCLE = range(2001, 2029)


def cron_hints(cron: CronText) -> tuple[str, ...]:
    """Sentences about steps that never step and about day fields of which one is enough."""
    steps = tuple(hint for field in cron.fields for hint in field.hints)
    return steps if cron.days.both else (*steps, _either_day(cron))


def _either_day(cron: CronText) -> str:
    either, both = (_days_a_year(replace(cron.days, both=value)) for value in (False, True))
    day, weekday = cron.fields[3].word.text, cron.fields[5].word.text
    return (
        f"it is enough that the day of month ({day}) or the day of week ({weekday}) matches: "
        f"about {either} days a year; both match on about {both}"
    )


def _days_a_year(rule: DayRule) -> int:
    days = sum(rule.in_month(year, month).bit_count() for year in _CYCLE for month in range(1, 13))
    return round(days / len(_CYCLE))
