"""One occurrence: its tasks on a time axis or as numbers, why what did not run did not, the end of the selected log.

Where there is room, all that is known of the selected try stands beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Container, Vertical
from textual.widget import Widget

from jobistemer_tui.domain.states import TaskRunState
from jobistemer_tui.operations.read_models import AttemptRow, JobRow, OccurrenceDetail, OccurrenceRow, TaskRow
from jobistemer_tui.tui.actions import OCCURRENCE, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import fit_items, shown
from jobistemer_tui.tui.presentation.gantt import MOST_ZOOM, Before, axis_for
from jobistemer_tui.tui.presentation.moments import moment_text
from jobistemer_tui.tui.presentation.rows import heads_text
from jobistemer_tui.tui.presentation.tail_lines import tail_lines
from jobistemer_tui.tui.presentation.task_facts import fact_lines
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
from jobistemer_tui.tui.presentation.task_table import number_columns, number_rows
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import (
    BeforeRead,
    JobsRead,
    OccurrenceRead,
    ReadValue,
    RunsRead,
    StoryRead,
    TailRead,
)
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn
from jobistemer_tui.tui.widgets.line_view import LineView

from .job_actions import JobActionsScreen
from .reads import before_question, jobs_question, occurrence_question, runs_question, story_question, tail_question

if TYPE_CHECKING:
    from .table_keys import Pane

_LEGEND = ("█ runs", "▒ waits to retry", "· waits", "✗ try failed", "┆ now", "░ the run before")
_TELLING = (TaskRunState.RUNNING, TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE)


class OccurrenceScreen(JobActionsScreen):
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
        self._job: JobRow | None = None
        self._siblings: tuple[OccurrenceRow, ...] = ()
        self._tail: TailRead | None = None
        self._tail_of: UUID | None = None
        self._first_look = True
        self._before_id: UUID | None = None
        self._before: OccurrenceDetail | None = None
        self._story: StoryRead | None = None
        self._numbers = False
        self._zoom = 0
        self.strip = Drawn(classes="strip")
        self.axis = Drawn(classes="axis")
        self.legend = Drawn(classes="legend")
        self.rule = Drawn(classes="rule")
        self.tail_pane = Drawn(classes="tail")
        self.facts_rule = Drawn(classes="rule")
        self.facts = LineView()
        self.facts_side = Vertical(self.facts_rule, self.facts, classes="facts")
        self.side = Container(Vertical(self.rule, self.tail_pane, classes="log"), self.facts_side, classes="side")

    def body(self) -> list[Widget]:
        """Strip, axis, tasks, legend; the log's end below, where there is room beside what is known."""
        return [self.strip, self.axis, self.table, self.legend, self.side]

    @property
    def panes(self) -> Sequence[Pane]:
        """The tasks, and the facts where there is room for them."""
        return (self.table, self.facts) if self.is_wide and self.side.display else (self.table,)

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
        """The occurrence with the one before it, its job and siblings, its story, and the selected try's log."""
        asked: dict[str, Read] = {
            "occurrence": occurrence_question(self._occurrence_id),
            "runs": runs_question(self._job_name),
            "job": jobs_question([self._job_name]),
        }
        if self._before_id is not None:
            asked["before"] = before_question(self._before_id)
        if self.is_wide:
            asked["story"] = story_question(self._occurrence_id)
        return asked if self._tail_of is None else {**asked, "tail": tail_question(self._tail_of)}

    def take(self, value: ReadValue) -> None:
        """Keep what belongs to this occurrence."""
        if isinstance(value, OccurrenceRead) and value.detail.row.id == self._occurrence_id:
            self._detail = value.detail
        elif isinstance(value, BeforeRead) and value.detail.row.id == self._before_id:
            self._before = value.detail
        elif isinstance(value, StoryRead) and value.of == self._occurrence_id:
            self._story = value
        elif isinstance(value, RunsRead):
            self._siblings = value.rows
            self._ask_before()
        elif isinstance(value, TailRead):
            self._tail = value
        elif isinstance(value, JobsRead):
            self._job = next(iter(value.rows), None)

    def _ask_before(self) -> None:
        """The newest run before this one that came to an end, for its times."""
        ids = [row.id for row in self._siblings]
        older = self._siblings[ids.index(self._occurrence_id) + 1 :] if self._occurrence_id in ids else ()
        found = next((row.id for row in older if row.started_at and row.finished_at), None)
        if found != self._before_id:
            self._before_id, self._before = found, None
            self.ask("before", None if found is None else before_question(found))

    @property
    def selected_task(self) -> TaskRow | None:
        """The task under the cursor, or that of the try under it."""
        key = self.table.selected_key
        tasks = self._detail.tasks if self._detail else ()
        return next((task for task in tasks if key in (str(task.id), *(str(one.id) for one in task.attempts))), None)

    @property
    def selected_attempt(self) -> AttemptRow | None:
        """The try under the cursor, else the newest of the task there."""
        task, key = self.selected_task, self.table.selected_key
        attempts = task.attempts if task is not None else ()
        return next((one for one in attempts if str(one.id) == key), attempts[-1] if attempts else None)

    def repaint_for(self, value: ReadValue) -> None:
        """The crumbs name the instant, which comes with the occurrence; a log's end and the job change nothing else."""
        if isinstance(value, TailRead):
            self._paint_tail()
        elif not isinstance(value, JobsRead):
            self._paint()

    @property
    def growing(self) -> tuple[str, ...]:
        """The log of the selected try, while it runs."""
        task = self.selected_task
        return ("tail",) if task is not None and task.finished_at is None and task.attempts else ()

    def repaint(self) -> None:
        """Strip, tasks with bars, the log's end."""
        detail, view = self._detail, self.shell.view
        self.legend.show(lambda width: Text(f" {fit_items(_LEGEND, width - 1)}", "dim"))
        if detail is None:
            self.strip.show(lambda width: Text(" Reading…"))
            return
        self.strip.show(
            lambda width: lines_text([state_line(detail.row, view, width), summary_line(detail, view, width)])
        )
        self.set_class(self._numbers, "-numbers")
        if not self._numbers:
            self._paint_bars(detail)
        else:
            columns = number_columns(self.size.width)
            self.axis.show(lambda width: Text("\n  ").join([Text(""), heads_text(columns)]))
            self.table.show(columns, number_rows(detail, columns, view), select=self._first_selection(detail))
        self._paint_tail()

    def _paint_bars(self, detail: OccurrenceDetail) -> None:
        view, before = self.shell.view, Before.of(self._before)
        columns = task_columns(self.size.width, [task.name for task in detail.tasks])
        task = self.selected_task
        around = None if task is None else task.started_at
        axis = axis_for(detail, view.now, bar_width(columns), before=before, zoom=self._zoom, around=around)
        rows = [task_table_row(task, detail, columns, axis, view, before) for task in detail.tasks]
        self.axis.show(lambda width: axis_text(columns, axis, view.style.zone))
        self.table.show(columns, rows, select=self._first_selection(detail))

    def _first_selection(self, detail: OccurrenceDetail) -> str | None:
        """At the first look the cursor goes to the task that tells most: what runs, else what failed."""
        if not self._first_look:
            return None
        self._first_look = False
        telling = (task for state in _TELLING for task in detail.tasks if task.status is state)
        return next((str(task.id) for task in telling), None)

    def _paint_tail(self) -> None:
        task, detail = self.selected_task, self._detail
        facts_alone = self.zoomed and self.mover is self.facts
        self.set_class(facts_alone, "-pane-alone")
        self.side.display = facts_alone or (self.shows_detail and self.has_side_room)
        if task is None or detail is None:
            return
        attempt = self.selected_attempt
        wanted = attempt.id if attempt else None
        if wanted != self._tail_of:
            self._tail_of = wanted
            self.ask("tail", tail_question(wanted) if wanted else None)
        self.rule.show(lambda width: rule_text(self._tail_title(task, attempt), width))
        self.tail_pane.show(lambda width: self._tail_text(task, attempt, detail, width))
        self.facts_side.display = self.is_wide
        if self.is_wide:
            if self._story is None:
                self.ask("story", story_question(self._occurrence_id))
            story, view = () if self._story is None else self._story.facts, self.shell.view
            self.facts_rule.show(lambda width: rule_text(f"{task.name}: facts", width))
            self.facts.show(lambda width: fact_lines(task, attempt, detail, story, view, width))

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
        """The cursor moved, and with it what is shown of a stretched axis."""
        if self._zoom and self._detail is not None:
            self._paint_bars(self._detail)
        self._paint_tail()

    def on_data_table_row_selected(self) -> None:
        """A click on the row under the cursor opens it."""
        self.action_open_row()

    def action_open_row(self) -> None:
        """Open the log of the selected try."""
        from .going import open_log

        task = self.selected_task
        if task is None or self._detail is None:
            return
        attempt = self.selected_attempt
        if attempt is None:
            self.tell(f"{task.name} has not run: {not_run_words(task, self._detail)}")
            return
        open_log(self, attempt.id)

    @property
    def acting_runs(self) -> Sequence[OccurrenceRow]:
        """This occurrence."""
        return [] if self._row is None else [self._row]

    @property
    def selected_job(self) -> JobRow | None:
        """Its job."""
        return self._job

    def action_other_layout(self) -> None:
        """Bars, or numbers."""
        self._numbers = not self._numbers
        self.repaint()

    def action_zoom_in(self) -> None:
        """Half the time, about the task under the cursor."""
        self._zoom = min(MOST_ZOOM, self._zoom + 1)
        self.repaint()

    def action_zoom_out(self) -> None:
        """Twice the time."""
        self._zoom = max(0, self._zoom - 1)
        self.repaint()

    def action_zoom_fit(self) -> None:
        """The whole run."""
        self._zoom = 0
        self.repaint()

    def action_why(self) -> None:
        """Why this occurrence ran, or did not."""
        self.act(self.ask_why(str(self._occurrence_id), self._job_name))

    def action_compare(self) -> None:
        """The selected try with that of the last good run before it."""
        attempt = self.selected_attempt
        self.act(self.ask_compare(str(self._occurrence_id if attempt is None else attempt.id)))

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
        self._before_id, self._before, self._story, self._zoom = None, None, None, 0
        self.begin_anew()
