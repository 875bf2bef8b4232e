"""What a person can do to the schedules of jobs: pause, skip, put off, stop, and take it back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from jobistemer_tui.domain.states import WAITING_OCCURRENCES, Reason
from jobistemer_tui.errors import Refused
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.moments import day_text, with_distance

from .acting_screen import ActingScreen

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.operations import control_words
    from jobistemer_tui.operations.contract import Operations
    from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow
    from jobistemer_tui.tui.dialogs import choice_dialog, forms
    from jobistemer_tui.tui.dialogs.choice_dialog import ChoiceDialog
else:
    control_words = deferred("jobistemer_tui.operations.control_words")
    choice_dialog = deferred("jobistemer_tui.tui.dialogs.choice_dialog")
    forms = deferred("jobistemer_tui.tui.dialogs.forms")

FRESH: Final = timedelta(minutes=10)
"""How long one's own act is taken back without a question."""
_NO_JOB = "there is no job here to act on"


class ScheduleActionsScreen(ActingScreen):
    """A screen with jobs to act on. What can be undone is done at once, or after a box whose default is No."""

    @property
    @abstractmethod
    def selected_job(self) -> JobRow | None:
        """The job that the keys act on where nothing is marked."""

    @property
    def acting_jobs(self) -> Sequence[JobRow]:
        """The jobs that the keys act on: those of the marked rows, else the selected one."""
        job = self.selected_job
        return [] if job is None else [job]

    def jobs_to_act_on(self) -> Sequence[JobRow]:
        """These jobs; where there are none, that is said."""
        jobs = self.acting_jobs
        if not jobs:
            self.tell(_NO_JOB)
        return jobs

    def job_or_word(self) -> JobRow | None:
        """The selected job; where there is none, that is said."""
        job = self.selected_job
        if job is None:
            self.tell(_NO_JOB)
        return job

    def jobs_of(self, rows: Sequence[OccurrenceRow]) -> Sequence[JobRow]:
        """The jobs of some runs, each once."""
        names = dict.fromkeys(row.job for row in rows)
        return [job for job in self.shell.jobs if job.name in names]

    async def on_each(
        self, jobs: Sequence[JobRow], call: Callable[[str], JobRow | OccurrenceRow], one: str, many: str
    ) -> None:
        """Do something to each of these jobs; say `one` of a single one (`{}` is its name), or `many` of several."""
        if (begun := await self.acting_time()) is None:
            return
        done = [job.name for job in jobs if await self.change(lambda name=job.name: call(name)) is not None]  # type: ignore[misc]
        if done:
            await self.remember(done, begun)
            self.clear_marks()
            text = one.format(done[0]) if len(jobs) == 1 else many.format(counted(len(done)))
            self.tell(text, undo=True)

    async def remember(self, jobs: Sequence[str], since: datetime) -> None:
        """What was done to these jobs since then is one act to a person: `u` takes it back from all of them."""
        if len(jobs) > 1:
            acts = await self.look_up(partial(acts_since, self.shell.operations, jobs, since))
            self.shell.together = tuple(acts or ())

    def action_toggle_pause(self) -> None:
        """Pause with a reason and for some time, or resume; no question, since u undoes it."""
        if jobs := self.jobs_to_act_on():
            self.pause_or_resume(jobs)

    def pause_or_resume(self, jobs: Sequence[JobRow]) -> None:
        """Resume jobs that are all paused, else pause those that are not."""
        running = [job for job in jobs if not job.paused]
        self.act(self._pause(running) if running else self._resume(jobs))

    async def _resume(self, jobs: Sequence[JobRow]) -> None:
        await self.on_each(jobs, self.shell.operations.resume, "{} is resumed", "{} resumed")

    async def _pause(self, jobs: Sequence[JobRow]) -> None:
        values = await self.app.push_screen_wait(forms.pause_form(named(jobs)))
        if values is None:
            return
        lapse, operations = forms.Lapse.of(values), self.shell.operations
        until = None if lapse.seconds is None else await self.after(lapse.seconds)
        if until is None and lapse.seconds is not None:
            return
        how_long = "" if until is None else f" until {self._when(until)}"
        await self.on_each(
            jobs, lambda name: operations.pause(name, reason=lapse.reason, until=until),
            f"{{}} is paused{how_long}", f"{{}} paused{how_long}",
        )  # fmt: skip

    def action_skip_next(self) -> None:
        """Skip the next run after a question, or let it run after all."""
        jobs = self.jobs_to_act_on()
        if not jobs:
            return
        unmarked = [job for job in jobs if job.next_mark is not Reason.SKIPPED_BY_USER]
        self.act(self._skip(unmarked) if unmarked else self._unskip(jobs))

    async def _skip(self, jobs: Sequence[JobRow]) -> None:
        coming = [job for job in jobs if job.next is not None]
        if not coming:
            self.tell(f"{named(jobs)} has no run to come" if len(jobs) == 1 else "none of them has a run to come")
            return
        lines = [
            *few([f"{shown(job.name, 40)}, {with_distance(job.next, self._now, self.shell.time_style)}"
                  for job in coming if job.next is not None]),
            "It will be recorded as skipped. The runs after it are not touched.",
        ]  # fmt: skip
        title = "Skip the next run?" if len(coming) == 1 else f"Skip the next run of {len(coming)} jobs?"
        if (
            not self.shell.options.confirm_skip
            or await self.app.push_screen_wait(choice_dialog.confirm_dialog(title, lines)) == "yes"
        ):
            at = self._when(coming[0].next) if coming[0].next is not None else ""
            one, many = f"{{}}: the run of {at} will be skipped", "{}: the next run will be skipped"
            await self.on_each(coming, self.shell.operations.skip, one, many)

    async def _unskip(self, jobs: Sequence[JobRow]) -> None:
        await self.on_each(
            jobs, self.shell.operations.unskip, "{}: its next run will not be skipped", "{}: nothing is skipped"
        )

    def action_snooze(self) -> None:
        """Put the run that waits, else the next one, off; or let it start at its own time."""
        jobs = self.jobs_to_act_on()
        if jobs:
            put_off = all(is_snoozed(job) for job in jobs)
            self.act(self._unsnooze(jobs) if put_off else self._snooze(jobs))

    async def _snooze(self, jobs: Sequence[JobRow]) -> None:
        values = await self.app.push_screen_wait(forms.snooze_form(named(jobs)))
        lapse = None if values is None else forms.Lapse.of(values)
        if lapse is None or lapse.seconds is None:
            return
        if (until := await self.after(lapse.seconds)) is None:
            return
        operations, reason, when = self.shell.operations, lapse.reason, self._when(until)
        await self.on_each(
            jobs, lambda name: operations.snooze(name, until=until, reason=reason),
            f"{{}} is put off until {when}", f"{{}} put off until {when}",
        )  # fmt: skip

    async def _unsnooze(self, jobs: Sequence[JobRow]) -> None:
        await self.on_each(
            jobs, self.shell.operations.unsnooze, "{} is not put off any more", "{} not put off any more"
        )

    def action_toggle_stop(self) -> None:
        """Stop the schedule after a question, or start it again."""
        jobs = self.jobs_to_act_on()
        if jobs:
            running = [job for job in jobs if not job.stopped]
            self.act(self._stop(running) if running else self._start(jobs))

    async def _start(self, jobs: Sequence[JobRow]) -> None:
        await self.on_each(
            jobs, self.shell.operations.start, "the schedule of {} is started", "the schedules of {} are started"
        )

    async def _stop(self, jobs: Sequence[JobRow]) -> None:
        lines = [
            *few([shown(job.name, 40) for job in jobs]),
            "Its times pass without a trace until it is started again.",
            "What runs or waits goes on.",
        ]
        title = "Stop the schedule?" if len(jobs) == 1 else f"Stop the schedules of {len(jobs)} jobs?"
        if (
            not self.shell.options.confirm_stop
            or await self.app.push_screen_wait(choice_dialog.confirm_dialog(title, lines)) == "yes"
        ):
            await self.on_each(
                jobs, self.shell.operations.stop, "the schedule of {} is stopped; X starts it",
                "the schedules of {} are stopped; X starts them",
            )  # fmt: skip

    def action_pause_all(self) -> None:
        """Pause all jobs, or end the pauses of all, after a question."""
        self.act(self._pause_all())

    async def _pause_all(self) -> None:
        rows = await self.look_up(self.shell.operations.jobs)
        if rows is None:
            return
        dialog = all_jobs_dialog([job for job in rows if job.loaded and job.enabled and job.schedule is not None])
        if dialog is None:
            self.tell("no job has a schedule that runs")
            return
        operations = self.shell.operations
        answer = await self.app.push_screen_wait(dialog)
        if answer == "pause" and (rows := await self.change(operations.pause_all)) is not None:
            self.tell(f"{counted(len(rows))} paused", undo=True)
        elif answer == "resume" and (rows := await self.change(operations.resume_all)) is not None:
            self.tell(f"{counted(len(rows))} resumed; what was paused by itself stays paused")

    def action_undo_last(self) -> None:
        """Take back the last act on a schedule; asks first if it is another's, or an old one."""
        self.act(self._undo())

    async def _undo(self) -> None:
        operations = self.shell.operations
        act = await self.look_up(operations.last_act)
        if act is None:
            return
        if act in self.shell.together and await self._is_own_and_fresh(act):
            undone = [
                one for one in self.shell.together if await self.change(partial(operations.undo, one)) is not None
            ]
            if undone:
                self.tell(f"taken back: {control_words.ACT_WORDS[act.kind]} of {counted(len(undone))}")
        else:
            await self.take_back(act)

    async def take_back(self, act: Act) -> None:
        """Take back an act; asks first if it is another's, or an old one."""
        operations = self.shell.operations
        if not await self._may_undo(act):
            return
        undone = await self.change(lambda: operations.undo(act))
        if undone is not None:
            self.tell(f"taken back: {control_words.act_words(act, self._when)}")

    async def _may_undo(self, act: Act) -> bool:
        if await self._is_own_and_fresh(act):
            return True
        lines = [control_words.act_words(act, self._when), f"by {shown(act.actor, 40)}, {self._when(act.at)}"]
        answer = await self.app.push_screen_wait(choice_dialog.confirm_dialog("Take this back?", lines))
        return bool(answer)

    async def _is_own_and_fresh(self, act: Act) -> bool:
        if act.actor != self.shell.operations.actor:
            return False
        now = await self.acting_time()
        return now is not None and now - act.at <= FRESH

    @property
    def _now(self) -> datetime:
        return self.shell.operations.now()

    def _when(self, instant: datetime) -> str:
        return day_text(instant, self._now, self.shell.time_style.zone)


def acts_since(operations: Operations, jobs: Sequence[str], since: datetime) -> list[Act]:
    """One's own newest acts on these jobs; a job that was as it should be already has none since then."""
    acts = []
    for job in jobs:
        with suppress(Refused):
            acts.append(operations.last_act(job))
    return [act for act in acts if act.at >= since and act.actor == operations.actor]


def is_snoozed(job: JobRow) -> bool:
    """Whether the run that waits, or the next one, has been put off."""
    waits = job.last is not None and job.last.status in WAITING_OCCURRENCES and job.last.reason is Reason.SNOOZED
    return waits or job.next_mark is Reason.SNOOZED


def all_jobs_dialog(jobs: Sequence[JobRow]) -> ChoiceDialog | None:
    """What can be done to all of these jobs at once; None where there are none."""
    paused = sum(job.paused for job in jobs)
    choices = [choice_dialog.Choice("n", "No", "")]
    if len(jobs) > paused:
        choices.append(choice_dialog.Choice("y", f"y  Pause {counted(len(jobs) - paused)}", "pause"))
    if paused:
        choices.append(choice_dialog.Choice("r", f"r  Resume what was paused so ({counted(paused)} paused)", "resume"))
    lines = ("Their times pass as skipped while they are paused;", "what runs or waits goes on.")
    return choice_dialog.ChoiceDialog("All jobs", lines, choices, default=0, stacked=True) if jobs else None


def few(names: Sequence[str]) -> list[str]:
    """The first five, and how many there are besides."""
    return [*names[:5], *([f"and {len(names) - 5} more"] if len(names) > 5 else [])]


def counted(number: int) -> str:
    """`1 job`, `12 jobs`."""
    return f"{number} job" if number == 1 else f"{number} jobs"


def named(jobs: Sequence[JobRow]) -> str:
    """The name of a single job, else how many there are."""
    return shown(jobs[0].name, 40) if len(jobs) == 1 else counted(len(jobs))
