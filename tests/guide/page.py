"""The examples of a page: its blocks of code, with the invisible comments above them that say how each is tried.

`tests/README.md` lists the comments.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.tree import ROOT, read

_ITEM = re.compile(
    r"""
    ^(?P<comments>(?:<!--(?:(?!-->).)*-->\n)*)   # directly above the block
    ```(?P<language>[a-z]*)\n(?P<text>.*?)^```$
    | ^<!--\ setup:\s(?P<setup>(?:(?!-->).)*)-->$  # one that stands alone
    """,
    re.MULTILINE | re.DOTALL | re.VERBOSE,
)
_COMMENT = re.compile(r"<!-- (.*?) -->", re.DOTALL)
_MARKS = (
    (re.compile(r"not run `(?P<command>[^`]+)`: (?P<reason>.+)", re.DOTALL), "left out"),
    (re.compile(r"not run: (?P<reason>.+)", re.DOTALL), "not run"),
    (re.compile(r"setup: (?P<lines>.+)", re.DOTALL), "setup"),
    (re.compile(r"file: (?P<path>\S+)"), "file"),
    (re.compile(r"output of: (?P<command>.+)"), "output"),
    (re.compile(r"exit code: (?P<code>\d+)"), "exit code"),
    (re.compile(r"in a job"), "in a job"),
    (re.compile(r"each line in a job"), "each line"),
    (re.compile(r"first command|tests"), "named"),  # names that other tests and the gate look for
)


class BadMark(ValueError):
    """A comment above a block that means nothing."""


@dataclass(frozen=True)
class Mark:
    """What a comment says."""

    kind: str
    values: dict[str, str]


@dataclass(frozen=True)
class Block:
    """A block of code (`language` is `setup` for an invisible one) and its place."""

    page: Path
    line: int
    language: str
    text: str
    marks: tuple[Mark, ...]

    @property
    def place(self) -> str:
        """For messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    def value(self, kind: str, name: str) -> str | None:
        """What the mark of this kind says, if there is one."""
        return next((mark.values[name] for mark in self.marks if mark.kind == kind), None)

    def has(self, kind: str) -> bool:
        """Whether there is such a mark."""
        return any(mark.kind == kind for mark in self.marks)

    @property
    def left_out(self) -> list[tuple[str, str]]:
        """Commands of it that are not run, with the reasons."""
        return [(mark.values["command"], mark.values["reason"]) for mark in self.marks if mark.kind == "left out"]


def blocks_of(page: Path) -> list[Block]:
    """All blocks in order. Raises BadMark for a comment above one that means nothing."""
    text = read(page)
    return [_block(page, text[: found.start()].count("\n") + 1, found) for found in _ITEM.finditer(text)]


def _block(page: Path, line: int, found: re.Match[str]) -> Block:
    if found["setup"] is not None:
        return Block(page, line, "setup", found["setup"].strip(), ())
    marks = tuple(_mark(comment) for comment in _COMMENT.findall(found["comments"]))
    return Block(page, line, found["language"], found["text"], marks)


def _mark(comment: str) -> Mark:
    for pattern, kind in _MARKS:
        match = pattern.fullmatch(comment)
        if match is not None:
            return Mark(kind, match.groupdict())
    raise BadMark(f"the comment {comment!r} above a block means nothing; see tests/README.md")
