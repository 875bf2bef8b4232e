"""What a job file may hold under `schedule`, as a Schedule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeGuard, cast

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.after import read_after, refuse_rules
from jobistemer_tui.schedules.contract import Schedule
from jobistemer_tui.schedules.cron import Cron
from jobistemer_tui.schedules.excluding import Excluding
from jobistemer_tui.schedules.exclusions import DAYS, ExcludedSchedule, Exclusion, read_days, refuse_timeless
from jobistemer_tui.schedules.iso8601 import Iso8601
from jobistemer_tui.schedules.jittered import Jittered, read_jitter
from jobistemer_tui.schedules.once import Once
from jobistemer_tui.schedules.reboot import Reboot, is_reboot
from jobistemer_tui.schedules.tables import FORMS, Given, ScheduleTable, interval_text
from jobistemer_tui.schedules.union import Union
from jobistemer_tui.schedules.zones import find_zone

_DATED = re.compile(r"\d{4}-", re.ASCII)


def parse_schedule(value: object, *, timezone: str, key: str | None = None, anchor: datetime | None = None) -> Schedule:
    """The schedule that a job file's value means.

    `value` is a text (begins with R or P: an interval; with a year and `-`: a one-off time; else cron), a native
    datetime, a table with `cron`, `interval`, `once`, `any` or an installed kind, a Schedule, or a list of these.
    `timezone` is the zone where it names none, `key` what `H` is computed from, `anchor` (aware) the reference of
    intervals that name no time.

    Raises ScheduleError that says what is wrong and where.
    """
    return _parsed(value, Given(timezone, key, anchor))


def _parsed(value: object, given: Given) -> Schedule:
    if isinstance(value, str):
        return _from_text(value, given)
    if isinstance(value, date):
        return Once(cast("datetime", value), given.timezone)
    if isinstance(value, Mapping):
        return _from_table(ScheduleTable.read(value), given)
    if isinstance(value, list | tuple):
        return Union(_from_list(value, given))
    if isinstance(value, Schedule):
        return value if given.anchor is None else value.with_anchor(given.anchor)
    raise ScheduleError(f"a schedule cannot be {_named(value)}", text=repr(value)[:80], hint=FORMS)


def _from_list(values: Sequence[object], given: Given) -> Iterator[Schedule]:
    for value in values:
        if isinstance(value, list | tuple):
            # YAML can also write a list that holds itself.
            raise ScheduleError("a list of schedules cannot hold a list", hint="write all of them in one list")
        yield _parsed(value, given.deeper())


def _named(value: object) -> str:
    return "empty" if value is None else f"the {type(value).__name__} {value!r:.60}"


def _from_text(text: str, given: Given) -> Schedule:
    stripped = text.strip(" \t")
    if stripped.startswith(("R", "P")):
        return Iso8601(text, given.timezone, given.anchor)
    if _DATED.match(stripped):
        return Once(text, given.timezone)
    if is_reboot(stripped):
        return Reboot()
    return Cron(text, timezone=given.timezone, key=given.key)


def _from_table(table: ScheduleTable, given: Given) -> Schedule:
    given = given.in_zone(table.rest.get("timezone", given.timezone))
    find_zone(given.timezone)
    schedule = _MAKERS.get(table.kind, _from_plugin)(table, given)
    if schedule.follows:
        refuse_rules(table)
    if table.exclude is not None:
        schedule = Excluding(schedule, tuple(_exclusions(table.exclude, given)))
    if table.jitter is not None:
        schedule = Jittered(schedule, read_jitter(table.jitter))
    return schedule


def _from_cron(table: ScheduleTable, given: Given) -> Schedule:
    if is_reboot(table.value):
        table.refuse_beyond(("timezone",), "@reboot")
        return Reboot()
    return Cron(table.value, key=given.key, **{**table.rest, "timezone": given.timezone})


def _from_interval(table: ScheduleTable, given: Given) -> Schedule:
    text = interval_text(table, find_zone(given.timezone))
    return Iso8601(text, given.timezone, given.anchor, end=table.rest.get("end"))


def _from_once(table: ScheduleTable, given: Given) -> Schedule:
    return Once(table.value, given.timezone)


def _from_any(table: ScheduleTable, given: Given) -> Schedule:
    if not isinstance(table.value, list | tuple):
        raise ScheduleError("any holds a list of schedules", text="any", hint='write any = ["0 8 * * *", "0 20 * * *"]')
    return Union(_from_list(table.value, given))


def _from_plugin(table: ScheduleTable, given: Given) -> Schedule:
    from jobistemer_tui.schedules.plugins import make_schedule  # costs importlib.metadata

    options = {name: value for name, value in table.rest.items() if name != "timezone"}
    return make_schedule(
        table.kind, table.value, timezone=given.timezone, key=given.key, anchor=given.anchor, options=options
    )


def _from_after(table: ScheduleTable, given: Given) -> Schedule:
    return read_after(table)


_MAKERS = {
    "cron": _from_cron, "interval": _from_interval, "once": _from_once, "any": _from_any, "after": _from_after,
}  # fmt: skip


def _exclusions(values: Any, given: Given) -> Iterator[Exclusion]:
    """Dates, ranges of dates, and schedules of any kind."""
    if not isinstance(values, list | tuple):
        raise ScheduleError("exclude is a list", text="exclude", hint='write exclude = ["2026-12-24/2027-01-02"]')
    for value in values:
        if _is_days(value):
            yield read_days(value, find_zone(given.timezone))
        elif isinstance(value, list | tuple):
            raise ScheduleError("exclude is a list without lists in it", hint="write all of them in one list")
        else:
            yield ExcludedSchedule(refuse_timeless(_parsed(value, given.deeper())))


def _is_days(value: object) -> TypeGuard[date | str]:
    if isinstance(value, str):
        return DAYS.fullmatch(value) is not None
    return isinstance(value, date) and not isinstance(value, datetime)
