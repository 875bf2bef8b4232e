"""`jobistemer trigger`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.waiting import wait_for_end
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import occurrence_detail_json
from jobistemer_tui.operations.read_models import Triggered


@click.command("trigger")
@click.argument("job")
@click.option("--wait", is_flag=True, help="Wait for the end; the exit code is 1 unless it completed.")
@global_options
@pass_session
def command(session: Session, job: str, wait: bool) -> int:
    """Run a job now, under its overlap policy.

    Without an engine the request is stored, and the next engine that starts within an hour runs it.
    """
    with session.opened() as opened:
        operations = opened.operations
        made = operations.trigger(job, request=new_request_id())
        _talk(job, made)
        waits = wait and (made.engine_alive or made.status not in OPEN_OCCURRENCES)
        status = wait_for_end(operations, made.occurrence_id) if waits else made.status
        _print(operations, made, session.as_json)
        return ExitCode.FAILED if wait and status is not OccurrenceState.COMPLETED else ExitCode.DONE


def _talk(job: str, made: Triggered) -> None:
    reason = f" ({made.reason})" if made.reason is not None else ""
    if made.status in OPEN_OCCURRENCES and not made.engine_alive:
        output.talk(f"{job}: stored; no engine serves this store now, the next one to start within an hour runs it")
    else:
        output.talk(f"{job}: {made.status}{reason}")


def _print(operations: Operations, made: Triggered, as_json: bool) -> None:
    if as_json:
        output.as_json(occurrence_detail_json(operations.occurrence(made.occurrence_id)))
    else:
        output.line(str(made.occurrence_id))
