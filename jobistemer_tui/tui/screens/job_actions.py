"""What a person can do to jobs and runs beside schedules: run now, run again, cancel, edit the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, OccurrenceState, TaskRunState
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.moments import day_text
from jobistemer_tui.tui.presentation.reasons import occurrence_words

from .acting_screen import CANCELLABLE
from .schedule_actions import ScheduleActionsScreen, counted, named

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import JobRow, OccurrenceDetail, OccurrenceRow, Triggered
    from jobistemer_tui.tui.dialogs import forms
    from jobistemer_tui.tui.dialogs.choice_dialog import ChoiceDialog
else:
    forms = deferred("jobistemer_tui.tui.dialogs.forms")

NO_REASON = "asked for in the screen"
"""Why a run is run again, where nobody said it."""
_NEVER_RAN = (OccurrenceState.SKIPPED, OccurrenceState.MISSED)


class JobActionsScreen(ScheduleActionsScreen):
    """A screen with jobs, or runs of jobs, to act on."""

    def action_run_now(self) -> None:
        """Run the job now, after a sheet with its parameters."""
        if jobs := self.jobs_to_act_on():
            self.run_jobs(jobs)

    def run_jobs(self, jobs: Sequence[JobRow]) -> None:
        """Ask what is to be known, and run these jobs."""
        self.act(self._run_now(jobs))

    async def _run_now(self, jobs: Sequence[JobRow]) -> None:
        """One request for each sheet and job, so that what is sent twice runs once."""
        operations, requests = self.shell.operations, [uuid4() for _ in jobs]
        detail = await self.look_up(lambda: operations.job(jobs[0].name)) if len(jobs) == 1 else None
        if len(jobs) == 1 and detail is None:
            return
        params = {} if detail is None else detail.params
        policy = "" if detail is None else f"overlap_policy: {detail.settings['overlap_policy'].value}"
        values = await self.app.push_screen_wait(forms.run_form(named(jobs), policy, params))
        if values is None:
            return
        given, force, reason = forms.given_params(values, params), values["force"] == "yes", values["reason"] or None
        asked = 0
        for job, request in zip(jobs, requests, strict=True):
            triggered = await self.change(
                lambda name=job.name, request=request: operations.trigger(  # type: ignore[misc]
                    name, request=request, params=given, force=force, reason=reason
                )
            )
            asked += triggered is not None
            if triggered is not None and len(jobs) == 1:
                self.tell(triggered_words(job.name, triggered))
        if len(jobs) > 1:
            self.tell(f"{asked} of {counted(len(jobs))}: asked to run")
        self.clear_marks()

    def action_retry(self) -> None:
        """Run again what has ended: the selected run, the marked ones, or the job's newest."""
        self.act(self._retry())

    async def _retry(self) -> None:
        runs = self.acting_runs or await self._newest_runs(self.acting_jobs)
        ended = [row for row in runs if row.status in TERMINAL_OCCURRENCES]
        if not ended:
            self.tell("there is no run that has ended" if not runs else "it has not ended yet; c cancels it")
            return
        requests = [uuid4() for _ in ended]
        detail = await self.look_up(lambda: self.shell.operations.occurrence(ended[0].id)) if len(ended) == 1 else None
        part = await self.app.push_screen_wait(self._retry_dialog(ended, detail))
        if not part:
            return
        tasks = [task.name for task in detail.tasks] if detail is not None and part == "from" else []
        values = await self.app.push_screen_wait(forms.again_form(self._run_words(ended), tasks))
        if values is None:
            return
        reason, task, operations = values["reason"] or NO_REASON, values.get("task"), self.shell.operations
        asked = 0
        for row, request in zip(ended, requests, strict=True):
            made = await self.change(
                lambda row=row, request=request: operations.replay(  # type: ignore[misc]
                    row.id, request=request, reason=reason, failed_only=part == "failed", from_task=task
                )
            )
            asked += made is not None
            if made is not None and len(ended) == 1:
                self.tell(triggered_words(row.job, made))
        if len(ended) > 1:
            self.tell(f"{asked} of {len(ended)} runs: asked to run again")
        self.clear_marks()

    def _retry_dialog(self, ended: Sequence[OccurrenceRow], detail: OccurrenceDetail | None) -> ChoiceDialog:
        tasks = () if detail is None else detail.tasks
        succeeded = [task.name for task in tasks if task.status is TaskRunState.SUCCESS]
        failed = len(ended) > 1 or (bool(succeeded) and len(succeeded) < len(tasks))
        lines = [
            "It never ran." if ended[0].status in _NEVER_RAN and len(ended) == 1
            else "A new run is made; the old one stays as it is.",
            *([f"Succeeded before: {', '.join(shown(name, 20) for name in succeeded[:4])}"] if succeeded else []),
        ]  # fmt: skip
        return forms.retry_dialog(self._run_words(ended), lines, from_task=len(tasks) > 1, failed=failed)

    def _run_words(self, rows: Sequence[OccurrenceRow]) -> str:
        if len(rows) > 1:
            return f"{len(rows)} runs"
        view = self.shell.view
        return f"{shown(rows[0].job, 30)}, {day_text(rows[0].scheduled_at, view.now, view.style.zone)},"

    async def _newest_runs(self, jobs: Sequence[JobRow]) -> list[OccurrenceRow]:
        found = []
        for job in jobs:
            rows = await self.look_up(lambda name=job.name: self.shell.operations.runs(job=name, limit=1))  # type: ignore[misc]
            found += rows or []
        return found

    def action_cancel_run(self) -> None:
        """Cancel what is selected or marked; of a job what runs, else what waits."""
        if runs := self.acting_runs:
            self.act(self.cancel_runs(runs))
        elif jobs := self.jobs_to_act_on():
            self.act(self._cancel_of(jobs))

    async def _cancel_of(self, jobs: Sequence[JobRow]) -> None:
        operations, found = self.shell.operations, []
        for job in jobs:
            rows = await self.look_up(
                lambda name=job.name: operations.runs(job=name, statuses=CANCELLABLE, limit=None)  # type: ignore[misc]
            )
            if rows is None:
                return
            found += rows
        if not found:
            self.tell(f"nothing of {named(jobs)} is running or waiting")
        elif len(jobs) == 1:
            await self.ask_and_cancel(min(found, key=lambda row: CANCELLABLE.index(row.status)))
        else:
            await self.cancel_runs(found)

    def action_why(self) -> None:
        """Why the job ran, or did not; another time can be asked for there."""
        if job := self.job_or_word():
            self.act(self.ask_why(job.name, job.name))

    def action_compare(self) -> None:
        """The job's last good run with the first bad one after it."""
        if job := self.job_or_word():
            self.act(self.ask_compare(job.name))

    def action_edit_file(self) -> None:
        """Open the job's file at its line in the person's editor."""
        if job := self.job_or_word():
            self.act(self.edit(job.file, job.line))


def triggered_words(name: str, triggered: Triggered) -> str:
    """What became of a trigger, in words."""
    words = f"{name}: {occurrence_words(triggered.status, triggered.reason)}"
    return words if triggered.engine_alive else f"{words}; no engine is running, so it waits for one"
