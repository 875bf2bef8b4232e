"""Moving through a log, and selecting lines of it, by keys and mouse."""

from __future__ import annotations

from textual import events

from .log_pane import LogPane
from .log_view_paint import LINE_CELLS

_STEP_CELLS = 10
_WHEEL_ROWS = 3


class LogMoves(LogPane):
    """Follow ends when a person moves up; End, G and f take it up again. Dragging selects whole lines."""

    _drag_from: int | None = None

    def _on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        event.prevent_default()
        self.move(_WHEEL_ROWS)

    def _on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        event.prevent_default()
        self.move(-_WHEEL_ROWS)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Make the line under the pointer the current one; dragging on selects."""
        line = self._line_at(event.y)
        if event.button == 1 and line is not None:
            self._drag_from = line
            self.current, self.selection = line, None
            self.capture_mouse()
            self._place()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Select up to the pointer; above and below the log it scrolls."""
        if self._drag_from is None:
            return
        if event.y < 0 or event.y >= self.size.height:
            self.move(-1 if event.y < 0 else 1)
        line = self._line_at(min(max(event.y, 0), len(self._places) - 1))
        if line is not None and line != self.current:
            self.select(self._drag_from, line)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Dragging ends."""
        if self._drag_from is not None:
            self._drag_from = None
            self.release_mouse()

    def _line_at(self, y: int) -> int | None:
        return self.rows.line(self._places[y].row) if 0 <= y < len(self._places) else None

    def select(self, anchor: int, line: int) -> None:
        """Select from one line to another; the other becomes the current one."""
        self.follow = False
        self.selection = min(anchor, line), max(anchor, line)
        self.current = line
        row = self.rows.row(line)
        self._window.reveal(row)
        self._place()

    def drop_selection(self) -> bool:
        """Select nothing; whether something was selected."""
        was, self.selection = self.selection, None
        self._place()
        return was is not None

    def action_select_down(self) -> None:
        """The line below, too."""
        self._extend(1)

    def action_select_up(self) -> None:
        """The line above, too."""
        self._extend(-1)

    def _extend(self, step: int) -> None:
        if not len(self.rows):
            return
        line = self.current_line
        anchor = line
        if self.selection is not None:
            anchor = self.selection[0] if line == self.selection[1] else self.selection[1]
            row = min(max(self.rows.row(line) + step, 0), len(self.rows) - 1)
            line = self.rows.line(row)
        self.select(anchor, line)

    def action_line_down(self) -> None:
        """One row down."""
        self.move(1)

    def action_line_up(self) -> None:
        """One row up."""
        self.move(-1)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.move(max(self._window.height // 2, 1))

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.move(-max(self._window.height // 2, 1))

    def action_page_down(self) -> None:
        """One page down."""
        self.move(self._window.height)

    def action_page_up(self) -> None:
        """One page up."""
        self.move(-self._window.height)

    def action_top(self) -> None:
        """The first line."""
        self.follow = False
        self._window.go(0)
        self._place()

    def action_bottom(self) -> None:
        """The last line, and on with those that come."""
        self.follow = self.reader is not None and not self.reader.ended
        self._window.go_to_bottom()
        self._place()

    def action_left(self) -> None:
        """Towards the beginning of the lines."""
        self.left = max(self.left - _STEP_CELLS, 0)
        self._place()

    def action_right(self) -> None:
        """Towards the end of the lines."""
        if not self.wrap:
            self.left = min(self.left + _STEP_CELLS, LINE_CELLS)
            self._place()
