"""What a job file may hold under `schedule`, as a Schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any, cast
from zoneinfo import ZoneInfo

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Schedule
from jobistemer_tui.schedules.cron import Cron
from jobistemer_tui.schedules.date_time import read_moment
from jobistemer_tui.schedules.duration import parse_duration
from jobistemer_tui.schedules.iso8601 import Iso8601
from jobistemer_tui.schedules.once import Once
from jobistemer_tui.schedules.union import Union
from jobistemer_tui.schedules.word import expression
from jobistemer_tui.schedules.zones import find_zone

_DATED = re.compile(r"\d{4}-", re.ASCII)
_KEYS = {
    "cron": ("cron", "timezone", "start", "end", "seconds", "dst_gap", "dst_overlap"),
    "interval": ("interval", "timezone", "start", "end", "repetitions"),
    "once": ("once", "timezone"),
}
_MOST_REPETITIONS = 999_999_999
_FORMS = (
    'write a cron expression, an ISO 8601 interval such as "R/2026-03-01T09:00/P1D", a time such as '
    '"2026-12-01T09:00", a table with cron, interval or once, or a list of these'
)


def parse_schedule(value: object, *, timezone: str, key: str | None = None, anchor: datetime | None = None) -> Schedule:
    """The schedule that a job file's value means.

    `value` is a text (begins with R or P: an interval; with a year and `-`: a one-off time; else cron), a native
    datetime, a table with `cron`, `interval` or `once`, a Schedule, or a list of these. `timezone` is the zone where
    it names none, `key` what `H` is computed from, `anchor` (aware) the reference of intervals that name no time.

    Raises ScheduleError that says what is wrong and where.
    """
    if isinstance(value, str):
        return _from_text(value, timezone, key, anchor)
    if isinstance(value, date):
        return Once(cast("datetime", value), timezone)
    if isinstance(value, Mapping):
        return _from_table(value, timezone, key, anchor)
    if isinstance(value, list | tuple):
        return Union(_from_list(value, timezone, key, anchor))
    if isinstance(value, Schedule):
        return value if anchor is None else value.with_anchor(anchor)
    raise ScheduleError(f"a schedule cannot be {_named(value)}", text=repr(value), hint=_FORMS)


def _from_list(values: Sequence[object], timezone: str, key: str | None, anchor: datetime | None) -> Iterator[Schedule]:
    for value in values:
        if isinstance(value, list | tuple):
            # YAML can also write a list that holds itself.
            raise ScheduleError("a list of schedules cannot hold a list", hint="write all of them in one list")
        yield parse_schedule(value, timezone=timezone, key=key, anchor=anchor)


def _named(value: object) -> str:
    return "empty" if value is None else f"the {type(value).__name__} {value!r}"


def _from_text(text: str, timezone: str, key: str | None, anchor: datetime | None) -> Schedule:
    stripped = text.lstrip(" \t")
    if stripped.startswith(("R", "P")):
        return Iso8601(text, timezone, anchor)
    if _DATED.match(stripped):
        return Once(text, timezone)
    return Cron(text, timezone=timezone, key=key)


def _from_table(table: Mapping[Any, Any], timezone: str, key: str | None, anchor: datetime | None) -> Schedule:
    kind = _kind(table)
    for name in table:
        if name not in _KEYS[kind]:
            raise _unknown_key(name, f"a schedule with {kind}", _KEYS[kind])
    rest = {name: value for name, value in table.items() if name != kind}
    rest.setdefault("timezone", timezone)
    if kind == "cron":
        return Cron(table["cron"], key=key, **rest)
    if kind == "once":
        return Once(table["once"], **rest)
    return _from_interval(table["interval"], anchor=anchor, **rest)


def _kind(table: Mapping[Any, Any]) -> str:
    kinds = [kind for kind in _KEYS if kind in table]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise ScheduleError(
            f"a schedule has one of {', '.join(_KEYS)}; this has {' and '.join(kinds)}",
            text=repr(dict(table)),
            hint="write a list of two schedules for both",
        )
    known = tuple(dict.fromkeys(name for names in _KEYS.values() for name in names))
    for name in table:
        if name not in known:
            raise _unknown_key(name, "a schedule", known)
    raise ScheduleError("a schedule needs cron, interval or once", text=repr(dict(table)), hint=_FORMS)


def _unknown_key(name: object, what: str, known: tuple[str, ...]) -> ScheduleError:
    near = get_close_matches(str(name), known, n=1)
    hint = f'did you mean "{near[0]}"?' if near else f"the keys are {', '.join(known)}"
    return ScheduleError(f"unknown key {str(name)[:80]!r} in {what}", text=str(name)[:80], hint=hint)


def _from_interval(
    interval: object,
    *,
    timezone: str,
    anchor: datetime | None,
    start: datetime | str | None = None,
    end: datetime | str | None = None,
    repetitions: int | None = None,
) -> Schedule:
    """Each value is read by itself first, so that an error points into what the file holds."""
    duration = expression(interval, "interval")
    parse_duration(duration)
    if repetitions is not None and (type(repetitions) is not int or not 0 < repetitions <= _MOST_REPETITIONS):
        raise ScheduleError(
            f"repetitions is a whole number from 1 to {_MOST_REPETITIONS}, not {repetitions!r}", text=repr(repetitions)
        )
    text = f"R{repetitions or ''}"
    if start is not None:
        read_moment(start, find_zone(timezone), "start")
        text += f"/{_written(start)}"
    return Iso8601(f"{text}/{duration.text}", timezone, anchor, end=end)


def _written(start: datetime | str) -> str:
    if isinstance(start, str):
        return start
    zone = start.tzinfo
    return start.isoformat() + (f"[{zone.key}]" if isinstance(zone, ZoneInfo) and zone.key else "")
