"""`jobistemer backfill`"""

from __future__ import annotations

from datetime import datetime, timedelta

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration, Instant, local_text
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.backfill_steps import step_json, step_words
from jobistemer_tui.operations.json_shapes import occurrence_json


@click.command("backfill")
@click.argument("job")
@click.argument("start", metavar="FROM", type=Instant())
@click.argument("end", metavar="TO", type=Instant())
@click.option("--yes", is_flag=True, help="Do it; without this the plan is shown and nothing is written.")
@click.option("--valid-for", type=Duration(), metavar="DURATION", help="How long it waits for an engine; 1h.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the audit.")
@global_options
@pass_session
def command(
    session: Session, job: str, start: datetime, end: datetime, yes: bool, valid_for: timedelta | None,
    reason: str | None,
) -> None:  # fmt: skip
    """Run a job for the times of its schedule from FROM to TO, both included, one after another.

    A time without a run gets one; a time whose run has ended is run again, as a replay; one that still waits or runs is
    left alone.
    """
    if end < start:
        raise UsageError(f"the range ends ({local_text(end)}) before it begins ({local_text(start)})")
    with session.opened() as opened:
        operations = opened.operations
        plan = operations.plan_backfill(job, start, end)
        if not yes:
            if session.as_json:
                output.as_json([step_json(step) for step in plan.steps])
                return
            output.table(("TIME", "WHAT"), [(local_text(step.instant), step_words(step)) for step in plan.steps])
            output.talk(f"{len(plan.to_run)} runs; nothing was written. To do it, say it again with --yes")
            return
        rows = operations.backfill(plan, request=new_request_id(), reason=reason, valid_for=valid_for)
        if session.as_json:
            output.as_json([occurrence_json(row, ()) for row in rows])
            return
        for row in rows:
            output.line(str(row.id))
        output.talk(f"{job}: {len(rows)} runs, one after another")
