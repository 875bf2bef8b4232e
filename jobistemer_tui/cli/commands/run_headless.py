"""`jobistemer run`"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import click

from jobistemer_tui.cli.event_lines import EventLines
from jobistemer_tui.cli.headless import Errand, Headless
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.settings.listen_address import parse_listen_address
from jobistemer_tui.settings.program_log import log_to_stderr
from jobistemer_tui.wiring import make_node, stop_node


@click.command("run")
@PATHS
@click.option("--trigger", "triggers", multiple=True, metavar="JOB", help="Run this job at once; repeatable.")
@click.option("--for", "length", type=Duration(), metavar="DURATION", help="Stop after this time.")
@click.option("--until-idle", is_flag=True, help="Stop when nothing runs, waits or is due within a second.")
@click.option("--metrics", metavar="ADDR", help="Serve Prometheus metrics at this address, such as 127.0.0.1:9178.")
@click.option("--drain", is_flag=True, help="When stopping, wait for what runs, at most 30 s; the default.")
@click.option("--cancel", is_flag=True, help="When stopping, cancel what runs.")
@global_options
@pass_session
def command(
    session: Session, paths: tuple[Path, ...], triggers: tuple[str, ...], length: timedelta | None,
    until_idle: bool, metrics: str | None, drain: bool, cancel: bool,
) -> int:  # fmt: skip
    """Run the scheduler without a screen, over job files.

    SIGTERM or ^C stops it; a second one skips the waiting, and what still runs goes on under the supervisor.
    With --until-idle the exit code is 1 if a job of --trigger did not complete.
    """
    if drain and cancel:
        raise UsageError("--drain and --cancel exclude one another", hint="give one of them")
    _check_address(metrics)
    roots = existing(paths)
    seconds = None if length is None else length.total_seconds()
    errand = Errand(triggers, seconds, until_idle)
    with session.opened(actor_kind="run") as opened:
        lines = EventLines(opened.operations, as_json=session.as_json)
        log_to_stderr(clean_text)
        node = make_node(opened, roots or (opened.locations.jobs_dir,), on_event=lines.print, metrics=metrics)
        how = "cancel" if cancel else "drain"
        return asyncio.run(Headless(node, lambda: stop_node(node, how), opened.operations, errand).run())


def _check_address(metrics: str | None) -> None:
    """Raise UsageError for what is no address to listen at."""
    if metrics is not None:
        try:
            parse_listen_address(metrics)
        except ValueError as error:
            raise UsageError(f"--metrics: {error}") from error
