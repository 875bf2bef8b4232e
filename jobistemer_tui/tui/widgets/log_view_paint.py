"""A line of a log as strips: time, stream bar, and the clean text in its own colours. Nothing else gets out."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from jobistemer_tui.domain.sizes import size_text
from jobistemer_tui.operations.clean_text import styled_runs
from jobistemer_tui.operations.log_levels import Level
from jobistemer_tui.operations.log_reader import LogLine, Stream
from jobistemer_tui.operations.log_sgr import Colour, SgrStyle
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.presentation.durations import short_duration
from jobistemer_tui.tui.presentation.status_marks import ascii_text

from .log_view_query import Query

LINE_CELLS = 4_000
_MATCHES_SHOWN = 200
_TIME_CELLS = 12
_ERROR_WORD = re.compile(r"\b(?:error|fatal|critical|panic|exception|traceback|err|crit|alert|emerg)\b", re.IGNORECASE)
_WARNING_WORD = re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)
_BARS = {Stream.STDERR: "┃", Stream.BOTH: "┃", Stream.STDOUT: "│", Stream.NOTE: "╌", None: " "}


class TimeColumn(StrEnum):
    """How the time of a line is written: on a clock, since the log began, or since the line above."""

    LOCAL = "local"
    UTC = "UTC"
    RELATIVE = "relative"
    DELTA = "delta"
    OFF = "off"

    @property
    def next(self) -> TimeColumn:
        """The choice after this one."""
        choices = list(TimeColumn)
        return choices[(choices.index(self) + 1) % len(choices)]


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of what we add to a line."""

    time: Style = field(default_factory=Style)
    bar: Style = field(default_factory=Style)
    stderr: Style = field(default_factory=Style)
    match: Style = field(default_factory=Style)
    error: Style = field(default_factory=Style)
    warning: Style = field(default_factory=Style)
    note: Style = field(default_factory=Style)
    cut: Style = field(default_factory=Style)
    mark: Style = field(default_factory=Style)


@dataclass(frozen=True, slots=True)
class Look:
    """What decides how every line looks. `zone` None is the zone of this machine, `start` when the log began.

    `number_width`: digits of the line numbers; 0 shows none.
    """

    console: Console
    palette: Palette
    time: TimeColumn = TimeColumn.LOCAL
    zone: tzinfo | None = None
    search: Query | None = None
    ascii_only: bool = False
    start: datetime | None = None
    number_width: int = 0

    def sign(self, ours: str) -> str:
        """What we write beside what the task wrote, as this terminal can show it."""
        return ascii_text(ours) if self.ascii_only else ours

    @property
    def gutter_width(self) -> int:
        """Cells before the text."""
        numbers = self.number_width + 1 if self.number_width else 0
        return numbers + (3 if self.time is TimeColumn.OFF else 4 + _TIME_CELLS)


@dataclass(frozen=True, slots=True)
class Row:
    """What a row shows beside its line: whether its first part, its level, a mark, and the time of the row above."""

    first: bool = True
    level: Level = Level.NONE
    is_marked: bool = False
    above: datetime | None = None


def paint_gutter(line: LogLine, row: Row, look: Look) -> Text:
    """Mark, number, time and stream bar; the rows after the first of a wrapped line show the bar alone."""
    text = Text(end="")
    text.append(look.sign("◆") if row.is_marked and row.first else " ", look.palette.mark)
    if look.number_width:
        number = str(line.number + 1) if row.first else ""
        text.append(f"{number:>{look.number_width}} ", look.palette.bar)
    if look.time is not TimeColumn.OFF:
        text.append(_time(line.time, row, look) if row.first else " " * _TIME_CELLS, look.palette.time)
        text.append(" ")
    bar = look.sign(_BARS[line.stream])
    return text.append(bar, _bar_style(line, row.level, look.palette)).append(" ")


def mark_note(clock: datetime, look: Look) -> Strip:
    """What stands at the right end of a marked line: when it was marked."""
    words = f" {look.sign('◆')} {clock.astimezone(look.zone):%H:%M:%S} "
    return Strip(Text(words, look.palette.mark, end="").render(look.console, end=""))


def _bar_style(line: LogLine, level: Level, palette: Palette) -> Style:
    if level >= Level.WARNING:
        return palette.error if level is Level.ERROR else palette.warning
    return palette.stderr if line.stream in (Stream.STDERR, Stream.BOTH) else palette.bar


def _time(time: datetime | None, row: Row, look: Look) -> str:
    if time is None:
        return " " * _TIME_CELLS
    if look.time is TimeColumn.RELATIVE:
        return _since(time - look.start) if look.start else " " * _TIME_CELLS
    if look.time is TimeColumn.DELTA:
        return f"{_delta(time - row.above):>{_TIME_CELLS}}" if row.above else " " * _TIME_CELLS
    return f"{time.astimezone(look.zone):%H:%M:%S.%f}"[:_TIME_CELLS]


def _since(span: timedelta) -> str:
    """`+00:05:02.31`."""
    seconds = abs(span.total_seconds())
    whole = int(seconds)
    sign = "-" if span < timedelta() else "+"
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{seconds % 60:05.2f}"[:_TIME_CELLS].ljust(_TIME_CELLS)


def _delta(span: timedelta) -> str:
    """`+0.500s`, `+5m02s`, `+3h04m`."""
    seconds = abs(span.total_seconds())
    sign = "-" if span < timedelta() else "+"
    return f"{sign}{seconds:.3f}s" if seconds < 60 else f"{sign}{short_duration(seconds)}"


def paint_text(line: LogLine, level: Level, look: Look) -> Strip:
    """The text of a line, at most LINE_CELLS wide with a visible cut, in one strip."""
    text = Text(end="")
    room = LINE_CELLS
    shown_bytes = 0
    runs = styled_runs(line.text)
    cut = line.hidden_bytes > 0
    for piece, sgr in runs:
        if room <= 0 or len(piece) > room or cell_len(piece) > room:
            cut = True
            piece = set_cell_size(piece[: room + 1], room) if room > 0 else ""
        room -= cell_len(piece)
        shown_bytes += len(piece.encode())
        text.append(piece, rich_style(sgr))
    _highlight(text, line, level, look)
    if cut:
        hidden = max(len(line.text) + line.hidden_bytes - shown_bytes, 1)
        text.append(look.sign(f" … +{size_text(hidden)} (O)"), look.palette.cut)
    return Strip(text.render(look.console, end="")).simplify()


def _highlight(text: Text, line: LogLine, level: Level, look: Look) -> None:
    if line.stream is Stream.NOTE:
        text.stylize(look.palette.note)
    if level >= Level.WARNING:
        pattern, style = (
            (_ERROR_WORD, look.palette.error) if level is Level.ERROR else (_WARNING_WORD, look.palette.warning)
        )
        if match := pattern.search(text.plain):
            text.stylize(style, *match.span())
    if look.search is not None:
        for number, match in enumerate(look.search.in_text.finditer(text.plain)):
            if number == _MATCHES_SHOWN:
                break
            text.stylize(look.palette.match, *match.span())


def wrap_cuts(text: str, width: int) -> list[int]:
    """The cell positions at which a text breaks into rows of at most `width` cells."""
    if width < 2 or cell_len(text) <= width:
        return []
    cuts: list[int] = []
    for row in chop_cells(text, width)[:-1]:
        cuts.append((cuts[-1] if cuts else 0) + cell_len(row))
    return cuts


def rich_style(sgr: SgrStyle) -> Style:
    """The same style for Rich. Colours 0–15 are left to the theme."""
    return Style(
        color=_colour(sgr.foreground),
        bgcolor=_colour(sgr.background),
        bold=sgr.bold or None,
        dim=sgr.dim or None,
        italic=sgr.italic or None,
        underline=sgr.underline or None,
        reverse=sgr.reverse or None,
        strike=sgr.strike or None,
    )


def _colour(colour: Colour | None) -> Color | None:
    if colour is None:
        return None
    return Color.from_ansi(colour) if isinstance(colour, int) else Color.from_rgb(*colour)
