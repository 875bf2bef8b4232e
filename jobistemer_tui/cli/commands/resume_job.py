"""`jobistemer resume`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.operations.json_shapes import job_json


@click.command("resume")
@click.argument("job")
@global_options
@pass_session
def command(session: Session, job: str) -> None:
    """End a job's pause; what passed meanwhile stays skipped."""
    with session.opened() as opened:
        row = opened.operations.resume(job)
        if session.as_json:
            output.as_json(job_json(row))
        else:
            following = f", next {local_text(row.next)}" if row.next else ""
            output.talk(f"{row.name}: resumed{following}")
