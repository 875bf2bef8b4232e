"""What a successful try left in its files: its outputs, and the state of its job."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd, HandedOn
from jobistemer_tui.engine.given import CONTEXT
from jobistemer_tui.engine.plain_file import NotPlain, open_plain
from jobistemer_tui.engine.supervisor.attempt_files import HANDED_ON, OUTPUTS, STATE, TAKEN
from jobistemer_tui.engine.supervisor.protocol import MAX_LINE
from jobistemer_tui.settings.quick_dataclass import replace

MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
_READ = frozenset({CONTEXT, TAKEN, *HANDED_ON})
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_SEVERAL_LINES = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]{0,63})<<(\S+)")


class BadOutput(Exception):
    """What a task left cannot be taken; the text says what and where."""


def with_handed_on(end: AttemptEnd, folder: Path) -> AttemptEnd:
    """The end of a successful try with what it handed on, or as a failure where that makes no sense.

    A failure rather than a warning: the tasks after it would work with values that are missing or cut.
    """
    try:
        return replace(end, handed_on=read_handed_on(folder))
    except BadOutput as error:
        detail = {**end.detail, "error": str(error)}
        return replace(end, state=AttemptState.FAILED, reason=Reason.BAD_OUTPUT, detail=detail)


def read_handed_on(folder: Path) -> HandedOn:
    """Read the files of a try. Raises BadOutput."""
    if not _has_any(folder):
        return HandedOn({})
    old_state, old_rev = _given_state(_content(folder / CONTEXT, limit=MAX_LINE))
    left = _left(folder)
    outputs = parse_outputs(left[OUTPUTS] or b"")
    content = left[STATE]
    if content is None:
        if old_rev:
            raise BadOutput(f"{STATE} is gone; write {{}} to empty the state")
        return HandedOn(outputs)
    state = _json(content, STATE)
    return HandedOn(outputs) if state == old_state else HandedOn(outputs, state, old_rev)


def _has_any(folder: Path) -> bool:
    """Whether there is a file to be read: of most tries there is none, and one look costs less than four."""
    try:
        return not _READ.isdisjoint(os.listdir(folder))
    except OSError:
        return True  # reading them says what is wrong


def _left(folder: Path) -> dict[str, bytes | None]:
    """What the task's files hold, or held when secrets were looked for in them. Raises BadOutput."""
    taken = _content(folder / TAKEN, limit=MAX_LINE)
    if taken is None:
        return {name: _content(folder / name) for name in HANDED_ON}
    values = _json(taken, TAKEN)
    try:
        left = {name: None if values[name] is None else base64.b64decode(values[name]) for name in HANDED_ON}
    except (LookupError, TypeError, ValueError):
        raise BadOutput(f"{TAKEN} was changed") from None
    return {name: None if content is None else _limited(content, name, MAX_BYTES) for name, content in left.items()}


def _given_state(context: bytes | None) -> tuple[Detail, int]:
    """The state that a try was given, and its revision. Raises BadOutput: a task can write to any of its files."""
    if context is None:
        return {}, 0
    given = _json(context, CONTEXT, MAX_DEPTH + 4)  # what may be as deep as that lies in it a little deeper
    state, rev = given.get("state"), given.get("state_rev")
    if not isinstance(state, dict) or not isinstance(rev, int):
        raise BadOutput(f"{CONTEXT} was changed")
    return state, rev


def parse_outputs(content: bytes) -> Detail:
    """The values by key, of lines `key=value` (or `key<<WORD`, lines, `WORD`) or of one JSON object.

    A key that comes again counts with its last value. Raises BadOutput.
    """
    if content.lstrip()[:1] == b"{":
        found = _json(content, OUTPUTS)
        for key in found:
            _check_key(key, OUTPUTS)
        return found
    try:
        lines = content.decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadOutput(f"{OUTPUTS}:{line}: byte 0x{content[error.start]:02x} is not UTF-8") from None
    return _lines(lines)


def _lines(lines: list[str]) -> Detail:
    values: Detail = {}
    numbered = enumerate(lines, 1)
    for number, raw in numbered:
        line = raw.removesuffix("\r")
        if not line.strip():
            continue
        place = f"{OUTPUTS}:{number}"
        if several := _SEVERAL_LINES.fullmatch(line):
            key, word = several.groups()
            text: list[str] = []
            for _, inner in numbered:
                if inner.removesuffix("\r") == word:
                    break
                text.append(inner)
            else:
                raise BadOutput(f"{place}: no line {word} ends the value of {key}")
            values[key] = "\n".join(text)
            continue
        key, equals, value = line.partition("=")
        if not equals:
            raise BadOutput(f"{place}: expected key=value")
        _check_key(key, place)
        values[key] = value
    return values


def _check_key(key: str, place: str) -> None:
    if not _KEY.fullmatch(key):
        hint = "at most 64 letters, digits, _, . or -, the first a letter or _"
        raise BadOutput(f"{place}: {json.dumps(key[:80])} is not a key ({hint})")


def _json(content: bytes, name: str, depth: int = MAX_DEPTH) -> Detail:
    """A JSON object that can be stored and passed on. Raises BadOutput."""
    try:
        value = json.loads(content, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise BadOutput(f"{name} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadOutput(f"{name} must hold a JSON object")
    if _is_deep(value, depth):
        raise BadOutput(f"{name} is nested deeper than {depth} levels")
    return value


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def _is_deep(value: object, left: int) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return left == 0 or any(_is_deep(item, left - 1) for item in items)


def _content(path: Path, limit: int = MAX_BYTES) -> bytes | None:
    """The bytes of a plain file; None if there is none. Raises BadOutput."""
    try:
        descriptor = open_plain(path)
    except FileNotFoundError:
        return None
    except NotPlain:
        raise BadOutput(f"{path.name} is no longer a plain file") from None
    except OSError as error:
        raise BadOutput(f"{path.name} cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(limit + 1)
    return _limited(content, path.name, limit)


def _limited(content: bytes, name: str, limit: int) -> bytes:
    if len(content) > limit:
        raise BadOutput(f"{name} is larger than {limit // 1024} KiB")
    return content
