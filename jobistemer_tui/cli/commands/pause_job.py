"""`jobistemer pause`"""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration, Instant, local_text
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.json_shapes import job_json


@click.command("pause")
@click.argument("job")
@click.option("--until", type=Instant(), metavar="TIME", help="When it ends by itself.")
@click.option("--for", "length", type=Duration(), metavar="DURATION", help="After which time it ends by itself.")
@click.option("--reason", metavar="TEXT", help="Why; shown with the job.")
@global_options
@pass_session
def command(session: Session, job: str, until: datetime | None, length: timedelta | None, reason: str | None) -> None:
    """Let a job's instants pass without running it; they are recorded as skipped."""
    if until is not None and length is not None:
        raise UsageError("--until and --for say the same in two ways", hint="use one of them")
    with session.opened() as opened:
        end = _end(opened.operations.now(), length) if length is not None else until
        row = opened.operations.pause(job, reason=reason, until=end)
        if session.as_json:
            output.as_json(job_json(row))
        else:
            output.talk(f"{row.name}: paused until {local_text(end) if end else 'it is resumed'}")


def _end(now: datetime, length: timedelta) -> datetime:
    try:
        return now + length
    except OverflowError as error:
        raise UsageError("the pause is too long", hint="leave --for away to pause until it is resumed") from error
