"""`jobistemer logs`"""

from __future__ import annotations

from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.log_printer import Style
from jobistemer_tui.cli.log_printing import LogPrinting, Wanted, style_for
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.contract import Operations


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
        detail = opened.operations.occurrence(wanted.occurrence_id)
        single = wanted.attempt_id is not None or len(detail.tasks) == 1
        style = style_for(as_json=session.as_json, follow=follow, single=single)
        printing = LogPrinting(opened.operations, wanted, style)
        if follow:
            output.talk(f"following {detail.row.job} {detail.row.id}; ^C ends it")
            printing.follow()
        else:
            printing.print_all()
        if style is Style.JSON:
            output.as_json([line for printer in printing.printers.values() for line in printer.collected])
        printing.explain()


def _wanted(operations: Operations, text: str) -> Wanted:
    found = operations.resolve(text)
    match found.kind:
        case "job":
            return Wanted(_latest(operations, found.name))
        case "attempt":
            return Wanted(found.extra["occurrence_id"], attempt_id=found.id)
        case "task_run":
            return Wanted(found.extra["occurrence_id"], task_run_id=found.id)
        case _:
            return Wanted(found.id)


def _latest(operations: Operations, job: str) -> UUID:
    """The newest run that started; where the newest few did not, the one that waits."""
    rows = operations.runs(job=job, limit=100)
    started = next((row for row in rows if row.started_at is not None), None)
    waiting = next((row for row in rows if row.status not in TERMINAL_OCCURRENCES), None)
    row = started or waiting
    if row is None:
        raise NotFound(f"{job} has not run yet", hint=f"run it with: jobistemer trigger {job}")
    return row.id
