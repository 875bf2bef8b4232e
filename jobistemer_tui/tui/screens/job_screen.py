"""One job: how it is set, its occurrences newest first, and its next instants. Enter goes into an occurrence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from jobistemer_tui.domain.states import OWNED_OCCURRENCES
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow
from jobistemer_tui.tui.actions import JOB, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.job_detail import coming_lines, job_lines, next_lines
from jobistemer_tui.tui.presentation.occurrence_rows import occurrence_columns, occurrence_table_row
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import JobRead, ReadValue, RunsRead
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .occurrence_screen import OccurrenceScreen
from .reads import MAX_RUNS, job_question, runs_question

_INSTANTS = 20
SIDE_WIDTH = 50
"""Cells of the pane at the right, as in the style sheet."""


class JobScreen(JobActionsScreen):
    """The history of a job."""

    CSS_PATH = "job_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(JOB)]
    NAME = JOB

    def __init__(self, shell: Shell, job: str) -> None:
        super().__init__(shell)
        self._job_name = job
        self._job: JobRead | None = None
        self._runs: tuple[OccurrenceRow, ...] | None = None
        self._first_look = True
        self.facts = Drawn(ascii_only=shell.ascii, classes="facts")
        self.runs_rule = Drawn(ascii_only=shell.ascii, classes="rule")
        self.empty = Drawn(ascii_only=shell.ascii, classes="empty")
        self.next_rule = Drawn(ascii_only=shell.ascii, classes="rule")
        self.next_pane = Drawn(ascii_only=shell.ascii, classes="pane")
        self.side = Vertical(self.next_rule, self.next_pane, classes="side")

    def body(self) -> list[Widget]:
        """Facts, occurrences; the next instants below, or at the right where there is room."""
        return [Vertical(self.facts, self.runs_rule, self.table, self.empty, classes="main"), self.side]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The job under the root."""
        return ("Jobs", self._job_name)

    def questions(self) -> Mapping[str, Read]:
        """The job and its occurrences."""
        return {"job": job_question(self._job_name, instants=_INSTANTS), "runs": runs_question(self._job_name)}

    def take(self, value: ReadValue) -> None:
        """Keep what belongs to this job."""
        if isinstance(value, JobRead) and value.detail.row.name == self._job_name:
            self._job = value
        elif isinstance(value, RunsRead) and value.job == self._job_name:
            self._runs = value.rows

    @property
    def selected_job(self) -> JobRow | None:
        """The job of this screen."""
        if self._job is not None:
            return self._job.detail.row
        return next((row for row in self.shell.jobs if row.name == self._job_name), None)

    @property
    def selected_run(self) -> OccurrenceRow | None:
        """The occurrence under the cursor."""
        key = self.table.selected_key
        return next((row for row in self._runs or () if str(row.id) == key), None)

    def repaint(self) -> None:
        """Next instants, table, facts."""
        job, view = self.selected_job, self.shell.view
        self._paint_next()
        columns = occurrence_columns(self.table_width(self.side, SIDE_WIDTH))
        rows = [occurrence_table_row(row, columns, view) for row in self._runs or ()]
        self.table.show(columns, rows, select=self._first_selection())
        self.table.display = bool(rows)
        self.empty.display = not rows
        self.empty.show(lambda width: Text(self._empty_words()))
        self.runs_rule.show(lambda width: rule_text(self._runs_title(), width))
        self.facts.display = job is not None and self.shell.detail_shown and self.has_side_room
        if job is not None:
            brief, known = self.size.height < ROOMY, self._job
            self.facts.show(lambda width: lines_text(job_lines(job, known, view, width, brief=brief)))

    def _first_selection(self) -> str | None:
        """At the first look the cursor goes to the occurrence that runs."""
        if not self._first_look or not self._runs:
            return None
        self._first_look = False
        return next((str(row.id) for row in self._runs if row.status in OWNED_OCCURRENCES), None)

    def _runs_title(self) -> str:
        count = len(self._runs or ())
        return f"newest {MAX_RUNS} occurrences" if count >= MAX_RUNS else f"occurrences {count}"

    def _empty_words(self) -> str:
        if self._runs is None:
            return "Reading…"
        job = self.selected_job
        when = next_sentence(job, self.shell) if job else ""
        return f"Never ran. {when}\n\nr runs it now."

    def _paint_next(self) -> None:
        coming = self._job.detail.coming if self._job else ()
        zone = self._job.detail.row.timezone if self._job else ""
        wide = self.is_wide
        self.side.display = (
            self.shell.detail_shown and self.has_side_room and bool(coming) and (wide or self.size.height >= ROOMY)
        )
        count = _INSTANTS if wide else 5
        view = self.shell.view
        self.next_rule.show(lambda width: rule_text("next", width))
        self.next_pane.show(lambda width: lines_text(coming_lines(coming[:count], zone, view, width)))

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open_row()

    def action_open_row(self) -> None:
        """Go into the occurrence."""
        if row := self.selected_run:
            self.app.push_screen(OccurrenceScreen(self.shell, row.job, row.id))

    def action_cancel_run(self) -> None:
        """Cancel the occurrence under the cursor."""
        if row := self.selected_run:
            self.act(self.ask_and_cancel(row))

    def action_copy_id(self) -> None:
        """Copy the occurrence's id, or the job's name if it never ran."""
        if row := self.selected_run:
            self.copy(str(row.id), "occurrence")
        else:
            self.copy(self._job_name, "job")

    def action_previous_sibling(self) -> None:
        """The job above."""
        self._go(-1)

    def action_next_sibling(self) -> None:
        """The job below."""
        self._go(1)

    def _go(self, step: int) -> None:
        names = [row.name for row in self.shell.jobs]
        if self._job_name not in names or not 0 <= names.index(self._job_name) + step < len(names):
            self.tell("no further job")
            return
        self._job_name = names[names.index(self._job_name) + step]
        self._job, self._runs, self._first_look = None, None, True
        self.begin_anew()
        self.repaint()


def next_sentence(job: JobRow, shell: Shell) -> str:
    """When a job that never ran will run."""
    lines = next_lines(job, None, shell.view)
    return f"Next: {lines[0].plain}."
