"""`jobistemer run`"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import click

from jobistemer_tui.cli.event_lines import EventLines
from jobistemer_tui.cli.foreground import run_in_foreground
from jobistemer_tui.cli.headless import Errand, Headless
from jobistemer_tui.cli.options import as_one
from jobistemer_tui.cli.params import read_params
from jobistemer_tui.cli.session import PATHS, Session, existing, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.clean_text import clean_text
from jobistemer_tui.settings.listen_address import parse_listen_address
from jobistemer_tui.settings.program_log import log_to_stderr
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.wiring import make_node, stop_node


@dataclass(frozen=True, slots=True)
class Foreground:
    """The job to be run here, if one is, and how."""

    job: str | None
    params: tuple[str, ...]
    force: bool


@dataclass(frozen=True, slots=True)
class Stopping:
    """What becomes of what runs when the engine is stopped."""

    drain: bool
    cancel: bool


@click.command("run")
@PATHS
@click.option("--trigger", "triggers", multiple=True, metavar="JOB", help="Run this job at once; repeatable.")
@click.option("--for", "length", type=Duration(), metavar="DURATION", help="Stop after this time.")
@click.option("--until-idle", is_flag=True, help="Stop when nothing runs, waits or is due within a second.")
@as_one(
    "here",
    Foreground,
    click.option("--foreground", "job", metavar="JOB", help="Run this job now, in this terminal, and nothing else."),
    click.option("--param", "params", multiple=True, metavar="NAME=VALUE", help="With --foreground: a parameter."),
    click.option("--force", is_flag=True, help="With --foreground: do not wait for other runs of it or its group."),
)
@click.option("--metrics", metavar="ADDR", help="Serve Prometheus metrics at this address, such as 127.0.0.1:9178.")
@as_one(
    "stop",
    Stopping,
    click.option("--drain", is_flag=True, help="When stopping, wait for what runs, at most 30 s; the default."),
    click.option("--cancel", is_flag=True, help="When stopping, cancel what runs."),
)
@global_options
@pass_session
def command(
    session: Session, paths: tuple[Path, ...], triggers: tuple[str, ...], length: timedelta | None,
    until_idle: bool, here: Foreground, metrics: str | None, stop: Stopping,
) -> int:  # fmt: skip
    """Run the scheduler without a screen, over job files.

    SIGTERM or ^C stops it; a second one skips the waiting, and what still runs goes on under the supervisor.
    With --until-idle the exit code is 1 if a job of --trigger did not complete.

    --foreground JOB runs one job as it runs when scheduled, shows what it writes, and ends with it.
    """
    if here.job is not None:
        if triggers or length or until_idle or metrics or stop.drain or stop.cancel:
            raise UsageError("--foreground runs one job and ends with it", hint="leave the other options away")
        return _in_foreground(session, here.job, existing(paths), here)
    if here.params or here.force:
        raise UsageError("--param and --force belong to --foreground", hint="write --foreground JOB")
    if stop.drain and stop.cancel:
        raise UsageError("--drain and --cancel exclude one another", hint="give one of them")
    _check_address(metrics)
    roots = existing(paths)
    seconds = None if length is None else length.total_seconds()
    errand = Errand(triggers, seconds, until_idle)
    with session.opened(actor_kind="run") as opened:
        lines = EventLines(opened.operations, as_json=session.as_json)
        log_to_stderr(clean_text)
        node = make_node(opened, roots or (opened.locations.jobs_dir,), on_event=lines.print, metrics=metrics)
        how = "cancel" if stop.cancel else "drain"
        return asyncio.run(Headless(node, lambda: stop_node(node, how), opened.operations, errand).run())


def _in_foreground(session: Session, job: str, paths: tuple[Path, ...], here: Foreground) -> int:
    params = read_params(here.params)
    with session.opened(actor_kind="run") as opened:
        log_to_stderr(clean_text)
        roots = paths or (opened.locations.jobs_dir,)
        return run_in_foreground(opened, job, roots, params=params, force=here.force, as_json=session.as_json)


def _check_address(metrics: str | None) -> None:
    """Raise UsageError for what is no address to listen at."""
    if metrics is not None:
        try:
            parse_listen_address(metrics)
        except ValueError as error:
            raise UsageError(f"--metrics: {error}") from error
