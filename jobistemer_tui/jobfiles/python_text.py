"""A Python job file to a Document: it is run by a program of its own, and what that says is not believed unseen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from jobistemer_tui.jobfiles.python_process import LoaderOutput, run_loader
from jobistemer_tui.jobfiles.source import MAX_DEPTH, Document, Problem, SourceText, Spot, Unreadable

DEFAULT_SECONDS = 10.0
MAX_TEXT = 256 * 1024
"""Characters; the text of a file is stored with every version of the jobs that run functions of it."""
_DECLARE = "a job file only declares jobs; work belongs into a task"
_NO_SENSE = "what the file declares cannot be understood"


def read_python(source: SourceText, seconds: float = DEFAULT_SECONDS) -> Document:
    """The document. Blocks while the file runs, for `seconds` at most and little more. Raises Unreadable."""
    if len(source.text) > MAX_TEXT:
        raise Unreadable(0, "a Python job file has at most 256 KiB", "move code into a module beside it")
    if "\r" in source.text:
        raise Unreadable(source.text.index("\r"), "a carriage return without a line feed", "remove it")
    try:
        output = run_loader(source.path, source.text, seconds)
    except (OSError, ValueError) as error:
        raise Unreadable(0, f"cannot be loaded: {error}", "look again later", code="python") from error
    return _document(source, output)


def _document(source: SourceText, output: LoaderOutput) -> Document:
    found = _found(output)
    if found is None:
        raise Unreadable(0, output.ended or _NO_SENSE, _with_output(_DECLARE, output), code="python")
    end = len(source.text)
    try:
        if "error" in found:
            error = _problem(found["error"], end)
            hint = _with_output(error.hint, output)
            raise Unreadable(error.offset, error.message, hint, code=error.code)
        root = _spot(found["places"], end)
        problems = tuple(_problem(one, end) for one in found["problems"])
        data, imported = found["data"], found["imported"]
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unreadable(0, _NO_SENSE, _with_output(_DECLARE, output), code="python") from error
    if not isinstance(data, dict) or not _are_texts(imported):
        raise Unreadable(0, _NO_SENSE, _with_output(_DECLARE, output), code="python")
    for hidden in _hidden(data, root):
        raise Unreadable(hidden.offset, hidden.message, hidden.hint, code=hidden.code)
    return Document(source, data, root, problems, code=source.text, imported=tuple(dict.fromkeys(imported)))


def _found(output: LoaderOutput) -> dict[str, Any] | None:
    if not output.document.strip() or len(output.document) > 2**24:
        return None
    try:
        found = json.loads(output.document)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and "\0" not in item for item in value)


def _with_output(hint: str, output: LoaderOutput) -> str:
    """The hint, and the last lines of what the file printed."""
    lines = [line.strip() for line in output.printed.splitlines() if line.strip()][-3:]
    printed = f"it printed: {' / '.join(lines)[-300:]}" if lines else ""
    return "; ".join(part for part in (hint, printed) if part)


def _problem(value: dict[str, Any], end: int) -> Problem:
    message, hint, code = value["message"], value["hint"], value["code"]
    if not all(isinstance(text, str) for text in (message, hint, code)):
        raise TypeError(value)
    return Problem(_offset(value["offset"], end), message[:1000], hint[:1000], code=code[:40])


def _offset(value: object, end: int) -> int:
    if type(value) is not int:
        raise TypeError(value)
    return max(0, min(value, end))


def _spot(value: list[Any], end: int, depth: int = 0) -> Spot:
    if depth > MAX_DEPTH + 8:
        raise ValueError("places are nested too deep")
    at, key, inner = value
    spot = Spot(_offset(at, end), _offset(key, end))
    for name, place in inner:
        if type(name) not in (str, int):
            raise TypeError(name)
        spot.inner[name] = _spot(place, end, depth + 1)
    return spot


def _hidden(data: dict[str, Any], root: Spot) -> Iterator[Problem]:
    """What only values show: a NUL, which no argument or variable can hold, half a character, and what is too deep."""
    left: list[tuple[Any, Spot, int]] = [(data, root, 0)]
    while left:
        value, spot, depth = left.pop()
        if depth > MAX_DEPTH:
            yield Problem(spot.at, f"nested more than {MAX_DEPTH} deep", code="too_deep")
        elif isinstance(value, dict | list):
            items = value.items() if isinstance(value, dict) else enumerate(value)
            left += [(item, spot.inner.get(name, spot), depth + 1) for name, item in items]
        for text in value if isinstance(value, dict) else (value,):
            if isinstance(text, str) and ("\0" in text or not _is_unicode(text)):
                what = "the character NUL" if "\0" in text else "half of a character (a surrogate)"
                yield Problem(spot.at, f"{what} does not belong in a job file", "remove it", code="syntax")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)
