"""`jobistemer doctor`"""

from __future__ import annotations

import sys

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session, global_options, pass_session


@click.command("doctor")
@global_options
@pass_session
def command(session: Session) -> int:
    """Look at this installation: what is in order, what is not, and what to do about it.

    Nothing is changed. Exit code 1 if there is a problem; warnings alone end with 0.
    """
    from jobistemer_tui.domain.clock import SystemClock
    from jobistemer_tui.operations.doctor.examine import examine
    from jobistemer_tui.operations.doctor.finding import Level

    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    findings = examine(session.locations(), session.environ, encoding, SystemClock().now())
    if session.as_json:
        rows = [{"what": one.what, "level": one.level, "text": one.text, "advice": one.advice} for one in findings]
        output.as_json(rows)
    else:
        output.table(("WHAT", "", "FOUND"), [(one.what, one.level, one.text) for one in findings])
        for one in findings:
            if one.advice:
                output.line(f"{one.what}: {one.advice}")
    return ExitCode.FAILED if any(one.level is Level.PROBLEM for one in findings) else ExitCode.DONE
