"""The audit: who did what to what, and why. Enter goes to what it was done to, `u` takes it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType

from jobistemer_tui.operations.read_models import ActivityRow, JobRow
from jobistemer_tui.tui.actions import ACTIVITY, bindings_of
from jobistemer_tui.tui.activity_page import ActivityPage
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.activity_rows import (
    ACTIVITY_LISTING,
    activity_lines,
    activity_summary,
    same_target_lines,
)
from jobistemer_tui.tui.presentation.activity_words import what_happened
from jobistemer_tui.tui.presentation.wrapping import lines_text
from jobistemer_tui.tui.read_values import ActivityRead, ReadValue
from jobistemer_tui.tui.shell import Shell

from .job_screen import JobScreen
from .list_screen import ListScreen
from .schedule_actions import ScheduleActionsScreen


class ActivityScreen(ListScreen[ActivityRow], ScheduleActionsScreen):
    """Everything that was decided, newest first, a page at a time."""

    CSS_PATH = "activity_screen.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings_of(ACTIVITY)]
    NAME = ACTIVITY
    SIDE_WIDTH = 72

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._read: ActivityRead | None = None
        self._newer: list[int | None] = []
        self._page = ActivityPage("", problems_only=False, before=None)

    listing = ACTIVITY_LISTING

    @property
    def all_rows(self) -> Sequence[ActivityRow] | None:
        """The page."""
        return None if self._read is None else self._read.rows

    @property
    def crumbs(self) -> tuple[str, ...]:
        """The root of this view."""
        return ("Activity",)

    @property
    def selected_job(self) -> JobRow | None:
        """The job of the line under the cursor."""
        row = self.selected_row
        return None if row is None else next((job for job in self.shell.jobs if job.name == row.job), None)

    def questions(self) -> Mapping[str, Read]:
        """The page."""
        return {"activity": self._page}

    def take(self, value: ReadValue) -> None:
        """Keep the page."""
        if isinstance(value, ActivityRead):
            self._read = value
            self.rearrange()

    def filter_changed(self) -> None:
        """Another filter is another page: lines that fit may lie further back than what has been read."""
        self._newer.clear()
        self._turn_to(None)

    def _turn_to(self, before: int | None) -> None:
        self._page = ActivityPage(self.chosen.query, problems_only=self.chosen.problems_only, before=before)
        self.ask("activity", self._page)
        self.await_rows("activity")

    def summary(self) -> Text | None:
        """Which page it is, and who did what."""
        if self._read is None:
            return None
        return activity_summary(self._read.rows, older=self._read.oldest > 0, newer=self._read.has_newer)

    def none_text(self, width: int) -> Text:
        """Nothing has been decided yet, or nothing that fits."""
        older = "\n\n> looks further back." if self._read is not None and self._read.oldest else ""
        if self.chosen.query or self.chosen.problems_only:
            return Text(f"No event among those looked at fits.{older}\n\nesc clears the filter.")
        return Text("No events yet.\n\nWhat the engine, the files and people do is listed here.")

    def pane_title(self, row: ActivityRow) -> str:
        """What happened."""
        return what_happened(row)[1]

    def pane_text(self, row: ActivityRow, width: int) -> Text:
        """When, by whom, why, before and after; where there is room, what else happened to the same."""
        view = self.shell.view
        lines = activity_lines(row, view, width)
        if self.is_wide:
            lines += same_target_lines(row, self.all_rows or (), view, width, self.size.height - len(lines) - 5)
        return lines_text(lines)

    def copied(self, row: ActivityRow) -> tuple[str, str]:
        """The id of the run, else the number of the line."""
        return (str(row.occurrence_id), "occurrence") if row.occurrence_id else (str(row.sequence), "event")

    def action_open_row(self) -> None:
        """Go to what it was done to."""
        row = self.selected_row
        if row is None:
            return
        if row.occurrence_id is not None and row.job is not None:
            self.act(self.open_run(row.job, row.occurrence_id))
        elif row.job is not None:
            self.app.push_screen(JobScreen(self.shell, row.job))
        elif row.kind.startswith("file"):
            self.app.switch_mode("files")
        else:
            self.tell("this is about the engine itself; there is nothing to go to")

    def action_why(self) -> None:
        """Why the run, or the job, that the line is about did or did not run."""
        row = self.selected_row
        if row is None or row.job is None:
            self.tell("this line is about no job")
        else:
            self.act(self.ask_why(str(row.occurrence_id or row.job), row.job))

    def action_undo_last(self) -> None:
        """Take back the selected act."""
        if row := self.selected_row:
            if row.act is None:
                self.tell(f"“{what_happened(row)[1]}” is nothing that can be taken back")
            else:
                self.act(self.take_back(row.act))

    def action_window_on(self) -> None:
        """The page before this one in time."""
        if self._read is None or not self._read.oldest:
            self.tell("there are no older events")
            return
        self._newer.append(self._page.before)
        self._turn_to(self._read.oldest)

    def action_window_back(self) -> None:
        """The page after this one in time."""
        if not self._newer:
            self.tell("these are the newest events")
            return
        self._turn_to(self._newer.pop())
