"""`jobistemer skip`"""

from __future__ import annotations

from datetime import datetime

import click

from jobistemer_tui.cli.control_output import REASON, print_run
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import ZoneTime
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.contract import Operations


@click.command("skip")
@click.argument("job")
@click.argument("time", metavar="[TIME]", required=False)
@click.option("--undo", is_flag=True, help="Let it run after all.")
@REASON
@global_options
@pass_session
def command(session: Session, job: str, time: str | None, undo: bool, reason: str | None) -> None:
    """Skip a job's next run, or the one at TIME (on the wall clock of the job, if it has no offset)."""
    if undo and reason is not None:
        raise UsageError("--undo needs no --reason", hint="leave one of them away")
    with session.opened() as opened:
        instant = _instant(opened.operations, job, time)
        if undo:
            print_run(session, opened.operations.unskip(job, instant=instant), "will run")
        else:
            print_run(session, opened.operations.skip(job, instant=instant, reason=reason), "will be skipped")


def _instant(operations: Operations, job: str, text: str | None) -> datetime | None:
    return None if text is None else ZoneTime(operations.job(job, instants=1).row.timezone).read(text)
