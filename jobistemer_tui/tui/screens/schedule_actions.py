"""What a person can do to a job's schedule: pause, skip, put off, stop, and take it back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from jobistemer_tui.domain.acts import Act
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.operations.control_words import act_words
from jobistemer_tui.operations.read_models import JobRow
from jobistemer_tui.tui.dialogs.choice_dialog import Choice, ChoiceDialog, confirm_dialog
from jobistemer_tui.tui.dialogs.pause_dialog import PauseDialog, SnoozeDialog
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.moments import day_text, with_distance

from .acting_screen import ActingScreen

FRESH: Final = timedelta(minutes=10)
"""How long one's own act is taken back without a question."""
_WAITS = (OccurrenceState.PENDING, OccurrenceState.QUEUED)


class ScheduleActionsScreen(ActingScreen):
    """A screen with a selected job. What can be undone is done at once, or after a box whose default is No."""

    @property
    @abstractmethod
    def selected_job(self) -> JobRow | None:
        """The job that the keys act on."""

    def action_toggle_pause(self) -> None:
        """Pause or resume; no question, since the same key undoes it."""
        if job := self.selected_job:
            self.pause_or_resume(job)

    def pause_or_resume(self, job: JobRow) -> None:
        """Resume a job that is paused, else pause it."""
        self.act(self._resume(job.name) if job.paused else self._pause(job.name))

    async def _resume(self, name: str) -> None:
        if await self.change(lambda: self.shell.operations.resume(name)) is not None:
            self.tell(f"{name} is resumed")

    async def _pause(self, name: str, reason: str | None = None, seconds: float | None = None) -> None:
        operations = self.shell.operations
        until = None if seconds is None else operations.now() + timedelta(seconds=seconds)
        if await self.change(lambda: operations.pause(name, reason=reason, until=until)) is not None:
            how_long = (
                "" if until is None else f" until {day_text(until, operations.now(), self.shell.time_style.zone)}"
            )
            self.tell(f"{name} is paused{how_long}; p resumes it")

    def action_pause_for(self) -> None:
        """Pause with a reason, or for some time."""
        if job := self.selected_job:
            self.act(self._pause_for(job.name))

    async def _pause_for(self, name: str) -> None:
        request = await self.app.push_screen_wait(PauseDialog(name))
        if request is not None:
            await self._pause(name, request.reason, request.seconds)

    def action_skip_next(self) -> None:
        """Skip the next run after a question, or let it run after all."""
        if job := self.selected_job:
            self.act(self._unskip(job) if job.next_mark is Reason.SKIPPED_BY_USER else self._skip(job))

    async def _skip(self, job: JobRow) -> None:
        if job.next is None:
            self.tell(f"{job.name} has no run to come")
            return
        lines = [
            f"{shown(job.name, 40)}, {with_distance(job.next, self._now, self.shell.time_style)}",
            "It will be recorded as skipped. The runs after it are not touched.",
        ]
        dialog = confirm_dialog("Skip the next run?", lines)
        if not self.shell.options.confirm_skip or await self.app.push_screen_wait(dialog) == "yes":
            row = await self.change(lambda: self.shell.operations.skip(job.name))
            if row is not None:
                self.tell(f"{job.name}: the run of {self._when(row.scheduled_at)} will be skipped; u takes it back")

    async def _unskip(self, job: JobRow) -> None:
        row = await self.change(lambda: self.shell.operations.unskip(job.name))
        if row is not None:
            self.tell(f"{job.name}: the run of {self._when(row.scheduled_at)} will not be skipped")

    def action_snooze(self) -> None:
        """Put the run that waits, else the next one, off; or let it start at its own time."""
        if job := self.selected_job:
            self.act(self._unsnooze(job) if is_snoozed(job) else self._snooze(job))

    async def _snooze(self, job: JobRow) -> None:
        request = await self.app.push_screen_wait(SnoozeDialog(job.name))
        if request is None or request.seconds is None:
            return
        until = self._now + timedelta(seconds=request.seconds)
        operations, reason = self.shell.operations, request.reason
        if await self.change(lambda: operations.snooze(job.name, until=until, reason=reason)) is not None:
            self.tell(f"{job.name} is put off until {self._when(until)}; u takes it back")

    async def _unsnooze(self, job: JobRow) -> None:
        if await self.change(lambda: self.shell.operations.unsnooze(job.name)) is not None:
            self.tell(f"{job.name} is not put off any more")

    def action_toggle_stop(self) -> None:
        """Stop the schedule after a question, or start it again."""
        if job := self.selected_job:
            self.act(self._start(job) if job.stopped else self._stop(job))

    async def _start(self, job: JobRow) -> None:
        if await self.change(lambda: self.shell.operations.start(job.name)) is not None:
            self.tell(f"the schedule of {job.name} is started; u takes it back")

    async def _stop(self, job: JobRow) -> None:
        lines = [
            shown(job.name, 40),
            "Its times pass without a trace until it is started again.",
            "What runs or waits goes on.",
        ]
        dialog = confirm_dialog("Stop the schedule?", lines)
        if self.shell.options.confirm_stop and await self.app.push_screen_wait(dialog) != "yes":
            return
        if await self.change(lambda: self.shell.operations.stop(job.name)) is not None:
            self.tell(f"the schedule of {job.name} is stopped; X starts it")

    def action_pause_all(self) -> None:
        """Pause all jobs, or end the pauses of all, after a question."""
        self.act(self._pause_all())

    async def _pause_all(self) -> None:
        jobs = [job for job in self.shell.jobs if job.loaded and job.enabled and job.schedule is not None]
        dialog = all_jobs_dialog(jobs)
        if dialog is None:
            self.tell("no job has a schedule that runs")
            return
        operations = self.shell.operations
        answer = await self.app.push_screen_wait(dialog)
        if answer == "pause" and (rows := await self.change(operations.pause_all)) is not None:
            self.tell(f"{counted(len(rows))} paused; u takes it back")
        elif answer == "resume" and (rows := await self.change(operations.resume_all)) is not None:
            self.tell(f"{counted(len(rows))} resumed; what was paused by itself stays paused")

    def action_undo_last(self) -> None:
        """Take back the last act on a schedule; asks first if it is another's, or an old one."""
        self.act(self._undo())

    async def _undo(self) -> None:
        operations = self.shell.operations
        act = await self.change(operations.last_act)
        if act is not None:
            await self.take_back(act)

    async def take_back(self, act: Act) -> None:
        """Take back an act; asks first if it is another's, or an old one."""
        operations = self.shell.operations
        if not await self._may_undo(act):
            return
        undone = await self.change(lambda: operations.undo(act))
        if undone is not None:
            self.tell(f"taken back: {act_words(act, self._when)}")

    async def _may_undo(self, act: Act) -> bool:
        if act.actor == self.shell.operations.actor and self._now - act.at <= FRESH:
            return True
        lines = [act_words(act, self._when), f"by {shown(act.actor, 40)}, {self._when(act.at)}"]
        answer = await self.app.push_screen_wait(confirm_dialog("Take this back?", lines))
        return bool(answer)

    @property
    def _now(self) -> datetime:
        return self.shell.operations.now()

    def _when(self, instant: datetime) -> str:
        return day_text(instant, self._now, self.shell.time_style.zone)


def is_snoozed(job: JobRow) -> bool:
    """Whether the run that waits, or the next one, has been put off."""
    waits = job.last is not None and job.last.status in _WAITS and job.last.reason is Reason.SNOOZED
    return waits or job.next_mark is Reason.SNOOZED


def all_jobs_dialog(jobs: Sequence[JobRow]) -> ChoiceDialog | None:
    """What can be done to all of these jobs at once; None where there are none."""
    paused = sum(job.paused for job in jobs)
    choices = [Choice("n", "No", "")]
    if len(jobs) > paused:
        choices.append(Choice("y", f"y  Pause {counted(len(jobs) - paused)}", "pause"))
    if paused:
        choices.append(Choice("r", f"r  Resume what was paused so ({counted(paused)} paused)", "resume"))
    lines = ("Their times pass as skipped while they are paused;", "what runs or waits goes on.")
    return ChoiceDialog("All jobs", lines, choices, default=0, stacked=True) if jobs else None


def counted(number: int) -> str:
    """`1 job`, `12 jobs`."""
    return f"{number} job" if number == 1 else f"{number} jobs"
