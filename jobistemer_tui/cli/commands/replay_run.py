"""`jobistemer replay`"""

from __future__ import annotations

import click

from jobistemer_tui.cli.requests import Wish, request_options, see_through
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.errors import UsageError


@click.command("replay")
@click.argument("run", metavar="RUN")
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the audit.")
@click.option("--failed-only", is_flag=True, help="Only the tasks that did not succeed, and those after them.")
@click.option("--from", "from_task", metavar="TASK", help="Only this task and those after it.")
@request_options
@global_options
@pass_session
def command(
    session: Session, run: str, reason: str, failed_only: bool, from_task: str | None, wish: Wish
) -> int:  # fmt: skip
    """Run a run that has ended again, as a new one with the job's newest version.

    It has the instant and the parameters of the old one. Tasks that are not run again keep their success and outputs.
    """
    if failed_only and from_task is not None:
        raise UsageError("--failed-only and --from say different things", hint="use one of them")
    with session.opened() as opened:
        operations = opened.operations
        found = operations.resolve(run)
        if found.kind == "job":
            raise UsageError(f"{run} is a job", hint=f"name a run of it; list them with: jobistemer runs --job {run}")
        original = operations.occurrence(found.extra["occurrence_id"]).row
        made = operations.replay(
            original.id, request=new_request_id(), reason=reason, failed_only=failed_only, from_task=from_task,
            force=wish.force,
        )  # fmt: skip
        return see_through(operations, original.job, made, wish, as_json=session.as_json)
