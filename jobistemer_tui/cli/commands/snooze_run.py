"""`jobistemer snooze`"""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from jobistemer_tui.cli.control_output import REASON, Until, print_run, until_options
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text
from jobistemer_tui.errors import UsageError


@click.command("snooze")
@click.argument("job")
@until_options
@click.option("--undo", is_flag=True, help="Let it start at its own time.")
@REASON
@global_options
@pass_session
def command(
    session: Session, job: str, until: datetime | None, length: timedelta | None, undo: bool, reason: str | None
) -> None:
    """Put off the run of a job that waits, else its next one: for some time from now, or until a time."""
    if undo == (until is not None or length is not None):
        raise UsageError("say until when, or --undo", hint="write --for DURATION, --until TIME or --undo")
    end = Until(until, length)
    with session.opened() as opened:
        operations = opened.operations
        at = end.at(operations.acting_time())
        if at is None:
            print_run(session, operations.unsnooze(job), "is not put off any more")
        else:
            row = operations.snooze(job, until=at, reason=reason)
            print_run(session, row, f"starts at {local_text(at)}")
