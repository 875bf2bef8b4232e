"""The text of a file, the places of its values, and problems at those places."""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_right
from dataclasses import field
from itertools import accumulate
from typing import Any

from jobistemer_tui.jobfiles.reading import Diagnostic, Severity, printable
from jobistemer_tui.settings.quick_dataclass import dataclass

Path = tuple[str | int, ...]
"""The way to a value: keys of tables and indices of lists, from the top of the file."""

MAX_DEPTH = 32
MAX_SHOWN_LINE = 500
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to say about the character at `offset` of a text.

    `private`: the line is not shown, because a secret may stand in it; what is shown is stored, too.
    """

    offset: int
    message: str
    hint: str = ""
    severity: Severity = "error"
    code: str = "job_file"
    private: bool = False


class Unreadable(Exception):
    """The text stops making sense at this problem; nothing after it can be judged."""

    def __init__(self, offset: int, message: str, hint: str = "", *, code: str = "syntax") -> None:
        super().__init__(message)
        self.problem = Problem(offset, message, hint, code=code)


@dataclasses.dataclass(slots=True)
class Spot:
    """Where a value and its key begin, as 0-based offsets, and the spots of what is in the value.

    `given` is set once the value itself was written, not only something inside it.
    """

    at: int = 0
    key: int = 0
    inner: dict[str | int, Spot] = field(default_factory=dict)
    given: bool = False


class SourceText:
    """The text of the file `path`; translates offsets to lines and columns."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        lines = text.split("\n")
        self._lines = lines
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)][:-1]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The printable text of a line, cut after 500 characters."""
        return printable(self._lines[number - 1][:MAX_SHOWN_LINE])

    def diagnostic(self, problem: Problem) -> Diagnostic:
        """The problem with its place."""
        line, column = self.place(problem.offset)
        message, hint = printable(problem.message), printable(problem.hint)
        shown = "" if problem.private else self.line(line)
        return Diagnostic(self.path, line, column, message, hint, problem.severity, problem.code, shown)


@dataclass(frozen=True, slots=True)
class Document:
    """A text read as tables and lists, with the spots of all its values.

    `problems` are those that did not stop the reading. Of a Python file `code` is its text, and `imported` are the
    files below its folder that it imports.
    """

    source: SourceText
    data: dict[str, Any]
    root: Spot
    problems: tuple[Problem, ...] = ()
    code: str = ""
    imported: tuple[str, ...] = ()

    def spot(self, path: Path) -> Spot:
        """The spot of a path, or of the longest part of it that the file has."""
        spot = self.root
        for part in path:
            if part not in spot.inner:
                break
            spot = spot.inner[part]
        return spot

    def offset_in(self, spot: Spot, text: str, position: int | None) -> int:
        """The offset of the `position`-th character of `text`, a string or key somewhere in the value at `spot`.

        The start of the string where `position` is None, and of the whole value where the string is not found: it
        may be written with escapes.
        """
        for candidate in _all_spots(spot):
            if text in candidate.inner:
                return candidate.inner[text].key
            for quotes in (0, 1, 3):
                start = candidate.at + quotes
                if text and self.source.text.startswith(text, start):
                    return candidate.at if position is None else start + min(position, len(text))
        return spot.at


def _all_spots(spot: Spot) -> list[Spot]:
    found = [spot]
    for one in found:
        found.extend(one.inner.values())
    return found


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8 with LF or CRLF, a byte order mark allowed. Raises Unreadable, offset in the result."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="ignore").replace("\r\n", "\n")
        hint = "save the file as UTF-8"
        raise Unreadable(len(before), f"byte 0x{content[error.start]:02x} is not UTF-8", hint) from error
    text = text.replace("\r\n", "\n")
    if match := _CONTROL.search(text):
        name = f"U+{ord(match[0]):04X}"
        raise Unreadable(match.start(), f"the control character {name} does not belong in a job file", "remove it")
    return text
