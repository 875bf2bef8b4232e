"""`jobistemer cancel`"""

from __future__ import annotations

from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.states import OPEN_OCCURRENCES
from jobistemer_tui.errors import NotFound, Refused, UsageError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import occurrence_detail_json


@click.command("cancel")
@click.argument("run", metavar="[RUN|JOB]", required=False)
@click.option("--job", metavar="JOB", help="All that runs or waits of this job.")
@click.option("--all", "everything", is_flag=True, help="All that runs or waits.")
@click.option("--reason", metavar="TEXT", help="Why; kept with the run.")
@global_options
@pass_session
def command(session: Session, run: str | None, job: str | None, everything: bool, reason: str | None) -> None:
    """Stop a run, or cancel one that waits. A job means its only open run."""
    if [run is not None, job is not None, everything].count(True) != 1:
        raise UsageError("say what to cancel in one way", hint="name a run, or write --job JOB or --all")
    with session.opened() as opened:
        operations = opened.operations
        if run is not None:
            rows = [operations.cancel(_occurrence_of(operations, run), reason=reason)]
        else:
            rows = operations.cancel_all(job=job, reason=reason)
        if session.as_json:
            details = [occurrence_detail_json(operations.occurrence(row.id)) for row in rows]
            output.as_json(details[0] if run is not None else details)
            return
        for row in rows:
            output.talk(f"{row.job} {short_id(row.id)}: {row.status}")
        if not rows:
            output.talk("nothing runs or waits")


def _occurrence_of(operations: Operations, text: str) -> UUID:
    found = operations.resolve(text)
    if found.kind != "job":
        identity: UUID = found.extra["occurrence_id"]
        return identity
    open_runs = operations.runs(job=found.name, statuses=OPEN_OCCURRENCES, limit=None)
    if not open_runs:
        raise NotFound(f"nothing of {found.name} runs or waits")
    if len(open_runs) > 1:
        ids = ", ".join(short_id(row.id) for row in open_runs[:5])
        raise Refused(f"{found.name} has {len(open_runs)} open runs: {ids}", hint="name one of them")
    return open_runs[0].id
