"""The JSON Schema (draft 2020-12) of job files, made from the one schema, the defaults and the tables of the guide."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any, get_args, get_type_hints

from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.policies import DEFAULTS
from jobistemer_tui.domain.sizes import written_size
from jobistemer_tui.jobfiles.judged import Shape
from jobistemer_tui.jobfiles.schema import JobFile
from jobistemer_tui.jobfiles.values import DURATION, SIZE
from jobistemer_tui.schedules.cron import Cron
from jobistemer_tui.schedules.plugins import installed_kinds
from jobistemer_tui.schedules.tables import COMMON, KEYS, MOST_REPETITIONS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_JOB, _TASK, _POLICY = "Keys of a job", "Keys of a task", "Policies"
_TABLES: Mapping[str, tuple[str, ...]] = {
    "Job": (_JOB, _TASK, _POLICY),
    "Task": (_TASK, _JOB, _POLICY),
    "Defaults": (_JOB, _POLICY),
    "RetryPolicy": ("Key of `retry_policy`",),
    "ConcurrencyGroup": ("Key of `concurrency_group`",),
    "RecoveryWindow": ("Key of `recovery_window`",),
    "Keep": ("Key of `keep`",),
    "Param": ("Key of `params.NAME`",),
    "NotifyRule": ("Key of a rule",),
    "Hook": ("Key of a rule",),
}
"""Model → the tables of the guide that explain its keys, the first first."""
_PREFIXES = {
    "RetryPolicy": "retry_policy.", "RecoveryWindow": "recovery_window.", "Keep": "keep.",
}  # fmt: skip
_ABOVE = ("as above", "added to the job's")
"""What the guide says of a task's key that means the same as the job's."""


def job_file_schema() -> Shape:
    """The schema of a whole job file, as JSON."""
    found: Shape = JobFile.model_json_schema()
    explained = _explained()
    for name, model in found["$defs"].items():
        for key, shape in model.get("properties", {}).items():
            _complete(shape, name, key, explained)
    for key, text in {"defaults": "what all jobs of this file start from", "jobs": "the jobs by their names"}.items():
        found["properties"][key]["description"] = text
    found["$defs"]["Job"]["properties"]["schedule"] |= schedule_shape()
    return {"$schema": DRAFT, **found, "title": "Jobistemer job file"}


def _complete(shape: Shape, model: str, key: str, explained: Mapping[str, Mapping[str, str]]) -> None:
    """Give a key its words and its default; the title that pydantic makes of its name says nothing."""
    shape.pop("title", None)
    if shape.get("default", ...) is None:
        del shape["default"]
    told = [explained[table][key] for table in _TABLES.get(model, ()) if key in explained[table]]
    text = next((text for text in told if text not in _ABOVE), "")
    if text:
        shape["description"] = text
    default = DEFAULTS.get(_PREFIXES.get(model, "") + key)
    if _PREFIXES.get(model, "") + key in DEFAULTS and not isinstance(default, list | dict):
        shape["default"] = _written(default, shape)


def _written(value: Any, shape: Shape) -> Any:
    """A default as a file would write it."""
    if value is None:
        return "none"
    kinds = [shape, *shape.get("anyOf", ())]
    if any(kind.get("pattern") == DURATION["pattern"] for kind in kinds):
        return duration_text(value)
    if any(kind.get("pattern") == SIZE["pattern"] for kind in kinds):
        return written_size(value)
    return value


def _explained() -> dict[str, dict[str, str]]:
    """Table of the guide → key → what it means."""
    found: dict[str, dict[str, str]] = {}
    for page in ("job_files.md", "notifications.md"):
        text = files("jobistemer_tui").joinpath("docs", "guide", page).read_text(encoding="utf-8")
        for table, key, meaning in _rows(text):
            found.setdefault(table, {}).setdefault(key, meaning)
    return found


def _rows(text: str) -> Iterator[tuple[str, str, str]]:
    heading = table = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        cells = [cell.strip() for cell in re.split(r"\|(?=\s)", line.strip()[1:-1])] if line.startswith("| ") else []
        if len(cells) != 3:
            continue
        if cells[1:] == ["Default", "Meaning"]:
            table = heading if cells[0] == "Key" else cells[0]
            continue
        for key in re.findall(r"`(\w+)`", cells[0]):
            yield table, key, re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", cells[2])


def schedule_shape() -> Shape:
    """What may stand under `schedule`, by the tables of `schedules`."""
    tables = [*(_kind_shape(kind) for kind in KEYS), *map(_installed_shape, installed_kinds())]
    one = [_TEXT, *tables]
    return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}, "minItems": 1}]}


def _installed_shape(kind: str) -> Shape:
    return {"type": "object", "required": [kind]}


def _kind_shape(kind: str) -> Shape:
    return {
        "type": "object",
        "properties": {key: _option_shape(key) for key in (kind, *KEYS[kind], *(COMMON if kind != "after" else ()))},
        "required": [kind],
        "additionalProperties": False,
    }


def _option_shape(key: str) -> Shape:
    """A key of a schedule's table; what a text says is judged by the schedule."""
    return {**_OPTIONS.get(key, _TEXT), "description": _OPTION_WORDS.get(key, "")}


_TEXT: Shape = {"type": "string", "pattern": r"\S"}
_MANY: Shape = {"type": "array", "items": {"type": ["string", "object"]}}
_WORDS: Shape = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}
_ZONE_RULES = get_type_hints(Cron.__init__)
_OPTIONS: Mapping[str, Shape] = {
    "dst_gap": {"enum": list(get_args(_ZONE_RULES["dst_gap"]))},
    "dst_overlap": {"enum": list(get_args(_ZONE_RULES["dst_overlap"]))},
    "seconds": {"type": "boolean"},
    "repetitions": {"type": "integer", "minimum": 1, "maximum": MOST_REPETITIONS},
    "any": _MANY,
    "exclude": _MANY,
    "after": _WORDS,
    "on": _WORDS,
}
_OPTION_WORDS = {
    "cron": "a cron expression, or a macro such as @daily",
    "interval": "an ISO 8601 duration such as P3W or PT90M",
    "once": "a date and a time of day, such as 2026-12-01T09:00",
    "any": "a list of schedules; their times together",
    "after": "the job, or all of the jobs, whose end it waits for",
    "on": "how they must end: a word such as completed or failed, or a list of them",
    "timezone": "the IANA zone that counts for it",
    "start": "no time before this date and time; an interval counts from it",
    "end": "no time after this date and time",
    "seconds": "six fields, the seconds first",
    "repetitions": "how many times it comes",
    "dst_gap": "a time that a clock change leaves out: run at the first instant after it, or skip",
    "dst_overlap": "a time that a clock change makes twice: the first, or both",
    "exclude": "days (2026-12-24), ranges of days (2026-12-24/2027-01-02) and schedules that are left out",
    "jitter": "each run starts up to this much later",
}
