"""`jobistemer exec`"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.identity import KEY_PATTERN
from jobistemer_tui.errors import UsageError

if TYPE_CHECKING:
    from jobistemer_tui.operations.recorder import RecordedIn


@click.command("exec", context_settings={"allow_interspersed_args": False})
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--job", metavar="NAME", help="The job that the run is recorded under; default: after the command.")
@click.option("--timeout", type=Duration(), metavar="DURATION", help="End the command after this time.")
@global_options
@pass_session
def command(session: Session, words: tuple[str, ...], job: str | None, timeout: timedelta | None) -> int:
    """Run a command at once, for another scheduler such as cron, so that the run appears in the history.

    Output, exit code and signals are the command's own. It runs as well if it cannot be recorded.
    """
    if not words:
        raise UsageError("there is no command to run", hint="write: jobistemer exec -- COMMAND")
    if job is not None and not KEY_PATTERN.fullmatch(job):
        raise UsageError(f"{job!r} cannot name a job", hint="up to 64 letters, digits, '.', '_' and '-'")
    from jobistemer_tui.operations.external_run import run_external

    return run_external(
        words, job=job, timeout_s=None if timeout is None else timeout.total_seconds(), clock=SystemClock(),
        open_store=lambda: _open(session), warn=lambda text: output.talk(f"jobistemer exec: {text}"),
    )  # fmt: skip


def _open(session: Session) -> RecordedIn:
    from jobistemer_tui.wiring import open_home, recorded_in

    return recorded_in(open_home(session.home, session.store, session.environ, actor_kind="exec"))
