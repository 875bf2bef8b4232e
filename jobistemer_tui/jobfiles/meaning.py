"""What a file says that its schema cannot judge: names, edges, schedules and zones.

Works on the data as read, whatever its types (the schema speaks about those), so that all errors come at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from jobistemer_tui.domain.identity import is_valid_key
from jobistemer_tui.jobfiles.param_meaning import param_problems
from jobistemer_tui.jobfiles.source import Document, Path, Problem
from jobistemer_tui.jobfiles.task_meaning import task_problems
from jobistemer_tui.jobfiles.values import NAME_HINT, iso_texts
from jobistemer_tui.jobfiles.words import shown
from jobistemer_tui.schedules import ScheduleError, parse_schedule
from jobistemer_tui.schedules.zones import find_zone, local_zone_name

Table = Mapping[str, Any]


def meaning_problems(document: Document, now: datetime | None = None) -> Iterator[Problem]:
    """All that is wrong, or worth a warning, in what a document means; with `now` also what time will bring."""
    defaults = table_in(document.data, "defaults")
    yield from _zone_problems(document, defaults, ("defaults",))
    zone = defaults["timezone"] if _has_zone(defaults) else local_zone_name()
    keys: dict[str, str] = {}
    for name, job in table_in(document.data, "jobs").items():
        path: Path = ("jobs", name)
        if not is_valid_key(name):
            yield Problem(document.spot(path).key, f"{shown(name)} cannot name a job", NAME_HINT, code="name")
        if isinstance(job, dict):
            yield from _job_problems(document, job, path, zone, now)
            yield from _key_problems(document, name, job, keys)


def table_in(table: Table, name: str) -> Table:
    """The table at a key; empty where there is none or something else."""
    value = table.get(name)
    return value if isinstance(value, dict) else {}


def _job_problems(document: Document, job: Table, path: Path, zone: str, now: datetime | None) -> Iterator[Problem]:
    yield from _zone_problems(document, job, path)
    if "schedule" in job:
        zone = job["timezone"] if _has_zone(job) else zone
        yield from _schedule_problems(document, job["schedule"], path, zone, str(job.get("id", path[-1])), now)
    yield from param_problems(document, job, path)
    yield from task_problems(document, job, path)


def _key_problems(document: Document, name: str, job: Table, keys: dict[str, str]) -> Iterator[Problem]:
    """Two jobs of one file with one key; `keys` maps those seen to the job's name."""
    key = job.get("id", name)
    if not isinstance(key, str):
        return
    if key in keys:
        spot = document.spot(("jobs", name, "id"))
        line, _ = document.source.place(document.spot(("jobs", keys[key])).key)
        message = f"the key {shown(key)} is already that of the job {shown(keys[key])} at line {line}"
        yield Problem(spot.at, message, "give one of them another id or name", code="duplicate_key")
    keys.setdefault(key, name)


def _has_zone(table: Table) -> bool:
    if "timezone" not in table:
        return False
    try:
        find_zone(table["timezone"])
    except ScheduleError:
        return False
    return True


def _zone_problems(document: Document, table: Table, path: Path) -> Iterator[Problem]:
    zone = table.get("timezone")
    if not isinstance(zone, str) or not zone.strip():
        return
    try:
        find_zone(zone)
    except ScheduleError as error:
        yield Problem(document.spot((*path, "timezone")).at, f"timezone: {error.message}", error.hint, code="timezone")


def _schedule_problems(
    document: Document, value: Any, path: Path, zone: str, key: str, now: datetime | None
) -> Iterator[Problem]:
    spot = document.spot((*path, "schedule"))
    try:
        schedule = parse_schedule(iso_texts(value), timezone=zone, key=key)
        hints = schedule.hints_at(now)
    except ScheduleError as error:
        offset = document.offset_in(spot, error.text, error.position)
        yield Problem(offset, f"schedule: {error.message}", error.hint, code="schedule")
        return
    for hint in hints:
        offset = document.offset_in(spot, hint.text, hint.position)
        yield Problem(offset, f"schedule: {hint.message}", severity="warning", code="schedule")
