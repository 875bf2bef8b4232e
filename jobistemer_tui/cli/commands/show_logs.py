"""`jobistemer logs`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.log_printer import LogPrinter, Style
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.waiting import looks
from jobistemer_tui.domain.states import OPEN_ATTEMPTS, TERMINAL_OCCURRENCES
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import AttemptRow, OccurrenceDetail, TaskRow


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An occurrence, or one of its attempts alone."""

    occurrence_id: UUID
    attempt_id: UUID | None = None
    task_run_id: UUID | None = None


@click.command("logs")
@click.argument("what", metavar="JOB|RUN|ATTEMPT")
@click.option("-f", "--follow", is_flag=True, help="Go on until the run has ended.")
@global_options
@pass_session
def command(session: Session, what: str, follow: bool) -> None:
    """Print what tasks wrote: of a job's latest run, of a run, or of one attempt.

    Of several tasks each line begins with the task's name. What goes to a file or a pipe is what the tasks wrote,
    byte for byte; what goes to a terminal is made safe for it.
    """
    with session.opened() as opened:
        wanted = _wanted(opened.operations, what)
        single = wanted.attempt_id is not None or len(opened.operations.occurrence(wanted.occurrence_id).tasks) == 1
        style = _style(session, follow=follow, single=single)
        printers: dict[UUID, LogPrinter] = {}
        if style is Style.JSON:
            _print_all(opened.operations, wanted, printers, Style.JSON)
            output.as_json([line for printer in printers.values() for line in printer.collected])
        elif follow:
            _follow(opened.operations, wanted, printers, style)
        else:
            _print_all(opened.operations, wanted, printers, style)
        for printer in printers.values():
            printer.explain()


def _style(session: Session, *, follow: bool, single: bool) -> Style:
    if session.as_json:
        return Style.JSON_LINES if follow else Style.JSON
    if output.is_terminal():
        return Style.CLEAN if single else Style.CLEAN_PREFIXED
    return Style.RAW if single else Style.RAW_PREFIXED


def _wanted(operations: Operations, text: str) -> _Wanted:
    found = operations.resolve(text)
    match found.kind:
        case "job":
            return _Wanted(_latest(operations, found.name))
        case "attempt":
            return _Wanted(found.extra["occurrence_id"], attempt_id=found.id)
        case "task_run":
            return _Wanted(found.extra["occurrence_id"], task_run_id=found.id)
        case _:
            return _Wanted(found.id)


def _latest(operations: Operations, job: str) -> UUID:
    """The newest run that started; where the newest few did not, the one that waits."""
    rows = operations.runs(job=job, limit=100)
    started = next((row for row in rows if row.started_at is not None), None)
    waiting = next((row for row in rows if row.status not in TERMINAL_OCCURRENCES), None)
    row = started or waiting
    if row is None:
        raise NotFound(f"{job} has not run yet", hint=f"run it with: jobistemer trigger {job}")
    return row.id


def _follow(operations: Operations, wanted: _Wanted, printers: dict[UUID, LogPrinter], style: Style) -> None:
    detail = operations.occurrence(wanted.occurrence_id)
    output.talk(f"following {detail.row.job} {detail.row.id}; ^C ends it")
    for changed in looks(operations):
        if changed:
            detail = operations.occurrence(wanted.occurrence_id)
        _print(operations, detail, wanted, printers, style)
        output.flush()
        if detail.row.status in TERMINAL_OCCURRENCES or _has_ended(detail, wanted):
            return


def _has_ended(detail: OccurrenceDetail, wanted: _Wanted) -> bool:
    """Whether the one attempt that is wanted is over, though its run may go on."""
    if wanted.attempt_id is None:
        return False
    return all(attempt.status not in OPEN_ATTEMPTS for _, attempt in _attempts(detail, wanted))


def _print_all(operations: Operations, wanted: _Wanted, printers: dict[UUID, LogPrinter], style: Style) -> None:
    _print(operations, operations.occurrence(wanted.occurrence_id), wanted, printers, style)


def _print(
    operations: Operations,
    detail: OccurrenceDetail,
    wanted: _Wanted,
    printers: dict[UUID, LogPrinter],
    style: Style,
) -> None:
    for task, attempt in _attempts(detail, wanted):
        if attempt.id not in printers:
            printers[attempt.id] = LogPrinter(operations.log(attempt.id).folder, task.name, attempt, style)
        following = detail.row.status not in TERMINAL_OCCURRENCES and attempt.status in OPEN_ATTEMPTS
        printers[attempt.id].print_new(ended=not following)


def _attempts(detail: OccurrenceDetail, wanted: _Wanted) -> Iterator[tuple[TaskRow, AttemptRow]]:
    for task in detail.tasks:
        for attempt in task.attempts:
            if wanted.attempt_id in (None, attempt.id) and wanted.task_run_id in (None, task.id):
                yield task, attempt
