"""Whether what a command wrote is what a page shows of it.

What differs at each run stands for any of its kind: times and dates, ids (of 8 or 32 hexadecimal digits), lengths of
time, and the width of gaps between columns. `…` in the page is any text of a line, a line of nothing else any lines.
"""

from __future__ import annotations

import re

_KINDS = (
    (re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?( ?(Z|[A-Z]{3,5}|[+-]\d\d:\d\d)\b)?"), "<time>"),
    (re.compile(r"\d{4}-\d\d-\d\d"), "<date>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\b(?=[a-f]*[0-9])[0-9a-f]{8}\b"), "<id>"),
    (re.compile(r"\b(\d+(\.\d+)?(ms|s|m|h|d))+\b"), "<length>"),
    (re.compile(r" {2,}"), "  "),
)
ANY = "…"


def is_shown(page: str, written: str) -> bool:
    """Whether the lines of `page` stand for those of `written`."""
    pattern = "".join(_line_pattern(line) for line in _normal(page))
    return re.fullmatch(pattern, "".join(line + "\n" for line in _normal(written)), re.DOTALL) is not None


def _normal(text: str) -> list[str]:
    lines = text.strip("\n").split("\n")
    for pattern, name in _KINDS:
        lines = [pattern.sub(name, line) for line in lines]
    return [line.rstrip() for line in lines]


def _line_pattern(line: str) -> str:
    if line.strip() == ANY:
        return "(?:.*\n)?"
    return "[^\n]*".join(re.escape(part) for part in line.split(ANY)) + "\n"
