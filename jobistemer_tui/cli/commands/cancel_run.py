"""`jobistemer cancel`"""

from __future__ import annotations

from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import occurrence_detail_json


@click.command("cancel")
@click.argument("run", metavar="RUN|JOB")
@click.option("--reason", metavar="TEXT", help="Why; kept with the run.")
@global_options
@pass_session
def command(session: Session, run: str, reason: str | None) -> None:
    """Stop a run, or cancel one that waits. A job means its only open run."""
    with session.opened() as opened:
        operations = opened.operations
        row = operations.cancel(_occurrence_of(operations, run), reason=reason)
        if session.as_json:
            output.as_json(occurrence_detail_json(operations.occurrence(row.id)))
        else:
            output.talk(f"{row.job}: {row.status}")


def _occurrence_of(operations: Operations, text: str) -> UUID:
    found = operations.resolve(text)
    if found.kind != "job":
        identity: UUID = found.extra["occurrence_id"]
        return identity
    open_runs = operations.runs(job=found.name, statuses=OPEN_OCCURRENCES, limit=None)
    if not open_runs:
        raise NotFound(f"nothing of {found.name} runs or waits")
    if len(open_runs) > 1:
        ids = ", ".join(str(row.id)[:8] for row in open_runs[:5])
        raise Refused(f"{found.name} has {len(open_runs)} open runs: {ids}", hint="name one of them")
    return open_runs[0].id
