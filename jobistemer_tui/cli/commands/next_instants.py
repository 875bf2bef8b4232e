"""`jobistemer next`"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.commands.list_jobs import job_state
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.tables import aligned
from jobistemer_tui.cli.times import ZoneTime, local_text, read_instant
from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.control_words import upcoming_words


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
        _of_expression(session, *given[0], timezone, start, count)
    elif job is not None:
        _of_job(session, job, start, count)
    else:
        _of_all(session, start, count)


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


def _of_expression(
    session: Session, kind: str, text: str, timezone: str | None, start: datetime | None, count: int
) -> None:
    """An interval that names no start counts from `start`."""
    from jobistemer_tui.domain.clock import SystemClock
    from jobistemer_tui.operations.queries_instants import times_after
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
    _print_times(session, times_after(schedule, begin, count), zone)


def _of_job(session: Session, name: str, start: datetime | None, count: int) -> None:
    with session.opened() as opened:
        detail = opened.operations.coming(name, start, count)
        row = detail.row
        state = job_state(row)
        about = "" if state in ("idle", "waiting", "running") else f" (the job is {state})"
        output.talk(
            "\n".join(part for part in (f"{row.schedule_words}{about}", *detail.hints, detail.zone_warning) if part)
        )
        _print_times(session, detail.coming, row.timezone, waits=bool(row.follows))


def _of_all(session: Session, start: datetime | None, count: int) -> None:
    with session.opened() as opened:
        upcoming = opened.operations.upcoming(start, count)
        if session.as_json:
            output.as_json([{"job": name, "at": instant_json(at)} for at, name in upcoming])
        else:
            output.table(("NEXT", "JOB"), [(local_text(at), name) for at, name in upcoming])


def _print_times(session: Session, times: Sequence[Upcoming], zone: str, *, waits: bool = False) -> None:
    """On the clock of the schedule's zone and, if that shows another time, the machine's; JSON is instants alone.

    `waits`: it also runs when other jobs end.
    """
    if session.as_json:
        output.as_json([instant_json(entry.instant) for entry in times if entry.is_scheduled])
        return
    clock = ZoneTime(zone)
    for cells in aligned([_cells(entry, clock) for entry in times]):
        output.line(cells)
    if not times:
        output.talk("no clock says when" if waits else "there is no further instant")


def _cells(entry: Upcoming, clock: ZoneTime) -> tuple[str, ...]:
    here, there = local_text(entry.instant), clock.text(entry.instant)
    return (there, "" if here == there else here, upcoming_words(entry, clock.text))
