"""A table under `schedule`: its kind, its keys, and what every kind may have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.date_time import read_moment
from jobistemer_tui.schedules.duration import parse_duration
from jobistemer_tui.schedules.word import expression
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import dataclass

KEYS = {
    "cron": ("timezone", "start", "end", "seconds", "dst_gap", "dst_overlap"),
    "interval": ("timezone", "start", "end", "repetitions"),
    "once": ("timezone",),
    "any": ("timezone",),
    "after": ("on",),
}
"""The kinds that are built in and the keys that each may have besides its own."""
COMMON = ("exclude", "jitter")
FORMS = (
    'write a cron expression, an ISO 8601 interval such as "R/2026-03-01T09:00/P1D", a time such as '
    '"2026-12-01T09:00", a table with cron, interval, once, any or after, or a list of these'
)
MAX_DEPTH = 8
MOST_REPETITIONS = 999_999_999


@dataclass(frozen=True, slots=True)
class Given:
    """What a schedule is told from outside: the zone where it names none, the job's key, and the anchor."""

    timezone: str
    key: str | None
    anchor: datetime | None
    depth: int = 0

    def deeper(self) -> Given:
        """The same for what is inside. Raises ScheduleError for what holds itself."""
        if self.depth == MAX_DEPTH:
            raise ScheduleError("schedules are nested too deeply", hint="write one list of plain schedules")
        return replace(self, depth=self.depth + 1)

    def in_zone(self, timezone: str) -> Given:
        """The same with another zone."""
        return replace(self, timezone=timezone)


@dataclass(frozen=True, slots=True)
class ScheduleTable:
    """`{ kind = value, … }`: `rest` are the keys that only this kind reads."""

    kind: str
    value: Any
    rest: Mapping[Any, Any]
    exclude: Any = None
    jitter: Any = None

    @staticmethod
    def read(table: Mapping[Any, Any]) -> ScheduleTable:
        """Find the kind of a table. Raises ScheduleError where there is none or more, and for unknown keys."""
        if "calendar" in table:
            raise ScheduleError(
                "calendar files are not supported", text="calendar", hint="list the days under exclude instead"
            )
        kind = _kind(table)
        found = ScheduleTable(
            kind,
            table[kind],
            {name: value for name, value in table.items() if name not in (kind, *COMMON)},
            *(table.get(name) for name in COMMON),
        )
        found._refuse_empty(table)
        if kind in KEYS:
            found.refuse_beyond(KEYS[kind], f"a schedule with {kind}")
        elif unusable := [name for name in found.rest if not isinstance(name, str)]:
            raise unknown_key(unusable[0], f"a schedule with {kind}", COMMON)
        return found

    def _refuse_empty(self, table: Mapping[Any, Any]) -> None:
        for name in COMMON:
            if name in table and table[name] is None:
                raise ScheduleError(f"{name} is empty", text=name, hint="write a value, or remove the key")

    def refuse_beyond(self, known: tuple[str, ...], what: str) -> None:
        """Raise ScheduleError for the first key that `what` does not have."""
        for name in self.rest:
            if name not in known:
                raise unknown_key(name, what, (self.kind, *known, *COMMON))


def _kind(table: Mapping[Any, Any]) -> str:
    kinds = [kind for kind in KEYS if kind in table]
    if not kinds:
        kinds = _installed_kinds(table)
    if len(kinds) == 1:
        return kinds[0]
    raise ScheduleError(
        f"a schedule has one of {', '.join(KEYS)}; this has {' and '.join(kinds)}",
        text=kinds[1],
        hint="write a list of two schedules for both",
    )


def _installed_kinds(table: Mapping[Any, Any]) -> list[str]:
    """The kinds of other packages that the table names, at least one. Raises ScheduleError where there is none."""
    from jobistemer_tui.schedules.plugins import installed_kinds  # costs importlib.metadata

    installed = installed_kinds()
    if kinds := [name for name in installed if name in table]:
        return kinds
    known = tuple(dict.fromkeys((*KEYS, *(name for names in KEYS.values() for name in names), *COMMON, *installed)))
    for name in table:
        if name not in known:
            raise unknown_key(name, "a schedule", known, "; further kinds come with packages that are installed")
    kinds = [*KEYS, *installed]
    text = next((str(name) for name in table), "")
    raise ScheduleError(f"a schedule needs {', '.join(kinds[:-1])} or {kinds[-1]}", text=text, hint=FORMS)


def unknown_key(name: object, what: str, known: tuple[str, ...], more: str = "") -> ScheduleError:
    """The refusal of a key, with the nearest one or all of them."""
    near = "interval" if name == "every" and "interval" in known else nearest(str(name), known)
    hint = did_you_mean(near, f"the keys are {', '.join(known)}{more}")
    return ScheduleError(f"unknown key {str(name)[:80]!r} in {what}", text=str(name)[:80], hint=hint)


def interval_text(table: ScheduleTable, zone: tzinfo) -> str:
    """The ISO 8601 text of a table with `interval`.

    Each value is read by itself first, so that an error points into what the file holds. Raises ScheduleError.
    """
    if isinstance(table.value, int | float):
        raise ScheduleError(
            f"interval is a text with its units, not {table.value!r:.60}", text=repr(table.value)[:60],
            hint='write "PT5M" for five minutes, "PT30S" for thirty seconds',
        )  # fmt: skip
    duration = expression(table.value, "interval").stripped()
    parse_duration(duration)
    count, start = table.rest.get("repetitions"), table.rest.get("start")
    if count is not None and (type(count) is not int or not 0 < count <= MOST_REPETITIONS):
        raise ScheduleError(
            f"repetitions is a whole number from 1 to {MOST_REPETITIONS}, not {count!r:.60}", text=repr(count)[:60]
        )
    text = f"R{count or ''}"
    if start is not None:
        read_moment(start, zone, "start")
        text += f"/{_written(start)}"
    return f"{text}/{duration.text}"


def _written(start: datetime | str) -> str:
    if isinstance(start, str):
        return start
    zone = start.tzinfo
    return start.isoformat() + (f"[{zone.key}]" if isinstance(zone, ZoneInfo) and zone.key else "")
