"""Which lines of a log are shown, and which of them match the search; worked out in a thread, kept as it grows."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from enum import StrEnum

from jobistemer_tui.operations.log_levels import Level, level_lines
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.operations.log_search import stream_lines
from jobistemer_tui.settings.quick_dataclass import dataclass

from .log_view_query import LineFilter, Query


class StreamChoice(StrEnum):
    """Whose lines are shown."""

    BOTH = "both"
    STDOUT = "stdout"
    STDERR = "stderr"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person asked for."""

    line_filter: LineFilter | None = None
    streams: StreamChoice = StreamChoice.BOTH
    search: Query | None = None
    least: Level = Level.NONE


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for the lines from `start`: those shown (None: all) and those that match (None: no search)."""

    start: int
    line_count: int
    shown: array[int] | None
    matches: array[int] | None


def find(reader: LogReader, wanted: Wanted, start: int, cancelled: Callable[[], bool]) -> Found:
    """Examine the lines from about `start` on; runs in a thread, and ends early when cancelled."""
    line_count = reader.line_count
    context = wanted.line_filter.context if wanted.line_filter else 0
    start = max(start - context, 0)
    shown = None
    if wanted.line_filter is not None:
        shown = _filtered(reader, wanted.line_filter, start, line_count, cancelled)
    if wanted.streams is not StreamChoice.BOTH:
        of_stream = stream_lines(reader, wanted.streams is StreamChoice.STDERR, start, cancelled=cancelled)
        shown = of_stream if shown is None else _both(shown, of_stream)
    if wanted.least > Level.DEBUG:
        of_level = level_lines(reader, wanted.least, start, cancelled=cancelled)
        shown = of_level if shown is None else _both(shown, of_level)
    matches = None
    if wanted.search is not None:
        matches = reader.matching_lines(wanted.search.in_bytes, start, cancelled=cancelled)
        matches = matches if shown is None else _both(matches, shown)
    return Found(start, line_count, shown, matches)


def _filtered(
    reader: LogReader, line_filter: LineFilter, start: int, stop: int, cancelled: Callable[[], bool]
) -> array[int]:
    around = line_filter.context
    found = reader.matching_lines(
        line_filter.query.in_bytes, max(start - around, 0), invert=line_filter.invert, cancelled=cancelled
    )
    if not around:
        return found
    result = array("Q")
    following = start
    for line in found:
        upto = min(line + around + 1, stop)
        result.extend(range(max(line - around, following), upto))
        following = max(following, upto)
    return result


def _both(lines: Iterable[int], others: Iterable[int]) -> array[int]:
    known = frozenset(others)
    return array("Q", (line for line in lines if line in known))


class Rows:
    """The lines shown, by row. It belongs to the event loop's thread."""

    def __init__(self) -> None:
        self.line_count = 0
        self._shown: array[int] | None = None
        self._matches: array[int] | None = None

    def take(self, found: Found) -> None:
        """Replace everything from `found.start` on."""
        self.line_count = found.line_count
        self._shown = _spliced(self._shown, found.start, found.shown)
        self._matches = _spliced(self._matches, found.start, found.matches)

    def __len__(self) -> int:
        return self.line_count if self._shown is None else len(self._shown)

    def line(self, row: int) -> int:
        """The number of the line in a row."""
        return row if self._shown is None else self._shown[row]

    def row(self, line: int) -> int:
        """The row of a line, or of the next one that is shown."""
        return line if self._shown is None else bisect_left(self._shown, line)

    def copy(self) -> array[int] | None:
        """The numbers of the lines shown, for another thread; None if all are."""
        return None if self._shown is None else self._shown[:]

    def between(self, line: int, stop: int) -> array[int]:
        """The numbers of the lines shown from `line` to `stop - 1`."""
        if self._shown is None:
            return array("Q", range(line, min(stop, self.line_count)))
        return self._shown[self.row(line) : self.row(stop)]

    @property
    def match_count(self) -> int:
        """How many of the lines shown match."""
        return len(self._matches or ())

    def match_number(self, line: int) -> int:
        """Which match this line is, from 1; 0 if it is none."""
        if not self._matches:
            return 0
        position = bisect_left(self._matches, line)
        return position + 1 if position < len(self._matches) and self._matches[position] == line else 0

    def match_from(self, line: int, direction: int) -> int | None:
        """The next match behind (1) or before (-1) a line; round the end to the other one. None if there is none."""
        if not self._matches:
            return None
        if direction > 0:
            position = bisect_left(self._matches, line + 1) % len(self._matches)
        else:
            position = bisect_left(self._matches, line) - 1
        return self._matches[position]

    def matches_between(self, line: int, stop: int) -> int:
        """How many matches the lines `line` to `stop - 1` hold."""
        return bisect_left(self._matches, stop) - bisect_left(self._matches, line) if self._matches else 0

    def __contains__(self, line: int) -> bool:
        row = self.row(line)
        return row < len(self) and self.line(row) == line


def _spliced(old: array[int] | None, start: int, new: array[int] | None) -> array[int] | None:
    if old is None or new is None or start == 0:
        return new
    del old[bisect_left(old, start) :]
    old.extend(new)
    return old
