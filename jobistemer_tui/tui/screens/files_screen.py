"""All job files: how each stands, what is wrong and where, what the last change did. Enter opens the editor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.operations.read_models import FileRow
from jobistemer_tui.tui.actions import FILES, bindings_of
from jobistemer_tui.tui.dialogs.forms import job_dialog
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.messages import Tick
from jobistemer_tui.tui.presentation.file_detail import changes_lines, file_lines
from jobistemer_tui.tui.presentation.file_rows import FILE_LISTING, facts_text, in_order, short_path
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.wrapping import lines_text
from jobistemer_tui.tui.read_values import FilesRead, ReadValue
from jobistemer_tui.tui.shell import Shell

from .list_screen import ListScreen
from .reads import read_files

_LOOK_TICKS = 5


class FilesScreen(ListScreen[FileRow]):
    """The files that jobs are written in."""

    CSS_PATH = "files_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(FILES)]
    NAME = FILES
    SIDE_WIDTH = 95

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._read: FilesRead | None = None
        self._rows: list[FileRow] | None = None

    listing = FILE_LISTING

    @property
    def all_rows(self) -> Sequence[FileRow] | None:
        """All files, what needs a look first."""
        return self._rows

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
            self.rearrange()

    def on_tick(self, message: Tick) -> None:
        """Files that no engine watches change without a write to the store."""
        if self._read is not None and self._read.pending is not None and self._ticks % _LOOK_TICKS == 0:
            self.shell.feed.refresh("files")

    def summary(self) -> Text:
        """How much there is."""
        return facts_text(self._rows or (), self.shell.view)

    def none_text(self, width: int) -> Text:
        """There is no file; what one would do is said if one was read before."""
        home = cleaned(self.shell.home_label)
        words = Text(f"No job files in {home} have been read.\n\nDrop one there and it appears here.")
        changes = changes_lines(self._read, self.shell.view, width) if self._read else []
        return lines_text([words, Text(""), *changes]) if changes else words

    def pane_title(self, row: FileRow) -> str:
        """The file."""
        return short_path(row)

    def pane_text(self, row: FileRow, width: int) -> Text:
        """How the file stands, and what changes do."""
        view = self.shell.view
        changes = changes_lines(self._read, view, width) if self._read else []
        return lines_text([*file_lines(row, view, width), *changes])

    def action_open_row(self) -> None:
        """Open the file in the editor: there is nothing else to go into."""
        self.action_edit_file()

    def action_edit_file(self) -> None:
        """Open the file at its first error, else its first problem, else its first line."""
        if row := self.selected_row:
            errors = [problem for problem in row.problems if problem.severity == "error"]
            first = next(iter(errors or row.problems), None)
            self.act(self.edit(row.path, max(1, first.line) if first else 1))

    def action_why(self) -> None:
        """Why a job of the file ran, or did not; of several asks which."""
        row = self.selected_row
        if row is None:
            return
        if not row.jobs:
            self.tell(f"no job of {short_path(row)} is known; the pane says how the file stands")
        else:
            self.act(self._why(row))

    async def _why(self, row: FileRow) -> None:
        job = row.jobs[0]
        if len(row.jobs) > 1:
            job = await self.app.push_screen_wait(job_dialog(row.jobs))
        if job:
            await self.ask_why(job, job)

    def copied(self, row: FileRow) -> tuple[str, str]:
        """The path."""
        return row.path, "path"
