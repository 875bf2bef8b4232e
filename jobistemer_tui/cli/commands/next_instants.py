"""`jobistemer next`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text, read_instant
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.json_shapes import instant_json


@click.command("next")
@click.argument("job", required=False)
@click.option("--cron", metavar="E", help="Of this cron expression instead of a job.")
@click.option("--iso8601", metavar="T", help="Of this ISO 8601 interval.")
@click.option("--once", metavar="T", help="Of this time.")
@click.option("--timezone", metavar="Z", help="The zone of the expression, and of --after; default: the machine's.")
@click.option("--after", metavar="T", help="From this time on instead of now.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=5, show_default=True, help="How many.")
@global_options
@pass_session
def command(
    session: Session, job: str | None, cron: str | None, iso8601: str | None, once: str | None,
    timezone: str | None, after: str | None, count: int,
) -> None:  # fmt: skip
    """Say when a job, or a schedule, falls due; without either, what falls due next of all jobs."""
    given = [(kind, text) for kind, text in (("cron", cron), ("iso8601", iso8601), ("once", once)) if text is not None]
    if len(given) + (job is not None) > 1:
        raise UsageError("a job, --cron, --iso8601 and --once exclude one another", hint="give one of them")
    if timezone is not None and job is not None:
        raise UsageError("a job has its own time zone", hint="leave --timezone away")
    start = _after(after, timezone)
    if given:
        _print_instants(session, _of_expression(*given[0], timezone, start, count), timezone)
    else:
        _of_jobs(session, job, start, count)


def _after(text: str | None, timezone: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return read_instant(text, None if timezone is None else _zone(timezone))
    except ValueError as error:
        raise UsageError(f"--after: {error}") from error


def _zone(name: str) -> ZoneInfo:
    from jobistemer_tui.schedules.zones import find_zone

    return find_zone(name)


def _of_expression(kind: str, text: str, timezone: str | None, start: datetime | None, count: int) -> list[datetime]:
    """An interval that names no start counts from `start`."""
    from jobistemer_tui.domain.clock import SystemClock
    from jobistemer_tui.operations.queries_instants import instants_after
    from jobistemer_tui.schedules import Cron, Iso8601, Once
    from jobistemer_tui.schedules.zones import local_zone_name

    begin = start or SystemClock().now()
    zone = timezone or local_zone_name()
    schedule: Cron | Iso8601 | Once
    match kind:
        case "cron":
            schedule = Cron(text, timezone=zone, key="")
        case "iso8601":
            schedule = Iso8601(text, zone, begin)
        case _:
            schedule = Once(text, zone)
    output.talk("\n".join((schedule.describe(), *(hint.message for hint in schedule.hints_at(begin)))))
    return list(islice(instants_after(schedule, begin), count))


def _of_jobs(session: Session, job: str | None, start: datetime | None, count: int) -> None:
    with session.opened() as opened:
        if job is not None:
            begin = start or opened.operations.now()
            _print_instants(session, opened.operations.instants(job, begin, count), None)
            return
        upcoming = opened.operations.upcoming(start, count)
        if session.as_json:
            output.as_json([{"job": name, "at": instant_json(at)} for at, name in upcoming])
        else:
            output.table(("NEXT", "JOB"), [(local_text(at), name) for at, name in upcoming])


def _print_instants(session: Session, instants: Sequence[datetime], timezone: str | None) -> None:
    if session.as_json:
        output.as_json([instant_json(instant) for instant in instants])
        return
    zone = None if timezone is None else _zone(timezone)
    for instant in instants:
        output.line(local_text(instant, zone))
    if not instants:
        output.talk("there is no further instant")
