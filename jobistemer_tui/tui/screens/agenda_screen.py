"""What is to come: how much when, and each time with what becomes of it. Enter goes into the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.operations.agenda import AgendaRow
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow
from jobistemer_tui.tui.actions import AGENDA, bindings_of
from jobistemer_tui.tui.agenda_question import DAY, WEEK, AgendaQuestion
from jobistemer_tui.tui.dialogs.choice_dialog import confirm_dialog
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.messages import Tick
from jobistemer_tui.tui.presentation.agenda_rows import AGENDA_LISTING, agenda_summary
from jobistemer_tui.tui.presentation.agenda_strip import lane_lines, load_lines, load_table
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.job_detail import coming_lines, job_lines
from jobistemer_tui.tui.presentation.listing import fits
from jobistemer_tui.tui.presentation.moments import with_distance
from jobistemer_tui.tui.presentation.past_runs import past_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import AgendaRead, JobRead, JobsRead, ReadValue
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn

from .job_actions import JobActionsScreen
from .job_screen import JobScreen
from .list_screen import ListScreen
from .reads import JobQuestion, jobs_question
from .schedule_actions import few

_LAYOUTS: Final = ((DAY, False), (WEEK, False), (DAY, True), (WEEK, True))
_COMING: Final = 5
_OnTime = Callable[..., OccurrenceRow]
"""What is done to a time of a job: `call(job, instant=...)`."""


class AgendaScreen(ListScreen[AgendaRow], JobActionsScreen):
    """The times to come of all jobs."""

    CSS_PATH = "agenda_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(AGENDA)]
    NAME = AGENDA
    SIDE_WIDTH = 81
    ACTED_ON = "job"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._read: AgendaRead | None = None
        self._job: JobRead | None = None
        self._marked_jobs: tuple[JobRow, ...] = ()
        self._layout_number = 0
        self._question = AgendaQuestion(DAY, 0, self._wanted)
        self.load = Drawn(classes="load")

    listing = AGENDA_LISTING

    @property
    def all_rows(self) -> Sequence[AgendaRow] | None:
        """The first rows of the window."""
        return None if self._read is None else self._read.agenda.rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root of this view."""
        return ("Agenda",)

    def above(self) -> list[Widget]:
        """How much begins when."""
        return [self.load]

    def _wanted(self, row: AgendaRow) -> bool:
        return fits(row, AGENDA_LISTING, self.chosen.query)

    def questions(self) -> Mapping[str, Read]:
        """The window, and the job of the selected row."""
        asked: dict[str, Read] = {"agenda": self._question, **self.pane_asked}
        return {**asked, "marked": jobs_question(names)} if (names := self._marked_names) else asked

    def take(self, value: ReadValue) -> None:
        """Keep the window, or the job."""
        if isinstance(value, AgendaRead):
            self._read = value
            self.rearrange()
        elif isinstance(value, JobRead):
            self._job = value
        elif isinstance(value, JobsRead):
            self._marked_jobs = value.rows

    def repaint_for(self, value: ReadValue) -> None:
        """The jobs of some rows leave the table as it is."""
        if isinstance(value, JobRead | JobsRead):
            self.paint_pane()
        else:
            self.repaint()

    def filter_changed(self) -> None:
        """What fits may lie behind the rows that have been read."""
        self._look(self._question.shift)

    def _look(self, shift: int) -> None:
        self._question = AgendaQuestion(_LAYOUTS[self._layout_number][0], shift, self._wanted)
        self.ask("agenda", self._question)
        self.await_rows("agenda")

    def on_tick(self, message: Tick) -> None:
        """The window moves with the time."""
        self.shell.feed.refresh("agenda")

    def repaint(self) -> None:
        """The load, the table, and the pane."""
        self.load.display = self._read is not None and bool(self._read.agenda.rows) and self.has_side_room
        if self._read is not None:
            agenda, view = self._read.agenda, self.shell.view
            draw = load_table if _LAYOUTS[self._layout_number][1] else load_lines
            self.load.show(lambda width: lines_text(draw(agenda, view, width)))
        super().repaint()

    def summary(self) -> Text | None:
        """The window, and how much is in it."""
        if self._read is None:
            return None
        shown_too = self.chosen.hidden_shown
        return agenda_summary(self._read.agenda, self._read.word, self.shell.view, hidden_shown=shown_too)

    def none_text(self, width: int) -> Text:
        """Nothing is due; when something will be."""
        if self._read is None:
            return Text("")
        if self.chosen.query:
            return Text("Nothing that is due fits the filter.\n\nesc clears it.")
        agenda, view = self._read.agenda, self.shell.view
        words = f"Nothing due in {self._read.word}."
        if agenda.after is not None:
            at, job = agenda.after
            words += f" First: {shown(job, 40)} {with_distance(at, view.now, view.style)}."
        return Text(f"{words}\n\n> looks further ahead, v at a week.")

    def pane_questions(self, row: AgendaRow) -> Mapping[str, Read]:
        """The job under the cursor, where there is room with its last runs."""
        return {"job": JobQuestion(row.job, instants=_COMING, past=self.is_wide)}

    def is_known(self, row: AgendaRow) -> bool:
        """Whether its job has been read."""
        return self._job is not None and self._job.detail.row.name == row.job

    def pane_title(self, row: AgendaRow) -> str:
        """The job."""
        return row.job

    def pane_text(self, row: AgendaRow, width: int) -> Text:
        """The job's next times; where there is room, all of it, lanes, and its last runs."""
        view, known = self.shell.view, self._job if self.is_known(row) else None
        if known is None or self._read is None:
            return Text("")
        coming = coming_lines(known.detail.coming[:_COMING], known.detail.row.timezone, view, width)
        if not self.is_wide:
            return lines_text(coming[: 3 if self.size.height < 30 else _COMING])
        lines = job_lines(known.detail.row, known, view, width)
        lines += [rule_text("next", width), *coming]
        lanes = lane_lines(self._read.agenda, self.seen, view, width, self.size.height - len(lines) - 7)
        lines += [rule_text("lanes", width), *lanes]
        return lines_text([*lines, *past_lines(known.past, view, width, self.size.height - len(lines) - 5)])

    @property
    def selected_job(self) -> JobRow | None:
        """The job of the selected row, once it has been read."""
        row = self.selected_row
        job = self._job.detail.row if self._job else None
        return job if row is not None and job is not None and job.name == row.job else None

    @property
    def acting_jobs(self) -> Sequence[JobRow]:
        """The jobs of the marked times, each once, else that of the selected one."""
        names = self._marked_names
        return [job for job in self._marked_jobs if job.name in names] if names else super().acting_jobs

    @property
    def _marked_names(self) -> Sequence[str]:
        marked = set(self.table.marked_keys)
        return list(dict.fromkeys(row.job for row in self.seen if AGENDA_LISTING.key(row) in marked)) if marked else ()

    def action_mark(self) -> None:
        """Mark the time, and go to the next one; the keys for jobs act on its job."""
        super().action_mark()
        names = self._marked_names
        self.ask("marked", jobs_question(names) if names else None)
        if names:
            self.await_to_act("marked")

    def copied(self, row: AgendaRow) -> tuple[str, str]:
        """What commands call the time: the job at its instant."""
        return f"{row.job}@{row.instant:%Y-%m-%dT%H:%M:%SZ}", "run to come"

    def action_open_row(self) -> None:
        """Go into the job."""
        if row := self.selected_row:
            self.app.push_screen(JobScreen(self.shell, row.job))

    def action_why(self) -> None:
        """What becomes of the selected time, and why."""
        if row := self.selected_row:
            self.act(self.ask_why(self.copied(row)[0], row.job))

    def action_skip_next(self) -> None:
        """Skip the selected or marked times, or let them run after all."""
        rows = self.acting_rows
        running = [row for row in rows if row.entry is None or row.entry.reason is not Reason.SKIPPED_BY_USER]
        if rows:
            self.act(self._skip_these(running) if running else self._unskip_these(rows))

    async def _skip_these(self, rows: Sequence[AgendaRow]) -> None:
        view = self.shell.view
        lines = [
            *few([f"{shown(row.job, 40)}, {with_distance(row.instant, view.now, view.style)}" for row in rows]),
            "It will be recorded as skipped. The runs after it are not touched.",
        ]
        dialog = confirm_dialog("Skip this run?" if len(rows) == 1 else f"Skip these {len(rows)} runs?", lines)
        if not self.shell.options.confirm_skip or await self.app.push_screen_wait(dialog) == "yes":
            undo = "S or u takes it back" if len(rows) == 1 else "u takes them back, the last one first"
            await self._each_time(rows, self.shell.operations.skip, f"will be skipped then; {undo}")

    async def _unskip_these(self, rows: Sequence[AgendaRow]) -> None:
        await self._each_time(rows, self.shell.operations.unskip, "will run then after all")

    async def _each_time(self, rows: Sequence[AgendaRow], call: _OnTime, words: str) -> None:
        done = [row for row in rows if await self.change(lambda row=row: call(row.job, instant=row.instant))]  # type: ignore[misc]
        if done:
            self.clear_marks()
            self.tell(f"{done[0].job if len(rows) == 1 else f'{len(done)} runs'} {words}")

    def action_show_hidden(self) -> None:
        """Show the paused ones too, or hide them."""
        self.chosen.hidden_shown = not self.chosen.hidden_shown
        self.rearrange()
        self.repaint()

    def action_other_layout(self) -> None:
        """A day, a week, and each in numbers, in turn."""
        self._layout_number = (self._layout_number + 1) % len(_LAYOUTS)
        self._look(0)
        self.repaint()

    def action_window_on(self) -> None:
        """The window after this one."""
        self._look(self._question.shift + 1)

    def action_window_back(self) -> None:
        """The window before this one; there is none before now."""
        if self._question.shift:
            self._look(self._question.shift - 1)
        else:
            self.tell("what has been is in Runs (2) and Activity (4)")
