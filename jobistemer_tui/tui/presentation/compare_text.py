"""Two tries side by side as lines; the same words that `jobistemer compare` prints."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.model import Comparison, FactPair
from jobistemer_tui.operations.compare.words import (
    ENVIRONMENT_NOTE,
    difference_lines,
    log_words,
    variable_words,
)

from .fitting import cleaned, fit
from .lines import Line, Target, columns_line, heading, paragraph
from .status_marks import COMPLETED, FAILED, MISSED

_NAME = 14
_ID = 8
_LINKS = {"run": "occurrence", "attempt": "attempt"}


def compare_lines(found: Comparison, width: int, *, dark: bool) -> list[Line]:
    """The whole comparison. What differs is marked ≠; lines of the log begin with - or +."""
    warning = MISSED.style(dark=dark)
    lines = [*_facts(found, width, dark=dark)]
    for note in found.notes:
        lines += paragraph(f"△ {cleaned(note)}", width, indent=2, style=warning)
    lines += _section("environment", [cleaned(variable_words(one)) for one in found.environment], width)
    lines += paragraph(ENVIRONMENT_NOTE, width, style="dim")
    lines += _section("definition", [cleaned(one.text) for one in found.definition], width)
    lines += [heading(f"log: {log_words(found.log)}", width), *_log(found, width, dark=dark)]
    return lines


def _facts(found: Comparison, width: int, *, dark: bool) -> Iterator[Line]:
    name = min(_NAME, width // 3)
    room = (width - name - 4) // 2
    yield columns_line([("", 1, ""), ("", name, ""), ("FIRST", room, "dim"), ("SECOND", room, "dim")])
    for fact in found.facts:
        yield _fact_line(fact, name, room, dark=dark)


def _fact_line(fact: FactPair, name: int, room: int, *, dark: bool) -> Line:
    style = FAILED.style(dark=dark) if fact.differs else ""
    linked = fact.name in _LINKS
    target = Target(_LINKS[fact.name], fact.after) if linked else None
    sign = "≠" if fact.differs else ""
    before, after = (cleaned(side[:_ID] if linked else side) for side in (fact.before, fact.after))
    return columns_line(
        [(sign, 1, style), (cleaned(fact.name), name, "dim"), (before, room, ""), (after, room, style)], target=target
    )


def _section(title: str, lines: list[str], width: int) -> Iterator[Line]:
    yield heading(title, width)
    for line in lines or ["the same"]:
        yield from paragraph(f"  {line}", width, indent=4, style="" if lines else "dim")


def _log(found: Comparison, width: int, *, dark: bool) -> Iterator[Line]:
    styles = {Kind.SAME: "dim", Kind.REMOVED: FAILED.dark if dark else FAILED.light,
              Kind.ADDED: COMPLETED.style(dark=dark), None: "dim italic"}  # fmt: skip
    for kind, text in difference_lines(found.log):
        words = f"@ {text}" if kind is None else text
        yield Line(Text(fit(cleaned(words), width), styles[kind], no_wrap=True, end=""))
