"""Jobs as the text of a TOML job file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobistemer_tui.jobfiles.importing.model import FAITHFUL, Fate, Imported, ImportedJob, Note

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_DOTTED = ("env",)
_SHARED = ("timezone", "shell", "path", "cwd", "overlap_policy", "recovery_strategy", "execution_timeout", "leftovers")
_WHY = {
    "overlap_policy": "as before: a run starts beside one that still runs; without this line it is skipped",
    "recovery_strategy": "as before: times while nothing was awake are missed; without this line the newest is run",
    "execution_timeout": "as before: a run may last for ever; without this line 24 hours",
    "leftovers": "as before: what a job leaves running goes on; without this line it is ended",
}


def toml_text(imported: Imported, source: str) -> str:
    """The file: what all jobs share in `[defaults]`, the jobs, and as comments what could not be carried over."""
    defaults = shared(imported.jobs)
    lines = [f"# Imported from {_comment(source)}."]
    if defaults:
        lines += ["", "[defaults]", *_pairs(defaults)]
    for job in imported.jobs:
        lines += ["", f"[jobs.{_key(job.name)}]", f"# {_comment(job.origin)}", *_job(job, defaults)]
    lost = [note for note in imported.notes if note.fate is Fate.LOST]
    if lost:
        lines += ["", "# Not carried over:", *(line for note in lost for line in _lost(note))]
    return "\n".join(lines) + "\n"


def shared(jobs: Sequence[ImportedJob]) -> dict[str, Any]:
    """What every job says alike, so that it need be said once."""
    if not jobs:
        return {}
    first = jobs[0].table
    found = {key: first[key] for key in _SHARED if key in first and all(_same(job, key, first[key]) for job in jobs)}
    env = {name: value for name, value in first.get("env", {}).items() if all(_has(job, name, value) for job in jobs)}
    return {**found, **({"env": env} if env else {})}


def _same(job: ImportedJob, key: str, value: object) -> bool:
    return key in job.table and job.table[key] == value


def _has(job: ImportedJob, name: str, value: str) -> bool:
    env: Mapping[str, str] = job.table.get("env", {})
    return env.get(name) == value


def _job(job: ImportedJob, defaults: Mapping[str, Any]) -> Iterator[str]:
    own = {key: value for key, value in job.table.items() if key not in defaults and key != "tasks"}
    env = {name: value for name, value in job.table.get("env", {}).items() if name not in defaults.get("env", {})}
    if env:
        own["env"] = env
    yield from _pairs(own, why=False)
    for task in job.table.get("tasks", ()):
        yield from ("", f"[[jobs.{_key(job.name)}.tasks]]", *_pairs(task))


def _pairs(table: Mapping[str, Any], *, why: bool = True) -> Iterator[str]:
    for key, value in table.items():
        if key in _DOTTED:
            yield from (f"{key}.{_key(name)} = {_value(inner)}" for name, inner in value.items())
        else:
            line = f"{key} = {_value(value)}"
            yield f"{line}  # {_WHY[key]}" if why and FAITHFUL.get(key) == value else line


def _lost(note: Note) -> tuple[str, ...]:
    place = f"{note.file}:{note.line}" if note.line else note.file
    text = (f"#     {_comment(note.text)}",) if note.text else ()
    return (f"# {_comment(place)}: {_comment(note.message)}", *text)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _text(name)


def _value(value: Any) -> str:
    match value:
        case str():
            return _multiline(value) if "\n" in value else _text(value)
        case bool() | int() | float():
            return json.dumps(value)
        case Mapping():
            inner = ", ".join(f"{_key(name)} = {_one_line(item)}" for name, item in value.items())
            return f"{{ {inner} }}"
        case _:
            return "[" + ", ".join(_one_line(item) for item in value) + "]"


def _one_line(value: Any) -> str:
    return _text(value) if isinstance(value, str) else _value(value)


def _text(value: str) -> str:
    """A text on one line; one with quotes or backslashes stands in single quotes, so that it reads as it was."""
    if re.search(r'["\\]', value) and not re.search(r"[\x00-\x1f\x7f']", value):
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")


def _multiline(value: str) -> str:
    if "'''" not in value and not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", value) and not value.endswith("'"):
        return f"'''\n{value}'''"
    return _text(value)


def _comment(text: str) -> str:
    """A text that stays on its line and holds nothing that a comment may not."""
    return re.sub(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]", " ", text)
