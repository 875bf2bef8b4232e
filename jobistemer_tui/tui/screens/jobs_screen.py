"""All jobs: what each does now, when it runs next, how it went. Enter goes into a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.operations.job_models import JobRow
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.actions import JOBS, bindings_of
from jobistemer_tui.tui.first_values import FirstJobsRead, JobRead, JobsRead
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_listing import JOB_LISTING
from jobistemer_tui.tui.presentation.job_rows import grouped
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .list_screen import ListScreen
from .reads import JobQuestion, first_jobs_question, read_jobs

if TYPE_CHECKING:
    from jobistemer_tui.tui.feed_worker import Read
    from jobistemer_tui.tui.presentation import job_detail, past_runs, tail_lines
    from jobistemer_tui.tui.read_values import ReadValue
    from jobistemer_tui.tui.screens import job_screen
    from jobistemer_tui.tui.shell import Shell
else:
    job_detail = deferred("jobistemer_tui.tui.presentation.job_detail")
    past_runs = deferred("jobistemer_tui.tui.presentation.past_runs")
    tail_lines = deferred("jobistemer_tui.tui.presentation.tail_lines")
    job_screen = deferred("jobistemer_tui.tui.screens.job_screen")

_BRIEF_LINES, _PANE_LINES = 5, 8
"""What most panes take, kept free in the first picture: the list is not to jump when the pane is written."""
_PAST_LINES = 24
"""What the last runs take of a high pane; the end of the log has the rest."""


class JobsScreen(ListScreen[JobRow], JobActionsScreen):
    """The first screen."""

    CSS_PATH = "jobs_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(JOBS)]
    NAME = JOBS
    SIDE_WIDTH = 75

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[JobRow, ...] | None = None
        self._expected = 0
        self._job: JobRead | None = None

    listing = JOB_LISTING

    @property
    def all_rows(self) -> Sequence[JobRow] | None:
        """All jobs."""
        return self._rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root, and whether more is still being read."""
        return ("Jobs", f"reading {grouped(self._expected)} jobs…") if self._expected else ("Jobs",)

    def on_mount(self) -> None:
        """Begin with what was read while the program started."""
        first = self.shell.feed.take_first()
        if first is not None:
            self.take(first)
            self.shell.begin.answered()

    def questions(self) -> Mapping[str, Read]:
        """The first jobs until they are known, then all; and the selected one."""
        jobs = first_jobs_question(self.app.size.height) if self._rows is None else read_jobs
        return {"jobs": jobs, **self.pane_asked}

    def take(self, value: ReadValue) -> None:
        """Keep the list, or the selected job."""
        if isinstance(value, JobsRead):
            self._rows = self.shell.jobs = value.rows
            self._expected = 0
            self.rearrange()
        elif isinstance(value, FirstJobsRead):
            self._rows = value.rows
            self._expected = value.total if value.total > len(value.rows) else 0
            self.rearrange()
            self.ask("jobs", read_jobs)
        elif isinstance(value, JobRead):
            self._job = value

    @property
    def selected_job(self) -> JobRow | None:
        """The job under the cursor."""
        return self.selected_row

    @property
    def acting_jobs(self) -> Sequence[JobRow]:
        """The marked jobs, else the one under the cursor."""
        return self.acting_rows

    def repaint_for(self, value: ReadValue) -> None:
        """The detail of one job leaves the table as it is."""
        if isinstance(value, JobRead):
            self.paint_pane()
        else:
            self.repaint()

    @property
    def growing(self) -> tuple[str, ...]:
        """The selected job, while it runs."""
        row = self.selected_job
        return ("job",) if row is not None and row.running and self.side.display else ()

    def none_text(self, width: int) -> Text:
        """There is no job file."""
        home = cleaned(self.shell.home_label)
        return Text(f"No jobs in {home}.\n\nDrop a job file there and it appears here.")

    def pane_questions(self, row: JobRow) -> Mapping[str, Read]:
        """The job under the cursor, where there is room with its last runs."""
        return {"job": JobQuestion(row.name, past=self.is_wide)}

    def is_known(self, row: JobRow) -> bool:
        """Whether the job has been read."""
        return self._job is not None and self._job.detail.row.name == row.name

    def pane_title(self, row: JobRow) -> str:
        """The job."""
        return row.name

    def pane_text(self, row: JobRow, width: int) -> Text:
        """The job in short; where there is room, with the end of its log and its last runs."""
        if self._job is None:
            height = _BRIEF_LINES if self.size.height < ROOMY else _PANE_LINES
            return Text("\n" * (height - 1))  # what writes it is imported after the first picture
        known = self._job if self.is_known(row) else None
        view = self.shell.view
        if self.is_wide:
            lines = job_detail.job_lines(row, known, view, width)
            room = self.size.height - len(lines) - 6
            tail = known.tail[-max(4, room - _PAST_LINES) :] if known and room > 0 else ()
            if tail:
                lines += [rule_text("end of its log", width), *tail_lines.tail_lines(tail, view, width)]
            if known:
                lines += past_runs.past_lines(known.past, view, width, self.size.height - len(lines) - 5)
            return lines_text(lines)
        brief = self.size.height < ROOMY
        return lines_text(job_detail.job_lines(row, known, view, width, brief=brief, tail=2 if brief else 4))

    def action_open_row(self) -> None:
        """Go into the job."""
        if row := self.selected_job:
            self.app.push_screen(job_screen.JobScreen(self.shell, row.name))

    def copied(self, row: JobRow) -> tuple[str, str]:
        """The name: what commands call the job."""
        return row.name, "job"
