"""A line of a log as strips: time, stream bar, and the clean text in its own colours. Nothing else gets out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

from jobistemer_tui.operations.clean_text import styled_runs
from jobistemer_tui.operations.log_reader import LogLine, Stream
from jobistemer_tui.operations.log_sgr import Colour, SgrStyle

from .log_view_query import Query

LINE_CELLS = 4_000
_MATCHES_SHOWN = 200
_ERROR_WORD = re.compile(r"\b(?:error|fatal|critical|panic|exception|traceback|err|crit|alert|emerg)\b", re.IGNORECASE)
_WARNING_WORD = re.compile(r"\bwarn(?:ing)?\b", re.IGNORECASE)
_BARS = {Stream.STDERR: "┃", Stream.BOTH: "┃", Stream.STDOUT: "│", Stream.NOTE: "╌", None: " "}


class TimeColumn(StrEnum):
    """How the time of a line is written."""

    LOCAL = "local"
    UTC = "UTC"
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


@dataclass(frozen=True, slots=True)
class Look:
    """What decides how every line looks. `zone` None is the zone of this machine."""

    console: Console
    palette: Palette
    time: TimeColumn = TimeColumn.LOCAL
    zone: tzinfo | None = None
    search: Query | None = None
    ascii_only: bool = False


def gutter_width(time: TimeColumn) -> int:
    """Cells before the text."""
    return 3 if time is TimeColumn.OFF else 16


def paint_gutter(line: LogLine, look: Look, *, first: bool) -> Text:
    """Time and stream bar; the rows after the `first` of a wrapped line show the bar alone."""
    text = Text(" ", end="")
    if look.time is not TimeColumn.OFF:
        text.append(_time(line.time, look.zone) if first else " " * 12, look.palette.time)
        text.append(" ")
    is_stderr = line.stream in (Stream.STDERR, Stream.BOTH)
    bar = _BARS[line.stream]
    if look.ascii_only:
        bar = {"┃": "!", "│": "|", "╌": "-"}.get(bar, bar)
    text.append(bar, look.palette.stderr if is_stderr else look.palette.bar)
    return text.append(" ")


def _time(time: datetime | None, zone: tzinfo | None) -> str:
    if time is None:
        return " " * 12
    return f"{time.astimezone(zone):%H:%M:%S.%f}"[:12]


def paint_text(line: LogLine, look: Look) -> Strip:
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
    _highlight(text, line, look)
    if cut:
        hidden = max(len(line.text) + line.hidden_bytes - shown_bytes, 1)
        text.append(f" … +{size_text(hidden)} (O)", look.palette.cut)
    return Strip(text.render(look.console, end="")).simplify()


def _highlight(text: Text, line: LogLine, look: Look) -> None:
    if line.stream is Stream.NOTE:
        text.stylize(look.palette.note)
    for pattern, style in ((_WARNING_WORD, look.palette.warning), (_ERROR_WORD, look.palette.error)):
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


def size_text(count: int) -> str:
    """`312 B`, `18 KB`, `3.1 MB`: thousands, as in the rest of the screen."""
    if count < 1000:
        return f"{count} B"
    if count < 999_500:
        return f"{count / 1000:.0f} KB"
    return f"{count / 1_000_000:.1f} MB" if count < 999_950_000 else f"{count / 1_000_000_000:.1f} GB"


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
