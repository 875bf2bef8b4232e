"""`jobistemer runs`"""

from __future__ import annotations

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text, span_text
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.operations.json_shapes import occurrence_detail_json
from jobistemer_tui.operations.read_models import OccurrenceRow

_TITLES = ("RUN", "JOB", "STATUS", "REASON", "SCHEDULED", "TRIGGER", "TOOK")
_STATES = [state.value for state in OccurrenceState if state is not OccurrenceState.PLANNED]


@click.command("runs")
@click.option("--job", metavar="JOB", help="Only runs of this job.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(_STATES), help="Only runs in this state.")
@click.option("--limit", type=click.IntRange(0, 1_000_000), default=50, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="All there are.")
@global_options
@pass_session
def command(session: Session, job: str | None, statuses: tuple[str, ...], limit: int, everything: bool) -> None:
    """List runs, newest first."""
    states = [OccurrenceState(status) for status in statuses]
    with session.opened() as opened:
        rows = opened.operations.runs(job=job, statuses=states, limit=None if everything else limit)
        if session.as_json:
            output.as_json([occurrence_detail_json(detail) for detail in opened.operations.details(rows)])
            return
        output.table(_TITLES, [_cells(row) for row in rows])
        if not rows:
            output.talk("nothing has run yet" if not (job or statuses) else "there is no such run")


def _cells(row: OccurrenceRow) -> tuple[str, ...]:
    return (
        short_id(row.id),
        row.job,
        row.status.value,
        row.reason.value if row.reason is not None else "-",
        local_text(row.scheduled_at),
        row.trigger.value,
        span_text(row.started_at, row.finished_at),
    )
