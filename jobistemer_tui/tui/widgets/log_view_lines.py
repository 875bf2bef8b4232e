"""The lines near the screen, read and painted once."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from textual.strip import Strip

from jobistemer_tui.operations.log_levels import Level, level_of
from jobistemer_tui.operations.log_reader import LogLine, LogReader

from .log_view_paint import Look, Row, paint_gutter, paint_text, wrap_cuts

_KEPT = 2_048
_AT_ONCE = 64
_LEVEL_BYTES = 4_096  # of a line, in which its level is looked for while it is painted


@dataclass(slots=True)
class PaintedLine:
    """A line, its level, and its text as one strip; `cuts` are the cells at which it breaks."""

    line: LogLine
    level: Level
    text: Strip
    cuts: list[int]

    def part(self, number: int) -> Strip:
        """One of its broken rows."""
        begin = self.cuts[number - 1] if number else 0
        end = self.cuts[number] if number < len(self.cuts) else self.text.cell_length
        return self.text.crop(begin, end)


class PaintedLines:
    """A bounded cache over a reader. `wrap_width` 0 leaves lines whole."""

    def __init__(self, reader: LogReader, look: Look, wrap_width: int) -> None:
        self._reader = reader
        self._look = look
        self._wrap_width = wrap_width
        self._read: OrderedDict[int, LogLine] = OrderedDict()
        self._painted: OrderedDict[int, PaintedLine] = OrderedDict()

    def forget(self, first: int) -> None:
        """Lines from `first` on may have changed."""
        for cache in (self._read, self._painted):
            for number in [number for number in cache if number >= first]:
                del cache[number]

    def get(self, number: int) -> PaintedLine | None:
        """A line; None if it is gone or cannot be read."""
        painted = self._painted.get(number)
        if painted is None:
            line = self._line(number)
            if line is None:
                return None
            level = level_of(line.text[:_LEVEL_BYTES])
            text = paint_text(line, level, self._look)
            painted = PaintedLine(line, level, text, wrap_cuts(text.text, self._wrap_width))
            self._painted[number] = painted
            if len(self._painted) > _KEPT:
                self._painted.popitem(last=False)
        else:
            self._painted.move_to_end(number)
        return painted

    def gutter(self, painted: PaintedLine, *, first: bool, is_marked: bool, above: int | None) -> Strip:
        """What stands left of a row; `above` is the line in the row above it."""
        before = self._line(above) if above is not None else None
        row = Row(first, painted.level, is_marked, before.time if before else None)
        text = paint_gutter(painted.line, row, self._look)
        return Strip(text.render(self._look.console, end=""), self._look.gutter_width)

    def _line(self, number: int) -> LogLine | None:
        if number not in self._read:
            begin = number - number % _AT_ONCE
            try:
                lines = self._reader.lines(begin, begin + _AT_ONCE)
            except OSError:
                return None
            self._read.update((line.number, line) for line in lines)
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        return self._read.get(number)
