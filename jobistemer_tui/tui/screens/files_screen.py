"""All job files: how each stands, what is wrong and where, what the last change did. Enter opens the editor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from jobistemer_tui.operations.read_models import FileRow
from jobistemer_tui.tui.actions import FILES, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.messages import Tick
from jobistemer_tui.tui.presentation.file_detail import changes_lines, file_lines
from jobistemer_tui.tui.presentation.file_rows import facts_text, file_columns, file_table_row, in_order, short_path
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_rows import MAX_ROWS
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import FilesRead, ReadValue
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn

from .acting_screen import ActingScreen
from .reads import read_files

SIDE_WIDTH = 95
"""Cells of the pane at the right, as in the style sheet."""
_LOOK_TICKS = 5


class FilesScreen(ActingScreen):
    """The files that jobs are written in."""

    CSS_PATH = "files_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(FILES)]
    NAME = FILES

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._read: FilesRead | None = None
        self._rows: list[FileRow] = []
        self._ticks = 0
        self.facts = Drawn(ascii_only=shell.ascii, classes="facts")
        self.empty = Drawn(ascii_only=shell.ascii, classes="empty")
        self.rule = Drawn(ascii_only=shell.ascii, classes="rule")
        self.pane = Drawn(ascii_only=shell.ascii, classes="pane")
        self.side = Vertical(self.rule, VerticalScroll(self.pane), classes="side")

    def body(self) -> list[Widget]:
        """The table; the detail below, or at the right where there is room."""
        return [Vertical(self.facts, self.table, self.empty, classes="main"), self.side]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root of this view."""
        return ("Files",)

    def questions(self) -> Mapping[str, Read]:
        """All files and what their changes do."""
        return {"files": read_files}

    def take(self, value: ReadValue) -> None:
        """Keep the answer."""
        if isinstance(value, FilesRead):
            self._read = value
            self._rows = in_order(value.rows)

    def on_tick(self, message: Tick) -> None:
        """Files that no engine watches change without a write to the store."""
        self._ticks += 1
        if self._read is not None and self._read.pending is not None and self._ticks % _LOOK_TICKS == 0:
            self.shell.feed.refresh("files")
        super().on_tick(message)

    @property
    def selected_file(self) -> FileRow | None:
        """The file under the cursor."""
        key = self.table.selected_key
        return next((row for row in self._rows[:MAX_ROWS] if row.path == key), None)

    def repaint(self) -> None:
        """The table, then the pane of the selected file."""
        view = self.shell.view
        self.side.display = self.shell.detail_shown and self.has_side_room and bool(self._rows)
        columns = file_columns(self.table_width(self.side, SIDE_WIDTH))
        self.table.show(columns, [file_table_row(row, columns, view) for row in self._rows[:MAX_ROWS]])
        self.table.display, self.empty.display = bool(self._rows), not self._rows
        self.facts.display = bool(self._rows) and self.has_side_room
        self.facts.show(lambda width: facts_text(self._rows, view))
        self.empty.show(lambda width: self._empty_text(width))
        self._paint_pane()

    def _empty_text(self, width: int) -> Text:
        if self._read is None:
            return Text("Reading…")
        home = cleaned(self.shell.home_label)
        words = Text(f"No job files in {home} have been read.\n\nDrop one there and it appears here.")
        changes = changes_lines(self._read, self.shell.view, width)
        return lines_text([words, Text(""), *changes]) if changes else words

    def _paint_pane(self) -> None:
        row, read, view = self.selected_file, self._read, self.shell.view
        if row is None or read is None:
            return
        self.rule.show(lambda width: rule_text(short_path(row), width))
        self.pane.show(lambda width: lines_text([*file_lines(row, view, width), *changes_lines(read, view, width)]))

    def on_data_table_row_highlighted(self) -> None:
        """The cursor moved."""
        self._paint_pane()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_edit_file()

    def action_open_row(self) -> None:
        """Open the file in the editor: there is nothing else to go into."""
        self.action_edit_file()

    def action_edit_file(self) -> None:
        """Open the file at its first error, else its first problem, else its first line."""
        if row := self.selected_file:
            errors = [problem for problem in row.problems if problem.severity == "error"]
            first = next(iter(errors or row.problems), None)
            self.act(self.edit(row.path, max(1, first.line) if first else 1))

    def action_copy_id(self) -> None:
        """Copy the path."""
        if row := self.selected_file:
            self.copy(row.path, "path")
