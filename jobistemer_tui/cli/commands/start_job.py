"""`jobistemer start`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.control_output import next_words, print_job
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("start")
@click.argument("job")
@global_options
@pass_session
def command(session: Session, job: str) -> None:
    """Let a stopped job's schedule go on, from now; what passed meanwhile is not made up for."""
    with session.opened() as opened:
        row = opened.operations.start(job)
        print_job(session, row, f"started{next_words(row)}")
        if not row.loaded:
            output.talk(f"{row.name}: it is not loaded, so nothing runs it")
