"""Does what is typed into the palette, on whatever screen it is typed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

from jobistemer_tui.tui.dialogs.choice_dialog import confirm_dialog
from jobistemer_tui.tui.presentation.fitting import shown
from jobistemer_tui.tui.presentation.lines import Target
from jobistemer_tui.tui.typed_commands import Typed

from .acting_screen import CANCELLABLE, ActingScreen
from .job_actions import triggered_words
from .job_screen import JobScreen
from .schedule_actions import ScheduleActionsScreen, counted

_NAMED = 8


async def do_typed(screen: ActingScreen, command: Typed) -> None:
    """Do a command without fault; what is refused is shown."""
    operations = screen.shell.operations
    match command.verb:
        case "job":
            await _go(screen, command.jobs[0])
        case "goto":
            await _go(screen, command.target)
        case "run":
            await _run(screen, command)
        case "cancel":
            await _cancel(screen, command.jobs[0])
        case "skip":
            await _skip(screen, command)
        case "resume":
            await _each(screen, command, operations.resume, "resumed")
        case _:
            seconds = command.seconds
            until = None if seconds is None else await screen.after(seconds)
            if until is None and seconds is not None:
                return
            pause = partial(operations.pause, reason=command.reason, until=until)
            await _each(screen, command, pause, "paused")


async def _go(screen: ActingScreen, target: str) -> None:
    """Go into what a job's name, an id, or `JOB@TIME` means."""
    found = await screen.look_up(lambda: screen.shell.operations.resolve(target))
    if found is None:
        return
    if found.kind == "job":
        screen.app.push_screen(JobScreen(screen.shell, found.name))
    elif found.kind == "attempt":
        await screen.go_to(Target(found.kind, str(found.id)))
    else:
        await screen.go_to(Target("occurrence", str(found.extra.get("occurrence_id", found.id))))


async def _run(screen: ActingScreen, command: Typed) -> None:
    operations, name, request = screen.shell.operations, command.jobs[0], uuid4()
    triggered = await screen.change(lambda: operations.trigger(name, request=request, params=command.params))
    if triggered is not None:
        screen.tell(triggered_words(name, triggered))


async def _cancel(screen: ActingScreen, name: str) -> None:
    operations = screen.shell.operations
    rows = await screen.look_up(lambda: operations.runs(job=name, statuses=CANCELLABLE, limit=50))
    if rows:
        await screen.ask_and_cancel(min(rows, key=lambda row: CANCELLABLE.index(row.status)))
    elif rows is not None:
        screen.tell(f"nothing of {name} is running or waiting")


async def _skip(screen: ActingScreen, command: Typed) -> None:
    lines = [shown(command.jobs[0], 40), "It will be recorded as skipped. The runs after it are not touched."]
    dialog = confirm_dialog("Skip the next run?", lines)
    if not screen.shell.options.confirm_skip or await screen.app.push_screen_wait(dialog) == "yes":
        await _each(screen, command, screen.shell.operations.skip, "its next run will be skipped")


async def _each(screen: ActingScreen, command: Typed, call: Callable[[str], Any], done: str) -> None:
    """Do it to every job named; to more than one only after a question that names them."""
    jobs = command.jobs
    if len(jobs) > 1:
        lines = [shown(name, 40) for name in jobs[:_NAMED]]
        lines += [f"and {len(jobs) - _NAMED} more"] if len(jobs) > _NAMED else []
        dialog = confirm_dialog(f"{command.verb.capitalize()} {len(jobs)} jobs?", lines)
        if await screen.app.push_screen_wait(dialog) != "yes":
            return
    if (begun := await screen.acting_time()) is None:
        return
    changed = [name for name in jobs if await screen.change(partial(call, name)) is not None]
    if changed:
        if undo := isinstance(screen, ScheduleActionsScreen):
            await screen.remember(changed, begun)
        screen.tell(f"{changed[0] if len(changed) == 1 else counted(len(changed))}: {done}", undo=undo)
