"""One occurrence: its tasks on a time axis, why what did not run did not, and the end of the selected task's log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widget import Widget

from jobistemer_tui.domain.states import TaskRunState
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, OccurrenceRow, TaskRow
from jobistemer_tui.tui.actions import OCCURRENCE, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.gantt import axis_for
from jobistemer_tui.tui.presentation.moments import moment_text
from jobistemer_tui.tui.presentation.tail_lines import tail_lines
from jobistemer_tui.tui.presentation.task_rows import (
    attempt_words,
    axis_text,
    bar_width,
    not_run_words,
    state_line,
    summary_line,
    task_columns,
    task_table_row,
)
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import OccurrenceRead, ReadValue, RunsRead, TailRead
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn

from .acting_screen import ActingScreen
from .reads import occurrence_question, runs_question, tail_question

_LEGEND = " █ runs  ▒ waits for the next try  · waits  ✗ try failed  ┆ now"
_TELLING = (TaskRunState.RUNNING, TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE)


class OccurrenceScreen(ActingScreen):
    """The tasks of one occurrence."""

    CSS_PATH = "occurrence_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(OCCURRENCE)]
    NAME = OCCURRENCE
    shows_header = False

    def __init__(self, shell: Shell, job: str, occurrence_id: UUID) -> None:
        super().__init__(shell)
        self._job_name = job
        self._occurrence_id = occurrence_id
        self._detail: OccurrenceDetail | None = None
        self._siblings: tuple[OccurrenceRow, ...] = ()
        self._tail: TailRead | None = None
        self._tail_of: UUID | None = None
        self._first_look = True
        self.strip = Drawn(ascii_only=shell.ascii, classes="strip")
        self.axis = Drawn(ascii_only=shell.ascii, classes="axis")
        self.legend = Drawn(ascii_only=shell.ascii, classes="legend")
        self.rule = Drawn(ascii_only=shell.ascii, classes="rule")
        self.tail_pane = Drawn(ascii_only=shell.ascii, classes="tail")
        self.side = Vertical(self.rule, self.tail_pane, classes="side")

    def body(self) -> list[Widget]:
        """Strip, axis, tasks, legend; the log's end below."""
        return [self.strip, self.axis, self.table, self.legend, self.side]

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The occurrence under its job."""
        row = self._row
        view = self.shell.view
        return ("Jobs", self._job_name, moment_text(row.scheduled_at, view.now, view.style.zone) if row else "…")

    @property
    def _row(self) -> OccurrenceRow | None:
        if self._detail is not None:
            return self._detail.row
        return next((row for row in self._siblings if row.id == self._occurrence_id), None)

    def questions(self) -> Mapping[str, Read]:
        """The occurrence, its siblings, and the selected try's log."""
        asked = {"occurrence": occurrence_question(self._occurrence_id), "runs": runs_question(self._job_name)}
        return asked if self._tail_of is None else {**asked, "tail": tail_question(self._tail_of)}

    def take(self, value: ReadValue) -> None:
        """Keep what belongs to this occurrence."""
        if isinstance(value, OccurrenceRead) and value.detail.row.id == self._occurrence_id:
            self._detail = value.detail
        elif isinstance(value, RunsRead):
            self._siblings = value.rows
        elif isinstance(value, TailRead):
            self._tail = value

    @property
    def selected_task(self) -> TaskRow | None:
        """The task under the cursor."""
        key = self.table.selected_key
        return next((task for task in self._detail.tasks if str(task.id) == key), None) if self._detail else None

    def repaint_for(self, value: ReadValue) -> None:
        """The crumbs name the instant, which comes with the occurrence; a log's end changes nothing else."""
        if isinstance(value, TailRead):
            self._paint_tail()
        else:
            self._paint()

    @property
    def growing(self) -> tuple[str, ...]:
        """The log of the selected try, while it runs."""
        task = self.selected_task
        return ("tail",) if task is not None and task.finished_at is None and task.attempts else ()

    def repaint(self) -> None:
        """Strip, tasks with bars, the log's end."""
        detail, view = self._detail, self.shell.view
        self.legend.show(lambda width: Text(_LEGEND, "dim"))
        if detail is None:
            self.strip.show(lambda width: Text(" Reading…"))
            return
        width = self.size.width
        columns = task_columns(width, [task.name for task in detail.tasks])
        axis = axis_for(detail, view.now, bar_width(columns))
        rows = [task_table_row(task, detail, columns, axis, view) for task in detail.tasks]
        self.strip.show(
            lambda width: lines_text([state_line(detail.row, view, width), summary_line(detail, view, width)])
        )
        self.axis.show(lambda width: axis_text(columns, axis, view.style.zone))
        self.table.show(columns, rows, select=self._first_selection(detail))
        self._paint_tail()

    def _first_selection(self, detail: OccurrenceDetail) -> str | None:
        """At the first look the cursor goes to the task that tells most: what runs, else what failed."""
        if not self._first_look:
            return None
        self._first_look = False
        telling = (task for state in _TELLING for task in detail.tasks if task.status is state)
        return next((str(task.id) for task in telling), None)

    def _paint_tail(self) -> None:
        task, detail = self.selected_task, self._detail
        self.side.display = self.shell.detail_shown and self.has_side_room
        if task is None or detail is None:
            return
        attempt = task.attempts[-1] if task.attempts else None
        wanted = attempt.id if attempt else None
        if wanted != self._tail_of:
            self._tail_of = wanted
            self.ask("tail", tail_question(wanted) if wanted else None)
        self.rule.show(lambda width: rule_text(self._tail_title(task, attempt), width))
        self.tail_pane.show(lambda width: self._tail_text(task, attempt, detail, width))

    def _tail_title(self, task: TaskRow, attempt: AttemptRow | None) -> str:
        if attempt is None:
            return task.name
        words = attempt_words(attempt, self.shell.view)
        return f"{shown(task.name, 40)} · try {attempt.number} of {len(task.attempts)} · {words}"

    def _tail_text(self, task: TaskRow, attempt: AttemptRow | None, detail: OccurrenceDetail, width: int) -> Text:
        if attempt is None:
            return Text(f" Not run: {not_run_words(task, detail)}.")
        if self._tail is None or self._tail.attempt_id != str(attempt.id):
            return Text("")
        if not self._tail.lines:
            return Text(" No output.", "dim")
        room = max(1, self.tail_pane.size.height)
        return lines_text(tail_lines(self._tail.lines[-room:], self.shell.view, width))

    def on_data_table_row_highlighted(self) -> None:
        """The cursor moved."""
        self._paint_tail()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open_row()

    def action_open_row(self) -> None:
        """Open the log of the newest try."""
        from .attempt_log_screen import AttemptLogScreen

        task = self.selected_task
        if task is None or self._detail is None:
            return
        if not task.attempts:
            self.tell(f"{task.name} has not run: {not_run_words(task, self._detail)}")
            return
        shell, newest = self.shell, task.attempts[-1].id
        screen = AttemptLogScreen(
            shell.operations,
            newest,
            zone=shell.time_style.zone,
            ascii_only=shell.ascii,
            environ=shell.environ,
            options=shell.options,
            keymap=shell.keymap,
        )
        self.app.push_screen(screen)

    def action_cancel_run(self) -> None:
        """Cancel this occurrence."""
        if self._detail is not None:
            self.act(self.ask_and_cancel(self._detail.row))

    def action_copy_id(self) -> None:
        """Copy the occurrence's id."""
        self.copy(str(self._occurrence_id), "occurrence")

    def action_previous_sibling(self) -> None:
        """The occurrence before this one in time."""
        self._go(1)

    def action_next_sibling(self) -> None:
        """The occurrence after this one in time."""
        self._go(-1)

    def _go(self, step: int) -> None:
        ids = [row.id for row in self._siblings]
        if self._occurrence_id not in ids or not 0 <= ids.index(self._occurrence_id) + step < len(ids):
            self.tell("no newer occurrence" if step < 0 else "no older occurrence")
            return
        self._occurrence_id = ids[ids.index(self._occurrence_id) + step]
        self._detail, self._tail, self._tail_of, self._first_look = None, None, None, True
        self.begin_anew()
