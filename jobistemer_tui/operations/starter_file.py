"""The text of a starter file: one job that runs, with every key of a job explained and most of them in comments."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from jobistemer_tui.jobfiles.folders import is_job_file_name
from jobistemer_tui.operations.starter_settings import PARTS, Part
from jobistemer_tui.settings.quick_dataclass import dataclass

_WIDTH = 100
_OFF = "#"
"""Before a key that is not in force; words for people have a blank behind it."""


@dataclass(frozen=True, slots=True)
class Format:
    """How a format writes a job: its suffix, the first line and the last, and a key with its value."""

    suffix: str
    head: Callable[[str], str]
    key: Callable[[str, Any], str]
    indent: str
    tail: str = ""


def is_found(path: Path) -> bool:
    """Whether a file of that name is read where its folder is."""
    return is_job_file_name(path.name)


def starter_text(name: str, kind: str) -> str:
    """The file for a job of that name; `kind` is one of FORMATS."""
    form = FORMATS[kind]
    lines = [
        "# A job of Jobistemer. A line that begins with # and no blank is a setting to switch on: take the # away.",
        "# `jobistemer check` says whether the file is in order, `jobistemer docs job_files` explains every key.",
        *form.head(name).splitlines(),
        *(line for part in PARTS for line in _part(part, form)),
    ]
    return "\n".join(line.rstrip() for line in lines) + f"\n{form.tail}"


def _part(part: Part, form: Format) -> Iterator[str]:
    yield ""
    yield f"{form.indent}# --- {part.title}"
    for shown in part.keys:
        yield from (f"{form.indent}# {line}" for line in wrap(shown.words, _WIDTH))
        yield f"{form.indent}{'' if shown.live else _OFF}{form.key(shown.key, shown.value)}"


def toml_value(value: Any) -> str:
    """A plain value in one line of TOML."""
    match value:
        case dict():
            return "{ " + ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items()) + " }"
        case list():
            return "[" + ", ".join(toml_value(inner) for inner in value) + "]"
        case _:
            return json.dumps(value)


def _toml_head(name: str) -> str:
    return f"\n[jobs.{name if re.fullmatch('[A-Za-z0-9_-]+', name) else json.dumps(name)}]"


FORMATS = {
    "toml": Format(".toml", _toml_head, lambda key, value: f"{key} = {toml_value(value)}", ""),
    "yaml": Format(
        ".yaml",
        lambda name: f"\njobs:\n  {json.dumps(name)}:",
        lambda key, value: f"{key}: {json.dumps(value)}",
        "    ",
    ),
    "python": Format(
        ".py",
        lambda name: f"\nfrom jobistemer_tui import job\n\njob(\n    name={json.dumps(name)},",
        lambda key, value: f"{key}={value!r},",
        "    ",
        ")\n",
    ),
}
"""By name, as `--format` has it."""
