"""What the commands that ask for a run have in common: their options, and what they print."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.log_printing import LogPrinting, Wanted, style_for
from jobistemer_tui.cli.waiting import wait_for_end
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import occurrence_detail_json
from jobistemer_tui.operations.read_models import Triggered

Callback = TypeVar("Callback", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--force", is_flag=True, help="Do not wait for other runs of the job or its group."),
    click.option("--wait", is_flag=True, help="Wait for the end; the exit code is 1 unless it completed."),
    click.option("--follow", is_flag=True, help="Wait for the end and print the log meanwhile."),
)


def request_options(callback: Callback) -> Callback:
    """Add the options of a command that asks for a run."""
    for option in reversed(_OPTIONS):
        callback = option(callback)
    return callback


def see_through(
    operations: Operations, job: str, made: Triggered, *, wait: bool, follow: bool, as_json: bool
) -> ExitCode:
    """Say what was made of a request; where that is wanted, wait for its end, or follow its log until then."""
    _talk(job, made)
    status = made.status
    if (wait or follow) and (made.engine_alive or made.status not in OPEN_OCCURRENCES):
        if follow:
            single = len(operations.job(job).tasks) == 1
            style = style_for(as_json=as_json, follow=True, single=single)
            LogPrinting(operations, Wanted(made.occurrence_id), style).follow()
        status = wait_for_end(operations, made.occurrence_id)
    if as_json:
        document = occurrence_detail_json(operations.occurrence(made.occurrence_id))
        (output.as_json_line if follow else output.as_json)(document)
    elif follow:
        output.talk(f"{job}: {status}")
    else:
        output.line(str(made.occurrence_id))
    return ExitCode.FAILED if (wait or follow) and status is not OccurrenceState.COMPLETED else ExitCode.DONE


def _talk(job: str, made: Triggered) -> None:
    reason = f" ({made.reason})" if made.reason is not None else ""
    if made.status in OPEN_OCCURRENCES and not made.engine_alive:
        output.talk(f"{job}: stored; no engine serves this store now, the next one to start in time runs it")
    else:
        output.talk(f"{job}: {made.status}{reason}")
