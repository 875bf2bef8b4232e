"""One job: how it is set, its occurrences newest first, and in tabs all else that is known of it.

Enter goes into an occurrence, or to what a line names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget

from jobistemer_tui.domain.states import OWNED_OCCURRENCES
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow, VersionRow
from jobistemer_tui.operations.source import SourceText
from jobistemer_tui.tui.actions import JOB, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.job_detail import coming_lines, job_lines, next_lines
from jobistemer_tui.tui.presentation.lines import Line
from jobistemer_tui.tui.presentation.occurrence_rows import occurrence_columns, occurrence_table_row
from jobistemer_tui.tui.presentation.past_runs import chart_lines
from jobistemer_tui.tui.presentation.source_text import source_cursor
from jobistemer_tui.tui.presentation.version_text import version_columns, version_lines, version_table_row
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import JobRead, ReadValue, RunsRead, TabRead
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.line_view import LineView
from jobistemer_tui.tui.widgets.row_table import RowTable
from jobistemer_tui.tui.widgets.tab_bar import TabBar

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .job_tabs import Shown, Tab, tab_question
from .reads import MAX_RUNS, JobQuestion, runs_question

if TYPE_CHECKING:
    from .table_keys import Pane

_INSTANTS = 20
SIDE_WIDTH = 50
"""Cells of the pane at the right, as in the style sheet."""
_VERSIONS_WIDTH = 80
_CHARTED = 40
"""The last runs that have a bar beside the times to come."""


class JobScreen(JobActionsScreen):
    """A job and its history; `version` is the one that the tab of versions begins with."""

    CSS_PATH = "job_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(JOB)]
    NAME = JOB

    def __init__(self, shell: Shell, job: str, *, tab: Tab = Tab.OCCURRENCES, version: str = "") -> None:
        super().__init__(shell)
        self._job_name = job
        self._job: JobRead | None = None
        self._runs: tuple[OccurrenceRow, ...] | None = None
        self._first_look = True
        self._tab = tab
        self._value: TabRead | None = None
        self._first_version = version
        self._everything = False
        self._reads_version = False
        self._shown: object = None
        self.facts = Drawn(classes="facts")
        self.tab_bar = TabBar(list(Tab))
        self.versions = RowTable(id="versions")
        self.text = LineView()
        self.split = Container(self.versions, self.text, classes="split")
        self.empty = Drawn(classes="empty")
        self.next_rule = Drawn(classes="rule")
        self.next_pane = Drawn(classes="pane")
        self.side = Vertical(self.next_rule, self.next_pane, classes="side")

    def body(self) -> list[Widget]:
        """Facts, tabs and what the chosen one shows; the next instants below, or at the right where there is room."""
        parts = (self.facts, self.tab_bar, self.table, self.split, self.empty)
        return [Vertical(*parts, classes="main"), self.side]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The job under the root."""
        return ("Jobs", self._job_name)

    def questions(self) -> Mapping[str, Read]:
        """The job, its occurrences, and what the tab shows."""
        asked: dict[str, Read] = {
            "job": JobQuestion(self._job_name, instants=_INSTANTS),
            "runs": runs_question(self._job_name),
        }
        question = tab_question(self._tab, self._job_name, self.shell.view)
        return asked if question is None else {**asked, "tab": question}

    def take(self, value: ReadValue) -> None:
        """Keep what belongs to this job."""
        if isinstance(value, JobRead) and value.detail.row.name == self._job_name:
            self._job = value
        elif isinstance(value, RunsRead) and value.job == self._job_name:
            self._runs = value.rows
        elif isinstance(value, TabRead) and (value.job, value.tab) == (self._job_name, self._tab):
            self._value = value

    @property
    def growing(self) -> tuple[str, ...]:
        """A file can be saved without a write to the store."""
        return ("tab",) if self._tab is Tab.SOURCE else ()

    @property
    def selected_job(self) -> JobRow | None:
        """The job of this screen."""
        if self._job is not None:
            return self._job.detail.row
        return next((row for row in self.shell.jobs if row.name == self._job_name), None)

    @property
    def selected_run(self) -> OccurrenceRow | None:
        """The occurrence under the cursor."""
        key = self.table.selected_key if self._tab is Tab.OCCURRENCES else None
        return next((row for row in self._runs or () if str(row.id) == key), None)

    @property
    def selected_version(self) -> VersionRow | None:
        """The version under the cursor."""
        return next((row for row in self._version_rows if str(row.number) == self.versions.selected_key), None)

    @property
    def _version_rows(self) -> Sequence[VersionRow]:
        return self._value.value if self._value is not None and isinstance(self._value.value, tuple) else ()

    @property
    def panes(self) -> Sequence[Pane]:
        """The runs, the text of a tab, or the versions and the text of the selected one."""
        if self._tab is Tab.OCCURRENCES:
            return (self.table,)
        return (self.versions, self.text) if self._tab is Tab.VERSIONS else (self.text,)

    @property
    def mover(self) -> Pane:
        """What the keys that move the cursor belong to."""
        return self.panes[-1 if self._reads_version else 0]

    def enter_pane(self, pane: Pane) -> None:
        """Give it the keys."""
        self._reads_version = pane is not self.panes[0]
        super().enter_pane(pane)

    @property
    def acting_runs(self) -> Sequence[OccurrenceRow]:
        """The marked occurrences, else the one under the cursor."""
        marked = set(self.table.marked_keys)
        if not marked:
            return [] if self.selected_run is None else [self.selected_run]
        return [row for row in self._runs or () if str(row.id) in marked]

    # Painting

    def repaint(self) -> None:
        """The tab, the next instants, the facts."""
        self.tab_bar.select(self._tab, {Tab.OCCURRENCES: self._runs_figure()})
        self._paint_next()
        job = self.selected_job
        has_runs = bool(self._runs)
        listed = self._tab is Tab.OCCURRENCES
        self.table.display = listed and has_runs
        self.empty.display = listed and not has_runs
        self.versions.display = self._tab is Tab.VERSIONS
        self.split.display = not listed
        self.facts.display = job is not None and self.shows_detail and self.has_side_room and self._has_fact_room
        if listed:
            self._paint_runs()
        else:
            self._paint_tab()
        if job is not None:
            brief, known, view = self.size.height < ROOMY, self._job, self.shell.view
            self.facts.show(lambda width: lines_text(job_lines(job, known, view, width, brief=brief)))

    @property
    def _has_fact_room(self) -> bool:
        return self._tab is Tab.OCCURRENCES or self.size.height >= ROOMY

    def _paint_runs(self) -> None:
        view = self.shell.view
        columns = occurrence_columns(self.table_width(self.side, SIDE_WIDTH))
        rows = [occurrence_table_row(row, columns, view) for row in self._runs or ()]
        self.table.show(columns, rows, select=self._first_selection())
        self.empty.show(lambda width: Text(self._empty_words()))

    def _paint_tab(self) -> None:
        if self._tab is Tab.VERSIONS:
            self._paint_versions()
        view, value = self.shell.view, None if self._value is None else self._value.value
        version = self.selected_version if self._tab is Tab.VERSIONS else None
        # What is written does not change with every second, and may be long.
        ticks = view.now if self._tab is Tab.SCHEDULE else None
        shown = (self._tab, value, None if version is None else version.number, view.style, view.dark,
                 self._everything, ticks, self._job if ticks else None)  # fmt: skip
        if shown == self._shown:
            return
        is_new = not isinstance(self._shown, tuple) or self._shown[:3] != shown[:3]
        self._shown = shown
        parts = Shown(None if self._job is None else self._job.detail, value, view, self._everything)
        self.text.show(
            lambda width: self._text_lines(parts, version, width), cursor=self._first_line(value) if is_new else None
        )

    def _text_lines(self, parts: Shown, version: VersionRow | None, width: int) -> Sequence[Line]:
        if version is not None:
            return version_lines(version, width, dark=parts.view.dark)
        return parts.lines(self._tab, width)

    def _first_line(self, value: object) -> int:
        return source_cursor(value, self.size.width) if isinstance(value, SourceText) else 0

    def _paint_versions(self) -> None:
        columns = version_columns(_VERSIONS_WIDTH if self.is_wide else self.size.width)
        rows = [version_table_row(row, columns, self.shell.view) for row in self._version_rows]
        wanted, self._first_version = self._first_version, "" if rows else self._first_version
        self.versions.show(columns, rows, select=wanted or None)

    def _first_selection(self) -> str | None:
        """At the first look the cursor goes to the occurrence that runs."""
        if not self._first_look or not self._runs:
            return None
        self._first_look = False
        return next((str(row.id) for row in self._runs if row.status in OWNED_OCCURRENCES), None)

    def _runs_figure(self) -> str:
        count = len(self._runs or ())
        return f"newest {MAX_RUNS}" if count >= MAX_RUNS else str(count)

    def _empty_words(self) -> str:
        if self._runs is None:
            return "Reading…"
        job = self.selected_job
        when = next_sentence(job, self.shell) if job else ""
        return f"Never ran. {when}\n\nr runs it now, W says more."

    def _paint_next(self) -> None:
        coming = self._job.detail.coming if self._job else ()
        zone = self._job.detail.row.timezone if self._job else ""
        wide, view = self.is_wide, self.shell.view
        has_room = self.shows_detail and self.has_side_room and (wide or self.size.height >= ROOMY)
        self.side.display = has_room and bool(coming) and self._tab is Tab.OCCURRENCES
        count = _INSTANTS if wide else 5
        self.next_rule.show(lambda width: rule_text("next", width))
        runs = (self._runs or ())[:_CHARTED] if wide else ()
        self.next_pane.show(
            lambda width: lines_text(
                [*coming_lines(coming[:count], zone, view, width), *chart_lines(runs, view, width)]
            )
        )

    # What the keys do

    def _show_tab(self, tab: Tab) -> None:
        self._tab, self._value, self._reads_version = tab, None, False
        question = tab_question(tab, self._job_name, self.shell.view)
        self.ask("tab", question)
        if question is not None:
            self.await_rows("tab")
        self.repaint()
        self.mover.focus()

    def action_other_layout(self) -> None:
        """The next tab."""
        self._show_tab(self._tab.beside(1))

    def action_previous_layout(self) -> None:
        """The tab before."""
        self._show_tab(self._tab.beside(-1))

    def on_tab_bar_chosen(self, event: TabBar.Chosen) -> None:
        """The name of a tab was clicked."""
        self._show_tab(Tab(event.name))

    def action_show_hidden(self) -> None:
        """In the configuration: what only the engine says too."""
        if self._tab is not Tab.CONFIG:
            self.tell("nothing is hidden here; in Config (v) it shows what only the engine says")
            return
        self._everything = not self._everything
        self.repaint()

    def on_data_table_row_highlighted(self) -> None:
        """The cursor moved to another version."""
        if self._tab is Tab.VERSIONS:
            self._paint_tab()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open_row()

    def on_line_view_opened(self) -> None:
        """A click on the line under the cursor."""
        self.action_open_row()

    def action_open_row(self) -> None:
        """Go into the occurrence, the text of the version, or to what the line names."""
        if self.mover is self.versions:
            self.enter_pane(self.text)
        elif self.mover is self.text:
            if self.text.selected is not None and self.text.selected.target is not None:
                self.act(self.go_to(self.text.selected.target))
            else:
                self.tell("this line names nothing to go to")
        elif row := self.selected_run:
            self.act(self.open_run(row.job, row.id))

    def action_why(self) -> None:
        """Why the occurrence under the cursor, or the job, did or did not run; another time can be asked for there."""
        row = self.selected_run
        self.act(self.ask_why(self._job_name if row is None else str(row.id), self._job_name))

    def action_compare(self) -> None:
        """The occurrence under the cursor with the last good one before it, or two marked ones.

        Where there are none: the job's last good one with its first bad one.
        """
        if runs := self.acting_runs:
            self.compare_runs(runs)
        else:
            super().action_compare()

    def action_edit_file(self) -> None:
        """Open the job's file: at the line under the cursor of its source, else at the job's line."""
        line = self.text.selected if self._tab is Tab.SOURCE else None
        if line is not None and line.target is not None:
            self.act(self.go_to(line.target))
        else:
            super().action_edit_file()

    def action_copy_id(self) -> None:
        """Copy the occurrence's id, the line under the cursor, or else the job's name."""
        if row := self.selected_run:
            self.copy(str(row.id), "occurrence")
        elif self.mover is self.text and self.text.selected is not None:
            self.copy(self.text.selected.text.plain.strip(), "line")
        else:
            self.copy(self._job_name, "job")

    def action_previous_sibling(self) -> None:
        """The job above."""
        self.act(self._go(-1))

    def action_next_sibling(self) -> None:
        """The job below."""
        self.act(self._go(1))

    async def _go(self, step: int) -> None:
        rows: Sequence[JobRow] = self.shell.jobs or await self.look_up(self.shell.operations.jobs) or ()
        names = [row.name for row in rows]
        if self._job_name not in names or not 0 <= names.index(self._job_name) + step < len(names):
            self.tell("no further job")
            return
        self._job_name = names[names.index(self._job_name) + step]
        self._job, self._runs, self._value, self._first_look = None, None, None, True
        self.begin_anew()
        self.repaint()


def next_sentence(job: JobRow, shell: Shell) -> str:
    """When a job that never ran will run."""
    lines = next_lines(job, None, shell.view)
    return f"Next: {lines[0].plain}."
