"""What a person types to search and to filter."""

from __future__ import annotations

import re
import warnings
from typing import Final

from jobistemer_tui.settings.quick_dataclass import dataclass

CONTEXT_LINES: Final = 2


@dataclass(frozen=True, slots=True)
class Query:
    """A pattern for bytes on disk and the same for text on the screen. `problem` says why it is taken literally."""

    text: str
    in_bytes: re.Pattern[bytes]
    in_text: re.Pattern[str]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines to show: those that match, or (`invert`) those that do not; with lines of `context` around each."""

    query: Query
    invert: bool = False
    context: int = 0

    @property
    def text(self) -> str:
        """What was typed."""
        return ("+" if self.context else "") + ("!" if self.invert else "") + self.query.text


def parse_query(text: str) -> Query | None:
    """A search; None if `text` is empty. Without capitals case does not matter; no expression means literally."""
    if not text:
        return None
    problem = ""
    pattern = text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what may mean something else in later versions of Python
        try:
            re.compile(text)
        except (re.error, OverflowError, RecursionError) as error:  # `a{99999999999}`, thousands of brackets
            problem = f"taken literally ({error})"
            pattern = re.escape(text)
        return Query(text, *_compiled(pattern), problem)


def _compiled(pattern: str) -> tuple[re.Pattern[bytes], re.Pattern[str]]:
    case = 0 if re.search(r"[A-Z]", re.sub(r"\\.", "", pattern)) else re.IGNORECASE
    encoded = pattern.encode("utf-8", "surrogatepass")
    try:
        in_bytes = re.compile(encoded, case)
    except re.error:  # a class of letters beyond ASCII has another meaning, or none, in bytes
        in_bytes = re.compile(re.escape(encoded), case)
    return in_bytes, re.compile(pattern, case)


def parse_filter(text: str) -> LineFilter | None:
    """A filter: `error`, `!debug` (lines without), `+error` (two lines around each), `+!debug`; None if empty."""
    around = text.startswith("+")
    text = text[around:]
    invert = text.startswith("!")
    query = parse_query(text[invert:])
    if query is None:
        return None
    return LineFilter(query, invert=invert, context=CONTEXT_LINES if around else 0)
