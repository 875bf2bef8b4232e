"""`jobistemer pin`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.json_shapes import occurrence_detail_json


@click.command("pin")
@click.argument("run", metavar="RUN")
@click.option("--undo", is_flag=True, help="Let it be cleared away again.")
@global_options
@pass_session
def command(session: Session, run: str, undo: bool) -> None:
    """Keep a run, with its logs, from being cleared away, however old it gets."""
    with session.opened() as opened:
        operations = opened.operations
        found = operations.resolve(run)
        if found.kind == "job":
            raise UsageError(f"{run} is a job", hint=f"name a run of it; list them with: jobistemer runs --job {run}")
        row = operations.pin(found.extra["occurrence_id"], undo=undo)
        if session.as_json:
            output.as_json(occurrence_detail_json(operations.occurrence(row.id)))
        else:
            output.talk(f"{row.job} {short_id(row.id)}: {'no longer kept' if undo else 'kept'}")
