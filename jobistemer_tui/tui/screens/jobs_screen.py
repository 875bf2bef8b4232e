"""All jobs: what each does now, when it runs next, how it went. Enter goes into a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from jobistemer_tui.operations.read_models import JobRow
from jobistemer_tui.tui.actions import JOBS, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_detail import job_lines
from jobistemer_tui.tui.presentation.job_rows import MAX_ROWS, count_words, filtered, job_columns, job_table_row
from jobistemer_tui.tui.presentation.tail_lines import tail_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import JobRead, JobsRead, ReadValue
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.filter_bar import FilterBar

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .job_screen import JobScreen
from .reads import job_question, read_jobs

SIDE_WIDTH = 75
"""Cells of the pane at the right, as in the style sheet."""


class JobsScreen(JobActionsScreen):
    """The first screen."""

    CSS_PATH = "jobs_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(JOBS)]
    NAME = JOBS

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[JobRow, ...] | None = None
        self._matching: list[JobRow] = []
        self._job: JobRead | None = None
        self._asked: str | None = None
        self.filter_bar = FilterBar(ascii_only=shell.ascii)
        self.empty = Drawn(ascii_only=shell.ascii, classes="empty")
        self.rule = Drawn(ascii_only=shell.ascii, classes="rule")
        self.pane = Drawn(ascii_only=shell.ascii, classes="pane")
        self.side = Vertical(self.rule, VerticalScroll(self.pane, can_focus=False), classes="side")

    def body(self) -> list[Widget]:
        """The table with its filter; the detail below, or at the right where there is room."""
        return [Vertical(self.filter_bar, self.table, self.empty, classes="main"), self.side]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root."""
        return ("Jobs",)

    def questions(self) -> Mapping[str, Read]:
        """All jobs, and the selected one."""
        asked = self._asked
        return {"jobs": read_jobs} if asked is None else {"jobs": read_jobs, "job": job_question(asked)}

    def take(self, value: ReadValue) -> None:
        """Keep the list, or the selected job."""
        if isinstance(value, JobsRead):
            self._rows = self.shell.jobs = value.rows
            self._filter()
        elif isinstance(value, JobRead):
            self._job = value

    @property
    def selected_job(self) -> JobRow | None:
        """The job under the cursor."""
        key = self.table.selected_key
        return next((row for row in self._matching[:MAX_ROWS] if row.name == key), None)

    def repaint_for(self, value: ReadValue) -> None:
        """The detail of one job leaves the table as it is."""
        if isinstance(value, JobRead):
            self._paint_pane()
        else:
            self.repaint()

    @property
    def growing(self) -> tuple[str, ...]:
        """The selected job, while it runs."""
        row = self.selected_job
        return ("job",) if row is not None and row.running and self.side.display else ()

    def _filter(self) -> None:
        self._matching = filtered(self._rows or (), self.filter_bar.text)

    def repaint(self) -> None:
        """The table, then the pane of the selected job."""
        self._show_side()
        columns = job_columns(self.table_width(self.side, SIDE_WIDTH))
        view = self.shell.view
        self.table.show(columns, [job_table_row(row, columns, view) for row in self._matching[:MAX_ROWS]])
        query = self.filter_bar.text
        self.filter_bar.display = self.filter_bar.is_open or len(self._matching) > MAX_ROWS
        self.filter_bar.facts(count_words(len(self._matching), len(self._rows or ()), "job", query=query))
        self.table.display = bool(self._matching)
        self.empty.display = not self._matching
        self.empty.show(lambda width: Text(self._empty_words()))
        self._paint_pane()

    def _empty_words(self) -> str:
        if self._rows is None:
            return "Reading…"
        if self._rows:
            return f"No job fits “{cleaned(self.filter_bar.text)}”.\n\nesc clears the filter."
        home = cleaned(self.shell.home_label)
        return f"No jobs in {home}.\n\nDrop a job file there and it appears here."

    def _show_side(self) -> None:
        self.side.display = self.shell.detail_shown and self.has_side_room and bool(self._matching)

    def _paint_pane(self) -> None:
        row = self.selected_job
        if row is None:
            return
        if row.name != self._asked:
            self._asked = row.name
            self.ask("job", job_question(row.name))
        known = self._job if self._job and self._job.detail.row.name == row.name else None
        self.rule.show(lambda width: rule_text(cleaned(row.name), width))
        self.pane.show(lambda width: self._pane_text(row, known, width))

    def _pane_text(self, row: JobRow, known: JobRead | None, width: int) -> Text:
        view = self.shell.view
        if self.is_wide:
            lines = job_lines(row, known, view, width)
            room = self.size.height - len(lines) - 6
            if known and known.tail and room > 0:
                lines += [rule_text("end of its log", width), *tail_lines(known.tail[-room:], view, width)]
            return lines_text(lines)
        brief = self.size.height < ROOMY
        return lines_text(job_lines(row, known, view, width, brief=brief, tail=2 if brief else 4))

    def on_data_table_row_highlighted(self) -> None:
        """The cursor moved."""
        self._paint_pane()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open_row()

    def on_filter_bar_changed(self, event: FilterBar.Changed) -> None:
        """Filter while typing."""
        self._filter()
        self.repaint()

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """Back to the table."""
        self.table.focus()
        self.repaint()

    def action_filter(self) -> None:
        """Type a filter."""
        self.filter_bar.display = True
        self.filter_bar.open()

    def action_leave(self) -> None:
        """Clear the filter."""
        if self.filter_bar.is_open:
            self.filter_bar.clear()
            self.table.focus()
            self.repaint()

    def action_open_row(self) -> None:
        """Go into the job."""
        if row := self.selected_job:
            self.app.push_screen(JobScreen(self.shell, row.name))

    def action_copy_id(self) -> None:
        """Copy the name: what commands call the job."""
        if row := self.selected_job:
            self.copy(row.name, "job")
