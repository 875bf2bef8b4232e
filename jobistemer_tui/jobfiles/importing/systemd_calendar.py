"""`OnCalendar=` expressions (systemd.time(7)) as schedules of a job file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.zones import find_zone
from jobistemer_tui.settings.quick_dataclass import dataclass

_WORDS = {
    "minutely": "*-*-* *:*:00", "hourly": "*-*-* *:00:00", "daily": "*-*-* 00:00:00", "monthly": "*-*-01 00:00:00",
    "weekly": "Mon *-*-* 00:00:00", "yearly": "*-01-01 00:00:00", "annually": "*-01-01 00:00:00",
    "quarterly": "*-01,04,07,10-01 00:00:00", "semiannually": "*-01,07-01 00:00:00",
    "semi-annually": "*-01,07-01 00:00:00", "biannually": "*-01,07-01 00:00:00", "bi-annually": "*-01,07-01 00:00:00",
}  # fmt: skip
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS = {frozenset(range(7 * week - 6, 7 * week + 1)): week for week in (1, 2, 3, 4)}
_LAST_WEEK = frozenset(range(1, 8))
_LONG_MONTHS, _SHORT_MONTHS = frozenset({1, 3, 5, 7, 8, 10, 12}), frozenset({4, 6, 9, 11})
_LAST_YEAR = 2199
_MOST_YEARS = 20
_ITEM = re.compile(r"(\*|\d+)(?:\.\.(\d+))?(?:/(\d+))?", re.ASCII)
Numbers = frozenset[int] | None
"""The values of a component; None is all of them."""


class CalendarError(ValueError):
    """An expression that cannot be read, or cannot be written as a schedule."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """An expression, taken apart. `from_end`: days are counted from the last of the month, which is 1."""

    weekdays: Numbers
    years: Numbers
    months: Numbers
    days: Numbers
    from_end: bool
    hours: Numbers
    minutes: Numbers
    seconds: Numbers
    timezone: str | None


def calendar_schedules(text: str) -> list[Any]:
    """The schedules (values of a job file) that fall due when the expression elapses.

    Raises CalendarError for what cannot be read or has no counterpart.
    """
    if re.fullmatch(r"@\d+", text.strip(), re.ASCII):
        return [{"once": datetime.fromtimestamp(int(text.strip()[1:]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}]
    return _schedules(read_calendar(text))


def read_calendar(text: str) -> Calendar:
    """Take an expression apart. Raises CalendarError."""
    words = text.split()
    timezone = _zone(words)
    if timezone is not None:
        words.pop()
    if len(words) == 1 and words[0].lower() in _WORDS:
        words = _WORDS[words[0].lower()].split()
    weekdays = _weekdays(words.pop(0)) if words and words[0][0].isalpha() else None
    time = words.pop() if words and ":" in words[-1] else "00:00:00"
    date = words.pop() if words else "*-*-*"
    if words or not text.strip():
        raise CalendarError(f"{text!r} cannot be read as a calendar expression")
    years, months, days, from_end = _date(date)
    hours, minutes, seconds = _time(time)
    return Calendar(weekdays, years, months, days, from_end, hours, minutes, seconds, timezone)


def _zone(words: list[str]) -> str | None:
    if len(words) < 2 or not words[-1][0].isalpha():
        return None
    try:
        find_zone(words[-1])
    except ScheduleError as error:
        raise CalendarError(error.message) from error
    return words[-1]


def _weekdays(text: str) -> Numbers:
    found: set[int] = set()
    for item in filter(None, text.lower().split(",")):
        first, _, last = item.replace("-", "..").partition("..")
        low, high = _weekday(first), _weekday(last or first)
        if high < low:
            raise CalendarError(f"the range of days {item!r} runs backwards")
        found.update(range(low, high + 1))
    return frozenset(found) if len(found) < 7 else None


def _weekday(name: str) -> int:
    if name in _FULL_DAYS:
        return _FULL_DAYS.index(name)
    if name in _DAYS:
        return _DAYS.index(name)
    raise CalendarError(f"{name!r} is no day of the week")


def _date(text: str) -> tuple[Numbers, Numbers, Numbers, bool]:
    head, tilde, last = text.partition("~")
    parts = [*head.split("-"), last] if tilde else text.split("-")
    if not 2 <= len(parts) <= 3:
        raise CalendarError(f"{text!r} is no date")
    years = _numbers(parts[0], 1970, _LAST_YEAR, _century) if len(parts) == 3 else None
    days = _from_end(parts[-1]) if tilde else _numbers(parts[-1], 1, 31)
    return years, _numbers(parts[-2], 1, 12), days, bool(tilde)


def _time(text: str) -> tuple[Numbers, Numbers, Numbers]:
    parts = text.split(":")
    if not 2 <= len(parts) <= 3:
        raise CalendarError(f"{text!r} is no time of day")
    hours, minutes, *rest = parts
    return _numbers(hours, 0, 23), _numbers(minutes, 0, 59), _numbers(rest[0] if rest else "0", 0, 59)


def _century(year: int) -> int:
    """Years of two digits are those of 1970 to 2069."""
    return year if year > 99 else year + (2000 if year < 70 else 1900)


def _numbers(text: str, low: int, high: int, meaning: Any = int) -> Numbers:
    """A list of values, ranges and repetitions; None for all."""
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            fraction = "; fractions of a second have no counterpart" if "." in item.replace("..", "") else ""
            raise CalendarError(f"{item!r} cannot be read{fraction}")
        if match[0] == "*":
            return None
        first = low if match[1] == "*" else meaning(int(match[1]))
        last = meaning(int(match[2])) if match[2] else high if match[3] or match[1] == "*" else first
        step = int(match[3] or 1)
        if not (low <= first <= last <= high and step):
            raise CalendarError(f"{item!r} lies outside of {low} to {high}")
        found.update(range(first, last + 1, step))
    return frozenset(found) if len(found) <= high - low else None


def _from_end(text: str) -> Numbers:
    """Days counted from the end of the month; a repetition goes on towards it."""
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if match is None or match[1] == "*":
            raise CalendarError(f"~{item} cannot be read as days before the end of the month")
        first, step = int(match[1]), int(match[3] or 1)
        last = int(match[2]) if match[2] else 1 if match[3] else first
        if not (1 <= last <= first <= 31 and step):
            raise CalendarError(f"~{item} lies outside of a month")
        found.update(range(first, last - 1, -step))
    return frozenset(found)


def _schedules(calendar: Calendar) -> list[Any]:
    once = _once(calendar)
    if once is not None:
        return [once]
    return [
        _table(calendar, {**cron, **window}) for window in _windows(calendar.years) for cron in _day_rules(calendar)
    ]


def _table(calendar: Calendar, table: dict[str, Any]) -> Any:
    times = [_field(calendar.minutes, 0, 59), _field(calendar.hours, 0, 23)]
    seconds = calendar.seconds != frozenset({0})
    fields = [*([_field(calendar.seconds, 0, 59)] if seconds else []), *times, table.pop("days")]
    whole = {
        "cron": " ".join(fields),
        **({"seconds": True} if seconds else {}),
        **({"timezone": calendar.timezone} if calendar.timezone else {}),
        **table,
    }
    return whole["cron"] if len(whole) == 1 else whole


def _once(calendar: Calendar) -> Any:
    """The one instant of an expression that has no other."""
    parts = (calendar.years, calendar.months, calendar.days, calendar.hours, calendar.minutes, calendar.seconds)
    if calendar.weekdays is not None or calendar.from_end or any(part is None or len(part) > 1 for part in parts):
        return None
    year, month, day, hour, minute, second = (next(iter(part or ())) for part in parts)
    text = f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    return {"once": text, **({"timezone": calendar.timezone} if calendar.timezone else {})}


def _windows(years: Numbers) -> list[dict[str, str]]:
    """`start` and `end` for each stretch of years."""
    if years is None:
        return [{}]
    stretches: list[list[int]] = []
    for year in sorted(years):
        if stretches and stretches[-1][-1] == year - 1:
            stretches[-1].append(year)
        else:
            stretches.append([year])
    if len(stretches) > _MOST_YEARS:
        raise CalendarError("so many years apart have no counterpart")
    return [_window(stretch[0], stretch[-1]) for stretch in stretches]


def _window(first: int, last: int) -> dict[str, str]:
    end = {"end": f"{last}-12-31T23:59:59"} if last < _LAST_YEAR else {}
    return {"start": f"{first}-01-01T00:00:00", **end}


def _day_rules(calendar: Calendar) -> list[dict[str, Any]]:
    """Day, month and weekday as fields; both kinds of days have to match, where cron would take either."""
    week = None if calendar.days is None else _WEEKS.get(calendar.days)
    months = _field(calendar.months, 1, 12)
    if calendar.weekdays is None:
        return [{"days": f"{days} {months} *"} for days, months in _dates(calendar, months)]
    names = [_DAYS[number] for number in sorted(calendar.weekdays)]
    if calendar.from_end and calendar.days == _LAST_WEEK:
        return [{"days": f"* {months} {','.join(f'{name}L' for name in names)}"}]
    if not calendar.from_end and week is not None:
        return [{"days": f"* {months} {','.join(f'{name}#{week}' for name in names)}"}]
    weekdays = _weekday_field(calendar.weekdays)
    return [_both(days, months, weekdays, calendar.weekdays) for days, months in _dates(calendar, months)]


def _both(days: str, months: str, weekdays: str, numbers: frozenset[int]) -> dict[str, Any]:
    """A field of days that begins with a star leaves cron no choice; else the other weekdays are excluded."""
    if days.startswith("*"):
        return {"days": f"{days} {months} {weekdays}"}
    others = _weekday_field(frozenset(range(7)) - numbers)
    return {"days": f"{days} {months} *", "exclude": [f"* * * * {others}"]}


def _dates(calendar: Calendar, months: str) -> list[tuple[str, str]]:
    """Fields of days and months. Days before the end of a month have other numbers in long and short months."""
    if not calendar.from_end or calendar.days is None:
        return [(_field(calendar.days, 1, 31), months)]
    if calendar.days == frozenset({1}):
        return [("L", months)]
    wanted = calendar.months or frozenset(range(1, 13))
    if 2 in wanted:
        raise CalendarError("days before the last of February have no counterpart")
    parts = ((wanted & _LONG_MONTHS, 32), (wanted & _SHORT_MONTHS, 31))
    return [(_listed(end - day for day in calendar.days or ()), _listed(some)) for some, end in parts if some]


def _weekday_field(numbers: frozenset[int]) -> str:
    if len(numbers) > 2 and max(numbers) - min(numbers) == len(numbers) - 1:
        return f"{_DAYS[min(numbers)]}-{_DAYS[max(numbers)]}"
    return ",".join(_DAYS[number] for number in sorted(numbers))


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(str(number) for number in sorted(numbers))


def _field(numbers: Numbers, low: int, high: int) -> str:
    """Values as short as cron can say them."""
    if numbers is None:
        return "*"
    values = sorted(numbers)
    if len(values) < 3:
        return _listed(values)
    step = values[1] - values[0]
    if any(later - earlier != step for earlier, later in pairwise(values)):
        return _listed(values)
    if values[-1] + step > high and step > 1:
        return f"*/{step}" if values[0] == low else f"{values[0]}/{step}"
    return f"{values[0]}-{values[-1]}" + (f"/{step}" if step > 1 else "")
