"""`jobistemer backfill`"""

from __future__ import annotations

from datetime import timedelta

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import Duration, ZoneTime
from jobistemer_tui.domain.identity import new_request_id
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.backfill_steps import step_json, step_words
from jobistemer_tui.operations.json_shapes import occurrence_json


@click.command("backfill")
@click.argument("job")
@click.argument("begin", metavar="FROM")
@click.argument("end", metavar="TO")
@click.option("--yes", is_flag=True, help="Do it; without this the plan is shown and nothing is written.")
@click.option("--valid-for", type=Duration(), metavar="DURATION", help="How long it waits for an engine; 1h.")
@click.option("--reason", metavar="TEXT", help="Why; kept in the audit.")
@global_options
@pass_session
def command(
    session: Session, job: str, begin: str, end: str, yes: bool, valid_for: timedelta | None, reason: str | None
) -> None:
    """Run a job for the times of its schedule from FROM to TO, both included, one after another.

    FROM and TO are on the wall clock of the job, if they have no offset; a date alone as TO means that whole day.
    A time without a run gets one; a time whose run has ended is run again, as a replay; one that still waits or runs is
    left alone.
    """
    with session.opened() as opened:
        operations = opened.operations
        zone = ZoneTime(operations.job(job, instants=1).row.timezone)
        first, last = zone.read(begin), zone.read_end(end)
        if last < first:
            raise UsageError(f"the range ends ({zone.text(last)}) before it begins ({zone.text(first)})")
        plan = operations.plan_backfill(job, first, last)
        if not yes:
            if session.as_json:
                output.as_json([step_json(step) for step in plan.steps])
                return
            output.table(("TIME", "WHAT"), [(zone.text(step.instant), step_words(step)) for step in plan.steps])
            output.talk(f"{len(plan.to_run)} runs; nothing was written. To do it, say it again with --yes")
            return
        rows = operations.backfill(plan, request=new_request_id(), reason=reason, valid_for=valid_for)
        if session.as_json:
            output.as_json([occurrence_json(row, ()) for row in rows])
            return
        for row in rows:
            output.line(str(row.id))
        output.talk(f"{job}: {len(rows)} runs, one after another")
