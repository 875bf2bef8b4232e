"""All jobs: what each does now, when it runs next, how it went. Enter goes into a job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.operations.read_models import JobRow
from jobistemer_tui.tui.actions import JOBS, bindings_of
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.presentation.job_detail import job_lines
from jobistemer_tui.tui.presentation.job_listing import JOB_LISTING
from jobistemer_tui.tui.presentation.tail_lines import tail_lines
from jobistemer_tui.tui.presentation.wrapping import lines_text, rule_text
from jobistemer_tui.tui.read_values import JobRead, JobsRead, ReadValue
from jobistemer_tui.tui.shell import Shell

from .feed_screen import ROOMY
from .job_actions import JobActionsScreen
from .job_screen import JobScreen
from .list_screen import ListScreen
from .reads import job_question, read_jobs


class JobsScreen(ListScreen[JobRow], JobActionsScreen):
    """The first screen."""

    CSS_PATH = "jobs_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(JOBS)]
    NAME = JOBS
    SIDE_WIDTH = 75

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._rows: tuple[JobRow, ...] | None = None
        self._job: JobRead | None = None
        self._asked: str | None = None

    listing = JOB_LISTING

    @property
    def all_rows(self) -> Sequence[JobRow] | None:
        """All jobs."""
        return self._rows

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
            self.rearrange()
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

    def look_at(self, row: JobRow) -> None:
        """Ask for the job under the cursor."""
        if row.name != self._asked:
            self._asked = row.name
            self.ask("job", job_question(row.name))

    def pane_title(self, row: JobRow) -> str:
        """The job."""
        return row.name

    def pane_text(self, row: JobRow, width: int) -> Text:
        """The job in short; where there is room, with the end of its log."""
        known = self._job if self._job and self._job.detail.row.name == row.name else None
        view = self.shell.view
        if self.is_wide:
            lines = job_lines(row, known, view, width)
            room = self.size.height - len(lines) - 6
            if known and known.tail and room > 0:
                lines += [rule_text("end of its log", width), *tail_lines(known.tail[-room:], view, width)]
            return lines_text(lines)
        brief = self.size.height < ROOMY
        return lines_text(job_lines(row, known, view, width, brief=brief, tail=2 if brief else 4))

    def action_open_row(self) -> None:
        """Go into the job."""
        if row := self.selected_job:
            self.app.push_screen(JobScreen(self.shell, row.name))

    def copied(self, row: JobRow) -> tuple[str, str]:
        """The name: what commands call the job."""
        return row.name, "job"
