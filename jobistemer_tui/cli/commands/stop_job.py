"""`jobistemer stop`"""

from __future__ import annotations

import click

from jobistemer_tui.cli.control_output import REASON, print_job
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("stop")
@click.argument("job")
@REASON
@global_options
@pass_session
def command(session: Session, job: str, reason: str | None) -> None:
    """Stop a job's schedule until it is started again: its instants leave no trace. What runs or waits goes on."""
    with session.opened() as opened:
        print_job(session, opened.operations.stop(job, reason=reason), "stopped until it is started")
