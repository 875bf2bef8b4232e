"""A screen that changes things: each change in a thread, a refusal shown, what is dangerous asked first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from textual.app import SuspendNotSupported

from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.tui.presentation.durations import took
from jobistemer_tui.tui.presentation.fitting import cleaned, shown
from jobistemer_tui.tui.presentation.moments import day_text
from jobistemer_tui.tui.presentation.reasons import STATE_WORDS
from jobistemer_tui.tui.reading import read_in_thread

from .feed_screen import FeedScreen

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import OccurrenceRow
    from jobistemer_tui.settings import editor
    from jobistemer_tui.tui import lent_terminal
    from jobistemer_tui.tui.dialogs import choice_dialog, compare_dialog, forms, why_dialog
    from jobistemer_tui.tui.dialogs.text_dialog import TextDialog
    from jobistemer_tui.tui.presentation.lines import Target
else:
    editor = deferred("jobistemer_tui.settings.editor")
    choice_dialog = deferred("jobistemer_tui.tui.dialogs.choice_dialog")
    compare_dialog = deferred("jobistemer_tui.tui.dialogs.compare_dialog")
    forms = deferred("jobistemer_tui.tui.dialogs.forms")
    why_dialog = deferred("jobistemer_tui.tui.dialogs.why_dialog")
    lent_terminal = deferred("jobistemer_tui.tui.lent_terminal")

T = TypeVar("T")
_O = OccurrenceState
UNDO_S = 10
"""For how many seconds a notice says that u takes back what was done."""
CANCELLABLE = (_O.RUNNING, _O.CANCELING, _O.PENDING, _O.QUEUED)


class ActingScreen(FeedScreen):
    """A screen that changes things. Each change runs in a thread; a refusal is shown, never raised."""

    def act(self, work: Coroutine[object, object, None]) -> None:
        """Start a change; it belongs to the program, so that leaving the screen does not cut it off.

        While one is under way, its question included, the same key does nothing: a key that repeats asks once.
        """
        name = f"act {getattr(work, '__name__', '')}"
        if any(worker.name == name and not worker.is_finished for worker in self.app.workers):
            work.close()
            return
        self.app.clear_notifications()  # what was said of the act before is read, or is not true any more
        self.shell.typed_ahead.hold_for(self.app.run_worker(work, name=name, group="act", exit_on_error=False), self)

    async def change(self, call: Callable[[], T]) -> T | None:
        """The result of a call that writes, or None after showing why it was refused; keys go on meanwhile."""
        with self.shell.typed_ahead.let_go():
            result = await self._told(asyncio.to_thread(call))
        if result is not None:
            self.shell.feed.refresh()
        return result

    async def look_up(self, call: Callable[[], T]) -> T | None:
        """What a call reads for a question or another screen, or None after showing why it was refused."""
        return await self._told(read_in_thread(call))

    async def acting_time(self) -> datetime | None:
        """The time by which what is done now is dated, or None after showing why it cannot be told."""
        return await self.look_up(self.shell.operations.acting_time)

    async def after(self, seconds: float) -> datetime | None:
        """So many seconds from when something is done now, or None after showing why that cannot be told."""
        now = await self.acting_time()
        return None if now is None else now + timedelta(seconds=seconds)

    async def _told(self, result: Awaitable[T]) -> T | None:
        try:
            return await result
        except JobistemerError as error:
            words = "\n".join(self.told(text) for text in (error.message, error.hint) if text)
            self.app.notify(words, severity="error", markup=False)
            return None

    def tell(self, text: str, *, undo: bool = False) -> None:
        """Say what has been done; with `undo` long enough to think better of it."""
        words = f"{cleaned(text)}; u takes it back" if undo else cleaned(text)
        self.app.notify(words, timeout=UNDO_S if undo else 4, markup=False)

    @property
    def acting_runs(self) -> Sequence[OccurrenceRow]:
        """The runs that the keys act on: the marked ones, else the selected one; none where rows are no runs."""
        return ()

    async def cancel_runs(self, rows: Sequence[OccurrenceRow]) -> None:
        """Cancel one run after a question, or several after their number was typed."""
        open_rows = [row for row in rows if row.status in CANCELLABLE]
        if len(rows) == 1:
            await self.ask_and_cancel(rows[0])
        elif not open_rows:
            self.tell("none of them runs or waits")
        elif await self._may_cancel(open_rows):
            operations = self.shell.operations
            done = [await self.change(lambda row=row: operations.cancel(row.id)) for row in open_rows]  # type: ignore[misc]
            self.clear_marks()
            self.tell(f"{sum(one is not None for one in done)} runs are cancelled")

    async def _may_cancel(self, rows: Sequence[OccurrenceRow]) -> bool:
        running = sum(row.status in (_O.RUNNING, _O.CANCELING) for row in rows)
        jobs = sorted({row.job for row in rows})
        others = f" and {len(jobs) - 3} more jobs" if len(jobs) > 3 else ""
        lines = [
            f"{', '.join(shown(job, 30) for job in jobs[:3])}{others}:",
            f"{running} running (SIGTERM now, SIGKILL after their grace), {len(rows) - running} waiting.",
        ]
        if len(rows) == 1:
            answer = await self.app.push_screen_wait(choice_dialog.confirm_dialog("Cancel this run?", lines))
            return bool(answer)
        form = forms.typed_form(f"Cancel {len(rows)} runs?", lines, len(rows), "cancels them")
        return await self.app.push_screen_wait(form) is not None

    async def ask_why(self, what: str, job: str) -> None:
        """Say why `what`, a job or a run of `job`, did or did not run."""
        shell = self.shell
        dialog = why_dialog.WhyDialog(shell.operations, what, job, self.told, dark=shell.dark)
        await self._follow(dialog)

    async def ask_compare(self, first: str, second: str | None = None) -> None:
        """Put two runs or tries side by side; see `Operations.compare`."""
        shell = self.shell
        await self._follow(compare_dialog.CompareDialog(shell.operations, first, second, self.told, dark=shell.dark))

    def compare_runs(self, rows: Sequence[OccurrenceRow]) -> None:
        """Put a run beside the last good one before it, or two marked ones side by side, the older first."""
        if len(rows) > 2:
            self.tell(f"two runs can be put side by side; {len(rows)} are marked")
        elif rows:
            ids = [str(row.id) for row in sorted(rows, key=lambda row: row.scheduled_at)]
            self.act(self.ask_compare(*ids))

    async def _follow(self, dialog: TextDialog) -> None:
        target = await self.app.push_screen_wait(dialog)
        if target is not None:
            await self.go_to(target)

    async def go_to(self, target: Target) -> None:
        """Show what a line names."""
        from .going import go_to

        await go_to(self, target)

    async def open_run(self, job: str, occurrence_id: UUID) -> None:
        """Go into an occurrence; a level with a single child is passed."""
        from .going import open_run

        await open_run(self, job, occurrence_id)

    async def edit(self, path: str, line: int) -> None:
        """Open a file at a line in the person's editor."""
        try:
            command = editor.editor_command(self.shell.environ, path, line)
            with lent_terminal.lent_terminal(self.app):
                process = await asyncio.create_subprocess_exec(*command)
                code = await process.wait()
        except (OSError, ValueError) as error:
            words = f"cannot start the editor ($EDITOR): {cleaned(lent_terminal.fault_words(error))}"
            self.app.notify(words, severity="error", markup=False)
        except SuspendNotSupported:
            self.app.notify(f"no editor can be opened here; the file is {cleaned(path)}:{line}", markup=False)
        else:
            if code:
                self.tell(f"the editor ended with exit code {code}")

    async def ask_and_cancel(self, row: OccurrenceRow) -> None:
        """Cancel an occurrence after a question that names it and says what happens."""
        view = self.shell.view
        when = day_text(row.scheduled_at, view.now, view.style.zone)
        name = f"{shown(row.job, 40)}, scheduled {when}"
        if row.status not in CANCELLABLE:
            self.tell(f"nothing to cancel: {name} is {STATE_WORDS[row.status]}")
            return
        lines = [name, *_effect(row, took(row.started_at, row.finished_at, view.now))]
        if await self.app.push_screen_wait(choice_dialog.confirm_dialog("Cancel this run?", lines)):
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
