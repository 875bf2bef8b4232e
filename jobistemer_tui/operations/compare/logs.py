"""The difference of what two tries wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from jobistemer_tui.operations.compare.line_diff import Kind, Step, difference, hunks
from jobistemer_tui.operations.compare.model import DiffLine, LogDifference
from jobistemer_tui.operations.compare.normalise import normalised
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_text import plain_line

END_LINES: Final = 5_000
"""Of a log with more than twice as many lines the first and the last so many are compared."""
LINE_CHARACTERS: Final = 2_000
"""So much of each line is compared."""
_CUT: Final = "\0"
"""Stands, as a line of its own, for what was left out: no line that is shown holds it."""


class Excerpt:
    """The lines of a log that are compared, with their numbers; in the middle of a long one there is a cut."""

    def __init__(self, reader: LogReader) -> None:
        reader.refresh()
        self.state = reader.state
        self.total = reader.line_count
        self.left_out = max(0, self.total - 2 * END_LINES)
        self.numbers: list[int] = []
        self.texts: list[str] = []
        if self.left_out:
            self._read(reader, 0, END_LINES)
            self.numbers.append(END_LINES)
            self.texts.append(_CUT)
            self._read(reader, self.total - END_LINES, self.total)
        else:
            self._read(reader, 0, self.total)

    def _read(self, reader: LogReader, start: int, stop: int) -> None:
        for line in reader.lines(start, stop):
            self.numbers.append(line.number)
            # Four bytes a character at most, so that no line is cleaned further than it is shown.
            self.texts.append(plain_line(line.text[: 4 * LINE_CHARACTERS])[:LINE_CHARACTERS])

    def shown(self, index: int) -> str:
        """A line as it is shown."""
        text = self.texts[index]
        return f"… {self.left_out} lines are not compared" if text == _CUT else text


def compare_logs(before: LogReader, after: LogReader, *, context: int, exact: bool) -> LogDifference:
    """Compare two logs; `exact`: with times, ids and so on as they are."""
    one, other = Excerpt(before), Excerpt(after)
    steps = difference(*(excerpt.texts if exact else [*map(normalised, excerpt.texts)] for excerpt in (one, other)))
    counts = Counter(step.kind for step in steps if not _is_cut(step, one, other))
    return LogDifference(
        before_state=one.state, after_state=other.state, before_lines=one.total, after_lines=other.total,
        before_left_out=one.left_out, after_left_out=other.left_out,
        removed=counts[Kind.REMOVED], added=counts[Kind.ADDED], same=counts[Kind.SAME],
        hunks=tuple(tuple(_lines(hunk, one, other)) for hunk in hunks(steps, context)),
    )  # fmt: skip


def _is_cut(step: Step, one: Excerpt, other: Excerpt) -> bool:
    if step.before is not None:
        return one.texts[step.before] == _CUT
    return step.after is not None and other.texts[step.after] == _CUT


def _lines(steps: list[Step], one: Excerpt, other: Excerpt) -> Iterator[DiffLine]:
    for step in steps:
        before = None if step.before is None else one.numbers[step.before]
        after = None if step.after is None else other.numbers[step.after]
        if step.after is not None:
            yield DiffLine(step.kind, before, after, other.shown(step.after))
        elif step.before is not None:
            yield DiffLine(step.kind, before, after, one.shown(step.before))
