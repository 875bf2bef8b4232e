"""One column at the right edge: where in the log one is, and where its matches, errors, warnings and marks are.

Its table form is the list beside the log, which `d` shows.
"""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widget import Widget

from jobistemer_tui.operations.log_levels import Level

from .log_pane import LogPane

_SIGNS = {"mark": ("◆", "*"), "match": ("━", "="), "error": ("█", "#"), "warning": ("▒", "%")}


class LogMinimap(Widget):
    """Every cell stands for an equal part of the rows; a click or a drag goes there."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"log-minimap--{name}" for name in _SIGNS), "log-minimap--shown", "log-minimap--track"
    }  # fmt: skip
    DEFAULT_CSS = """
    LogMinimap { width: 1; height: 100%; background: $background; }
    LogMinimap > .log-minimap--track { background: $scrollbar-background; }
    LogMinimap > .log-minimap--shown { background: $scrollbar; }
    LogMinimap > .log-minimap--mark { color: $accent; text-style: bold; }
    LogMinimap > .log-minimap--match { color: $accent; text-style: bold; }
    LogMinimap > .log-minimap--error { color: $error; }
    LogMinimap > .log-minimap--warning { color: $warning; }
    """

    def __init__(self, log: LogPane, *, ascii_only: bool) -> None:
        super().__init__()
        self._log = log
        self._ascii_only = ascii_only
        self._is_dragged = False

    def sign_at(self, y: int) -> str:
        """What a cell shows: `mark`, `match`, `error`, `warning`, or nothing."""
        row, stop = self._rows_at(y)
        rows = self._log.rows
        if row >= len(rows):
            return ""
        line, behind = rows.line(row), rows.line(min(stop, len(rows)) - 1) + 1
        if self._log.marks.between(line, behind):
            return "mark"
        if rows.matches_between(line, behind):
            return "match"
        return {Level.ERROR: "error", Level.WARNING: "warning"}.get(self._log.problems.between(line, behind), "")

    def _rows_at(self, y: int) -> tuple[int, int]:
        height = max(self.size.height, 1)
        total = max(len(self._log.rows), height)
        return y * total // height, (y + 1) * total // height

    def render_line(self, y: int) -> Strip:
        """One cell."""
        row, stop = self._rows_at(y)
        first, behind = self._log.shown_rows
        is_shown = first < stop and row < behind
        style = self._style("shown" if is_shown else "track")
        sign = self.sign_at(y)
        if sign:
            style += self._style(sign)
        glyph = _SIGNS[sign][self._ascii_only] if sign else ("|" if self._ascii_only and is_shown else " ")
        return Strip([Segment(glyph, style)], 1)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log-minimap--{name}", partial=True)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Go there, and along while the button is held."""
        self._is_dragged = True
        self.capture_mouse()
        self._go(event.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Go along."""
        if self._is_dragged:
            self._go(event.y)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Stay there."""
        self._is_dragged = False
        self.release_mouse()

    def _go(self, y: int) -> None:
        first, behind = self._log.shown_rows
        row, _ = self._rows_at(min(max(y, 0), self.size.height - 1))
        self._log.go_to_top_row(max(row - (behind - first) // 2, 0))
