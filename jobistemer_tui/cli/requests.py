"""What the commands that ask for a run have in common: their options, and what they print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.exit_codes import ExitCode
from jobistemer_tui.cli.failed_tries import last_failures
from jobistemer_tui.cli.log_printing import LogPrinting, Wanted, style_for
from jobistemer_tui.cli.options import as_one
from jobistemer_tui.cli.times import Duration
from jobistemer_tui.cli.waiting import Stopped, watch
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.json_shapes import occurrence_detail_json
from jobistemer_tui.operations.read_models import OccurrenceDetail, Triggered
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """How a run is asked for, and seen through: `timeout` None waits for as long as it takes."""

    force: bool
    wait: bool
    follow: bool
    timeout: timedelta | None

    @property
    def waits(self) -> bool:
        """Whether the end is wanted at all."""
        return self.wait or self.follow or self.timeout is not None


request_options = as_one(
    "wish",
    Wish,
    click.option("--force", is_flag=True, help="Do not wait for other runs of the job or its group."),
    click.option("--wait", is_flag=True, help="Wait for the end; the exit code is 1 unless it completed."),
    click.option("--follow", is_flag=True, help="Wait for the end and print the log meanwhile."),
    click.option("--timeout", type=Duration(), metavar="DURATION", help="Wait no longer than this; the run goes on."),
)
"""The options of a command that asks for a run."""


def see_through(operations: Operations, job: str, made: Triggered, wish: Wish, *, as_json: bool) -> ExitCode:
    """Say what was made of a request; where that is wanted, wait for its end, or follow its log until then.

    ^C ends the waiting alone: the run is the engine's, and goes on.
    """
    _talk(job, made)
    code = ExitCode.DONE
    if wish.waits:
        try:
            code = _wait(operations, job, made, wish, as_json)
        except KeyboardInterrupt:
            output.talk(f"no longer waited for; the run goes on. To cancel it: jobistemer cancel {made.occurrence_id}")
            code = ExitCode.INTERRUPTED
    if as_json:
        document = occurrence_detail_json(operations.occurrence(made.occurrence_id))
        (output.as_json_line if wish.follow else output.as_json)(document)
    elif not wish.follow:
        output.line(str(made.occurrence_id))
    return code


def _wait(operations: Operations, job: str, made: Triggered, wish: Wish, as_json: bool) -> ExitCode:
    if not made.engine_alive and made.status in OPEN_OCCURRENCES:
        output.talk("not waited for: start an engine with jobistemer run")
        return ExitCode.FAILED
    each = printer(operations, job, made.occurrence_id, as_json=as_json) if wish.follow else _nothing
    seconds = None if wish.timeout is None else wish.timeout.total_seconds()
    stopped = watch(operations, made.occurrence_id, seconds=seconds, each=each)
    return told_end(operations, job, made.occurrence_id, stopped)


def printer(
    operations: Operations, job: str, occurrence_id: UUID, *, as_json: bool, single: bool | None = None
) -> Callable[[OccurrenceDetail], None]:
    """What prints the new lines of a run's log at each look; `single`: without the name of the task."""
    alone = len(operations.job(job).tasks) == 1 if single is None else single
    style = style_for(as_json=as_json, follow=True, single=alone)
    return LogPrinting(operations, Wanted(occurrence_id), style).print_new


def told_end(operations: Operations, job: str, occurrence_id: UUID, stopped: Stopped) -> ExitCode:
    """Say how a run ended, or why it is no longer waited for; 0 if it completed."""
    detail = operations.occurrence(occurrence_id)
    row = detail.row
    reason = "" if row.reason is None else f" ({row.reason})"
    output.talk("\n  ".join((f"{job}: {row.status}{reason}", *last_failures(detail.tasks))))
    match stopped:
        case Stopped.NO_ENGINE:
            output.talk("the engine has gone; what runs goes on, and the next engine records its end")
        case Stopped.TIME_OUT:
            output.talk(f"no longer waited for; the run goes on. To follow it: jobistemer logs -f {occurrence_id}")
        case Stopped.ENDED:
            pass
    return ExitCode.DONE if row.status is OccurrenceState.COMPLETED else ExitCode.FAILED


def _nothing(detail: OccurrenceDetail) -> None:
    """Wait only."""


def _talk(job: str, made: Triggered) -> None:
    reason = f" ({made.reason})" if made.reason is not None else ""
    if made.status in OPEN_OCCURRENCES and not made.engine_alive:
        output.talk(f"{job}: stored; no engine serves this store now, the next one to start in time runs it")
    else:
        output.talk(f"{job}: {made.status}{reason}")
