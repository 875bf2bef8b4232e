"""What runs and waits now, and below it what ended last. Enter goes into a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from rich.text import Text
from textual.binding import BindingType
from textual.widget import Widget

from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OWNED_OCCURRENCES
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow, RunRow
from jobistemer_tui.tui.actions import RUNS, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.moments import day_text
from jobistemer_tui.tui.presentation.past_runs import past_lines
from jobistemer_tui.tui.presentation.run_rows import RUN_LISTING, idle_words, run_lines, runs_summary
from jobistemer_tui.tui.presentation.tail_lines import tail_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import JobRead, LiveRead, OccurrenceRead, ReadValue
from jobistemer_tui.tui.shell import Shell
from jobistemer_tui.tui.widgets.drawn import Drawn

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .list_screen import ListScreen
from .reads import JobQuestion, RunQuestion, read_live

_TAIL: Final = 12
_SHORT_TAIL: Final = 4


class RunsScreen(ListScreen[RunRow], JobActionsScreen):
    """Everything that is live."""

    CSS_PATH = "runs_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(RUNS)]
    NAME = RUNS
    SIDE_WIDTH = 75

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[RunRow, ...] | None = None
        self._known: OccurrenceRead | None = None
        self._job: JobRead | None = None
        self.idle = Drawn(classes="idle")

    listing = RUN_LISTING

    @property
    def all_rows(self) -> Sequence[RunRow] | None:
        """What is live, then what ended last."""
        return self._rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root of this view."""
        return ("Runs",)

    def above(self) -> list[Widget]:
        """A line that says so where nothing runs."""
        return [self.idle]

    def questions(self) -> Mapping[str, Read]:
        """All that is live, and the selected run with its job."""
        return {"live": read_live, **self.pane_asked}

    def take(self, value: ReadValue) -> None:
        """Keep what was read."""
        if isinstance(value, LiveRead):
            self._rows = value.rows
            self.shell.jobs = value.jobs
            self.rearrange()
        elif isinstance(value, OccurrenceRead):
            self._known = value
        elif isinstance(value, JobRead):
            self._job = value

    def repaint_for(self, value: ReadValue) -> None:
        """What belongs to one run leaves the table as it is."""
        if isinstance(value, LiveRead):
            self.repaint()
        else:
            self.paint_pane()

    def repaint(self) -> None:
        """The list; above it, where nothing runs, what ended last and what comes."""
        rows, view = self._rows or (), self.shell.view
        nothing = bool(rows) and not any(run.row.status in OPEN_OCCURRENCES for run in rows)
        self.idle.display = nothing and self.has_side_room
        self.idle.show(lambda width: Text(f" {idle_words(rows, self.shell.jobs, view)}", "dim"))
        super().repaint()

    def summary(self) -> Text:
        """How much runs and waits."""
        return runs_summary(self._rows or (), self.shell.view)

    def none_text(self, width: int) -> Text:
        """Nothing has ever run."""
        words = idle_words((), self.shell.jobs, self.shell.view)
        return Text(f"{words}\n\nRuns appear here when they start, and stay after they have ended.")

    def pane_questions(self, row: RunRow) -> Mapping[str, Read]:
        """The run under the cursor and its job, where there is room with its last runs."""
        return {"run": RunQuestion(row.row.id), "job": JobQuestion(row.row.job, past=self.is_wide)}

    def is_known(self, row: RunRow) -> bool:
        """Whether the run has been read."""
        return self._known is not None and self._known.detail.row.id == row.row.id

    @property
    def growing(self) -> tuple[str, ...]:
        """The selected run, while it runs."""
        run = self.selected_row
        return ("run",) if run is not None and run.row.status in OWNED_OCCURRENCES and self.side.display else ()

    def pane_title(self, row: RunRow) -> str:
        """The job and the instant."""
        view = self.shell.view
        return f"{row.row.job} · {day_text(row.row.scheduled_at, view.now, view.style.zone)}"

    def pane_text(self, row: RunRow, width: int) -> Text:
        """How the run stands, its tasks, and the end of its log; where there is room, the last runs of its job."""
        known, view = self._known if self.is_known(row) else None, self.shell.view
        lines = run_lines(row, known.detail if known else None, view, width, whole=self.is_wide)
        if known and known.tail and self.size.height >= ROOMY:
            tail = known.tail[-_TAIL if self.is_wide else -_SHORT_TAIL :]
            lines += [rule_text("end of its log", width), *tail_lines(tail, view, width)]
        if self.is_wide and self._job and self._job.detail.row.name == row.row.job:
            lines += past_lines(self._job.past, view, width, self.size.height - len(lines) - 5)
        return lines_text(lines)

    @property
    def selected_job(self) -> JobRow | None:
        """The job of the run under the cursor."""
        row = self.selected_row
        return None if row is None else next(iter(self.jobs_of([row.row])), None)

    @property
    def acting_runs(self) -> Sequence[OccurrenceRow]:
        """The marked runs, else the one under the cursor."""
        return [run.row for run in self.acting_rows]

    @property
    def acting_jobs(self) -> Sequence[JobRow]:
        """The jobs of these runs."""
        return self.jobs_of(self.acting_runs)

    def copied(self, row: RunRow) -> tuple[str, str]:
        """The id."""
        return str(row.row.id), "occurrence"

    def action_open_row(self) -> None:
        """Go into the run."""
        if run := self.selected_row:
            self.act(self.open_run(run.row.job, run.row.id))

    def action_why(self) -> None:
        """Why the run under the cursor ran, or did not."""
        if run := self.selected_row:
            self.act(self.ask_why(str(run.row.id), run.row.job))

    def action_compare(self) -> None:
        """The run under the cursor with the last good one before it, or two marked ones."""
        self.compare_runs(self.acting_runs)
