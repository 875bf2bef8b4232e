"""From what a line of a text names to the screen that shows it."""

from __future__ import annotations

from uuid import UUID

from textual.screen import Screen

from jobistemer_tui.tui.presentation.lines import Target

from .acting_screen import ActingScreen
from .attempt_log_screen import AttemptLogScreen
from .job_screen import JobScreen
from .job_tabs import Tab
from .occurrence_screen import OccurrenceScreen


async def open_run(screen: ActingScreen, job: str, occurrence_id: UUID) -> None:
    """Show an occurrence; of one with a single task that was tried once its log, as there is nothing to choose."""
    detail = await screen.look_up(lambda: screen.shell.operations.occurrence(occurrence_id))
    if detail is None:
        return
    if len(detail.tasks) == 1 and len(detail.tasks[0].attempts) == 1:
        open_log(screen, detail.tasks[0].attempts[0].id)
    else:
        _show(screen, OccurrenceScreen(screen.shell, job, occurrence_id))


def _show(screen: ActingScreen, shown: Screen[None]) -> None:
    """Put it on top, unless the person has gone elsewhere while it was looked up."""
    if screen.app.screen is screen:
        screen.app.push_screen(shown)


def open_log(screen: ActingScreen, attempt_id: UUID) -> None:
    """Show the log of a try as the person wants logs shown."""
    shell = screen.shell
    _show(
        screen,
        AttemptLogScreen(
            shell.operations, attempt_id, zone=shell.time_style.zone, ascii_only=shell.ascii, environ=shell.environ,
            options=shell.options, keymap=shell.keymap,
        ),
    )  # fmt: skip


async def go_to(screen: ActingScreen, target: Target) -> None:
    """Show a job, a version, an occurrence, a try or a file on top of `screen`; says so if it is no longer there."""
    shell = screen.shell
    match target.kind:
        case "file":
            path, _, line = target.id.rpartition(":")
            await (screen.edit(path, int(line)) if path and line.isdigit() else screen.edit(target.id, 1))
        case "job" | "version":
            identity, _, number = target.id.partition(" ")
            found = await screen.look_up(lambda: shell.operations.resolve(identity))
            if found is not None:
                tab = Tab.VERSIONS if number else Tab.OCCURRENCES
                _show(screen, JobScreen(shell, found.name, tab=tab, version=number))
        case "attempt":
            attempt_id = UUID(target.id)
            if await screen.look_up(lambda: shell.operations.log(attempt_id)) is not None:
                open_log(screen, attempt_id)
        case _:
            detail = await screen.look_up(lambda: shell.operations.occurrence(UUID(target.id)))
            if detail is not None:
                _show(screen, OccurrenceScreen(shell, detail.row.job, detail.row.id))
