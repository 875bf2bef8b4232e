"""Kinds of schedule that other distributions bring along, under the entry-point group `jobistemer.schedules`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Schedule
from jobistemer_tui.schedules.guarded import Guarded, guarded

GROUP = "jobistemer.schedules"

Factory = Callable[..., Schedule]
"""Called as `factory(value, *, timezone, key, anchor, **options)`; see docs: schedules, kinds of your own."""


def installed_kinds() -> dict[str, EntryPoint]:
    """The kinds by their name; nothing is imported. Raises ScheduleError where two distributions claim one name."""
    found: dict[str, EntryPoint] = {}
    for entry in entry_points(group=GROUP):
        other = found.setdefault(entry.name, entry)
        if other.value != entry.value:
            raise ScheduleError(
                f'two installed packages bring a schedule "{entry.name}": {other.value} and {entry.value}',
                text=entry.name,
                hint="remove one of them",
            )
    return found


@lru_cache(maxsize=1)
def installed_versions() -> list[str]:
    """What is installed under the group when the process first asks: name, place and distribution of each, sorted."""
    found = entry_points(group=GROUP)
    return sorted(f"{one.name} {one.value} {one.dist.name} {one.dist.version}" for one in found if one.dist)


def make_schedule(
    kind: str,
    value: object,
    *,
    timezone: str,
    key: str | None,
    anchor: datetime | None,
    options: Mapping[str, Any],
) -> Schedule:
    """The schedule that an installed kind makes of `value` and the other keys of its table.

    Whatever the kind's code raises, here and later, becomes a ScheduleError.
    """
    factory = _factory(installed_kinds()[kind])
    with guarded(kind):
        made = factory(value, timezone=timezone, key=key, anchor=anchor, **options)
    if not isinstance(made, Schedule):
        raise ScheduleError(f'the schedule "{kind}" gave something else than a schedule: {type(made).__name__}')
    with guarded(kind):
        told = json.dumps([value, timezone, key, str(anchor), options], sort_keys=True, default=str)
    return Guarded(kind, told, made)


@lru_cache(maxsize=256)
def _factory(entry: EntryPoint) -> Factory:
    with guarded(entry.name):
        loaded = entry.load()
    if not callable(loaded):
        raise ScheduleError(f'the schedule "{entry.name}" is {entry.value}, which cannot be called')
    factory: Factory = loaded
    return factory
