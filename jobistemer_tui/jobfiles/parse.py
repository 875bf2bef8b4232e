"""One file's bytes to its reading; the only module here that needs pydantic and PyYAML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from jobistemer_tui.jobfiles.build import build_jobs
from jobistemer_tui.jobfiles.meaning import meaning_problems
from jobistemer_tui.jobfiles.notify_meaning import mail_problems
from jobistemer_tui.jobfiles.python_text import read_python
from jobistemer_tui.jobfiles.reading import ConfigLevel, Diagnostic, SourcedJob
from jobistemer_tui.jobfiles.schema import ConfigFile, JobFile
from jobistemer_tui.jobfiles.schema_problems import schema_problems
from jobistemer_tui.jobfiles.source import Document, Problem, SourceText, Spot, Unreadable, decoded
from jobistemer_tui.jobfiles.surroundings import surroundings_problems
from jobistemer_tui.jobfiles.toml_text import read_toml
from jobistemer_tui.jobfiles.yaml_text import read_yaml

MAX_DIAGNOSTICS = 100
MAX_JUDGED = 300  # errors of a file after which the rest is not looked at: to find the nearest word takes time
_LONG_NUMBER = re.compile(r"0[xob][0-9a-fA-F_]{3500}")
_MOST_BITS = 14_000  # about 4,200 decimal digits, a little below the interpreter's limit of 4,300
_READERS = {"toml": read_toml, "yaml": read_yaml, "yml": read_yaml}


class Parsed(NamedTuple):
    """What a file gives; `imported` are the files that a Python file imports from its folder."""

    jobs: tuple[SourcedJob, ...]
    diagnostics: tuple[Diagnostic, ...]
    imported: tuple[str, ...] = ()


_Model = TypeVar("_Model", bound=BaseModel)


def parse_jobs(path: str, root: str, content: bytes, config: ConfigLevel, now: datetime | None = None) -> Parsed:
    """What a job file defines, no jobs if it has an error, and its diagnostics in the order of the file.

    `path` is absolute; its suffix decides the format. With `now` (aware) there are hints about what time will bring.
    A Python file is run for it, in a process of its own; that blocks for as long as `config` allows.
    """
    document, model, problems = _read(path, content, JobFile, config.load_timeout)
    if document is None:
        return Parsed((), problems)
    found = [*problems, *map(document.source.diagnostic, _first_errors(meaning_problems(document, now)))]
    if model is None or any(diagnostic.severity == "error" for diagnostic in found):
        return Parsed((), _in_order(found), document.imported)
    jobs = build_jobs(document, model, root, config.defaults)
    found += map(document.source.diagnostic, surroundings_problems(document, jobs))
    if config.mail is None:
        found += map(document.source.diagnostic, mail_problems(document))
    return Parsed(jobs, _in_order(found), document.imported)


def parse_config(path: str, content: bytes) -> tuple[ConfigFile | None, tuple[Diagnostic, ...]]:
    """The engine's configuration, None if it has an error, and its diagnostics."""
    _, model, problems = _read(path, content, ConfigFile)
    return model, _in_order(problems)


def _read(
    path: str, content: bytes, kind: type[_Model], load_timeout: float = 0.0
) -> tuple[Document | None, _Model | None, tuple[Diagnostic, ...]]:
    """The document, None if the text makes no sense; the model, None with an error; the diagnostics of both."""
    source = SourceText(path, content.decode("utf-8", errors="replace").removeprefix("\ufeff").replace("\r\n", "\n"))
    try:
        source = SourceText(path, decoded(content))
        suffix = path.rpartition(".")[2]
        document = read_python(source, load_timeout) if suffix == "py" else _READERS[suffix](source)
        refuse_hidden(document)
    except Unreadable as error:
        return None, None, (source.diagnostic(error.problem),)
    problems = list(document.problems)
    model = None
    try:
        model = kind.model_validate(document.data)
    except ValidationError as error:
        problems += islice(schema_problems(document, error, kind), MAX_JUDGED)
    if document.problems:
        model = None
    return document, model, tuple(map(source.diagnostic, problems))


def _first_errors(problems: Iterable[Problem]) -> Iterator[Problem]:
    """The problems up to the 300th error."""
    errors = 0
    for problem in problems:
        yield problem
        errors += problem.severity == "error"
        if errors == MAX_JUDGED:
            return


def refuse_hidden(document: Document) -> None:
    """What only its value shows: an escaped NUL, which no argument or variable can hold, and hexadecimal numbers.

    Those have no limit where they are read, but one where they are shown, in a message about them too.
    """
    text = document.source.text
    if document.code:
        return  # what comes from a program is judged where it is read
    if "\\" not in text and not _LONG_NUMBER.search(text):
        return
    left: list[tuple[Any, Spot]] = [(document.data, document.root)]
    while left:
        value, spot = left.pop()
        left += [(item, spot.inner[name]) for name, item in _items(value)]
        if any("\0" in text for text in _texts(value)):
            raise Unreadable(spot.at, "the character NUL does not belong in a job file", "remove the escape")
        if isinstance(value, int) and value.bit_length() > _MOST_BITS:
            raise Unreadable(spot.at, "a number with too many digits")


def _items(value: Any) -> Iterable[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()


def _texts(value: Any) -> Iterable[str]:
    """The text itself, or the keys of a table."""
    if isinstance(value, dict):
        return value
    return (value,) if isinstance(value, str) else ()


def _in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by place, errors before warnings at the same one; beyond a hundred it only says that there are more."""
    found = list(diagnostics)
    private = {one.line for one in found if not one.source_line}  # to whatever else is wrong in that line as well
    shown = (replace(one, source_line="") if one.line in private else one for one in found)
    ordered = sorted(dict.fromkeys(shown), key=lambda one: (one.line, one.column, one.severity))
    errors = [one for one in ordered if one.severity == "error"]
    kept = ordered if len(ordered) <= MAX_DIAGNOSTICS else (errors or ordered)[:MAX_DIAGNOSTICS]
    left = len(ordered) - len(kept)
    if left:
        last = kept[-1]
        kept.append(
            Diagnostic(last.file, 0, 0, f"and {left} or more others", "mend these first", last.severity, "more")
        )
    return tuple(kept)
