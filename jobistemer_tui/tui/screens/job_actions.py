"""What a person can do to a job beside its schedule: run it, cancel what runs, edit its file."""

from __future__ import annotations

from uuid import uuid4

from jobistemer_tui.operations.read_models import Triggered
from jobistemer_tui.tui.presentation.reasons import occurrence_words

from .acting_screen import CANCELLABLE
from .schedule_actions import ScheduleActionsScreen


class JobActionsScreen(ScheduleActionsScreen):
    """A screen with a selected job."""

    def action_run_now(self) -> None:
        """Run the job now; one request per key press, so that a retried call cannot run it twice."""
        if job := self.selected_job:
            self.run_job(job.name)

    def run_job(self, name: str) -> None:
        """Run a job by name."""
        self.act(self._run_now(name))

    async def _run_now(self, name: str) -> None:
        request = uuid4()
        triggered = await self.change(lambda: self.shell.operations.trigger(name, request=request))
        if triggered is not None:
            self.tell(triggered_words(name, triggered))

    def action_cancel_run(self) -> None:
        """Cancel what runs of the job, else what waits."""
        if job := self.selected_job:
            self.act(self._cancel_of(job.name))

    async def _cancel_of(self, name: str) -> None:
        rows = await self.change(lambda: self.shell.operations.runs(job=name, statuses=CANCELLABLE, limit=50))
        if rows is None:
            return
        if not rows:
            self.tell(f"nothing of {name} is running or waiting")
            return
        await self.ask_and_cancel(min(rows, key=lambda row: CANCELLABLE.index(row.status)))

    def action_why(self) -> None:
        """Why the job ran, or did not; another time can be asked for there."""
        if job := self.selected_job:
            self.act(self.ask_why(job.name, job.name))

    def action_compare(self) -> None:
        """The job's last good run with the first bad one after it."""
        if job := self.selected_job:
            self.act(self.ask_compare(job.name))

    def action_edit_file(self) -> None:
        """Open the job's file at its line in the person's editor."""
        if job := self.selected_job:
            self.act(self.edit(job.file, job.line))


def triggered_words(name: str, triggered: Triggered) -> str:
    """What became of a trigger, in words."""
    words = f"{name}: {occurrence_words(triggered.status, triggered.reason)}"
    return words if triggered.engine_alive else f"{words}; no engine is running, so it waits for one"
