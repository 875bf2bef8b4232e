"""`jobistemer resume`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.control_output import ALL, next_words, one_or_all, print_job, print_jobs
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("resume")
@click.argument("job", required=False)
@ALL
@global_options
@pass_session
def command(session: Session, job: str | None, every: bool) -> None:
    """End a job's pause; what passed meanwhile stays skipped.

    With --all, the pauses that `pause --all` made; jobs that were paused by themselves stay paused.
    """
    one_or_all(job, every)
    with session.opened() as opened:
        operations = opened.operations
        if job is not None:
            row = operations.resume(job)
            print_job(session, row, f"not paused{next_words(row)}")
            return
        print_jobs(session, operations.resume_all(), "not paused", "no pause of all jobs is to be ended")
        left = [row.name for row in operations.jobs() if row.paused and row.loaded]
        if left:
            output.talk(f"still paused by themselves: {', '.join(left)}")
