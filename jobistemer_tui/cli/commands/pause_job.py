"""`jobistemer pause`"""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from jobistemer_tui.cli.control_output import ALL, REASON, Until, one_or_all, print_job, print_jobs, until_options
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text


@click.command("pause")
@click.argument("job", required=False)
@ALL
@until_options
@REASON
@global_options
@pass_session
def command(
    session: Session, job: str | None, every: bool, until: datetime | None, length: timedelta | None, reason: str | None
) -> None:
    """Let a job's instants pass without running it; they are recorded as skipped."""
    one_or_all(job, every)
    end = Until(until, length)
    with session.opened() as opened:
        at = end.at(opened.operations.acting_time())
        words = f"paused until {local_text(at) if at else 'it is resumed'}"
        if job is None:
            print_jobs(
                session, opened.operations.pause_all(reason=reason, until=at), words, "every job is paused already"
            )
        else:
            print_job(session, opened.operations.pause(job, reason=reason, until=at), words)
