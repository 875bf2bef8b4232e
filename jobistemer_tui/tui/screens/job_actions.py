"""What a person can do to a job: run it, pause it, cancel what runs, edit its file."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import TypeVar
from uuid import uuid4

from textual.app import SuspendNotSupported

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow, Triggered
from jobistemer_tui.tui.dialogs.choice_dialog import confirm_dialog
from jobistemer_tui.tui.dialogs.pause_dialog import PauseDialog
from jobistemer_tui.tui.editor import editor_command
from jobistemer_tui.tui.lent_terminal import lent_terminal
from jobistemer_tui.tui.presentation.durations import took
from jobistemer_tui.tui.presentation.fitting import cleaned, shown
from jobistemer_tui.tui.presentation.moments import day_text
from jobistemer_tui.tui.presentation.reasons import STATE_WORDS, occurrence_words

from .feed_screen import FeedScreen

T = TypeVar("T")
_O = OccurrenceState
_CANCELLABLE = (_O.RUNNING, _O.CANCELING, _O.PENDING, _O.QUEUED)


class ActingScreen(FeedScreen):
    """A screen that changes things. Each change runs in a thread; a refusal is shown, never raised."""

    def act(self, work: Coroutine[object, object, None]) -> None:
        """Start a change; it belongs to the program, so that leaving the screen does not cut it off."""
        self.app.run_worker(work, group="act", exit_on_error=False)

    async def change(self, call: Callable[[], T]) -> T | None:
        """The result of a blocking call, or None after showing why it was refused."""
        try:
            result = await asyncio.to_thread(call)
        except JobistemerError as error:
            text = f"{cleaned(error.message)}\n{cleaned(error.hint)}".strip()
            self.app.notify(text, severity="error", markup=False)
            return None
        self.shell.feed.refresh()
        return result

    def tell(self, text: str) -> None:
        """Say what has been done."""
        self.app.notify(cleaned(text), timeout=4, markup=False)

    async def ask_and_cancel(self, row: OccurrenceRow) -> None:
        """Cancel an occurrence after a question that names it and says what happens."""
        view = self.shell.view
        when = day_text(row.scheduled_at, view.now, view.style.zone)
        name = f"{shown(row.job, 40)}, scheduled {when}"
        if row.status not in _CANCELLABLE:
            self.tell(f"nothing to cancel: {name} is {STATE_WORDS[row.status]}")
            return
        lines = [name, *_effect(row, took(row.started_at, row.finished_at, view.now))]
        if await self.app.push_screen_wait(confirm_dialog("Cancel this run?", lines)):
            changed = await self.change(lambda: self.shell.operations.cancel(row.id))
            if changed is not None:
                self.tell(f"{row.job} is {STATE_WORDS[changed.status]}")


def _effect(row: OccurrenceRow, ran: str) -> list[str]:
    if row.status in (_O.PENDING, _O.QUEUED):
        return ["It has not started and will not start."]
    return [
        f"It has been running for {ran}.",
        "Its tasks get SIGTERM now, SIGKILL after their grace;",
        "tasks that wait do not start.",
    ]


class JobActionsScreen(ActingScreen):
    """A screen with a selected job."""

    @property
    @abstractmethod
    def selected_job(self) -> JobRow | None:
        """The job that the keys act on."""

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

    def action_cancel_run(self) -> None:
        """Cancel what runs of the job, else what waits."""
        if job := self.selected_job:
            self.act(self._cancel_of(job.name))

    async def _cancel_of(self, name: str) -> None:
        rows = await self.change(lambda: self.shell.operations.runs(job=name, statuses=_CANCELLABLE, limit=50))
        if rows is None:
            return
        if not rows:
            self.tell(f"nothing of {name} is running or waiting")
            return
        await self.ask_and_cancel(min(rows, key=lambda row: _CANCELLABLE.index(row.status)))

    def action_edit_file(self) -> None:
        """Open the job's file at its line in the person's editor."""
        if job := self.selected_job:
            self.act(self._edit(job.file, job.line))

    async def _edit(self, path: str, line: int) -> None:
        try:
            command = editor_command(self.shell.environ, path, line)
            with lent_terminal(self.app):
                process = await asyncio.create_subprocess_exec(*command)
                code = await process.wait()
        except (OSError, ValueError) as error:
            self.app.notify(f"cannot start the editor: {cleaned(str(error))}", severity="error", markup=False)
        except SuspendNotSupported:
            self.app.notify(f"no editor can be opened here; the file is {cleaned(path)}:{line}", markup=False)
        else:
            if code:
                self.tell(f"the editor ended with exit code {code}")


def triggered_words(name: str, triggered: Triggered) -> str:
    """What became of a trigger, in words."""
    words = f"{name}: {occurrence_words(triggered.status, triggered.reason)}"
    return words if triggered.engine_alive else f"{words}; no engine is running, so it waits for one"
