"""What the commands that act on tickers have in common: their options, and how they say what is so now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.session import Session
from jobistemer_tui.cli.times import Duration, Instant, local_text
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.json_shapes import job_json, occurrence_json
from jobistemer_tui.operations.read_models import JobRow, OccurrenceRow
from jobistemer_tui.settings.quick_dataclass import dataclass

Callback = TypeVar("Callback", bound=Callable[..., Any])

REASON = click.option("--reason", metavar="TEXT", help="Why; shown with it, and kept in the history.")
ALL = click.option("--all", "every", is_flag=True, help="All jobs that have a schedule.")


def until_options(callback: Callback) -> Callback:
    """Add `--until` and `--for`."""
    until = click.option("--until", type=Instant(), metavar="TIME", help="Until this time.")
    length = click.option("--for", "length", type=Duration(), metavar="DURATION", help="For so long from now.")
    return until(length(callback))


@dataclass(frozen=True, slots=True)
class Until:
    """An end as it was written: a time, a length, or neither. Raises UsageError for both."""

    until: datetime | None
    length: timedelta | None

    def __post_init__(self) -> None:
        if self.until is not None and self.length is not None:
            raise UsageError("--until and --for say the same in two ways", hint="use one of them")

    def at(self, now: datetime) -> datetime | None:
        """The end as an instant."""
        if self.length is None:
            return self.until
        try:
            return now + self.length
        except OverflowError as error:
            raise UsageError("--for is too long", hint="name a shorter time") from error


def one_or_all(job: str | None, every: bool) -> None:
    """Raise UsageError unless either a job or `--all` was given."""
    if every == (job is not None):
        raise UsageError("name a job, or write --all", hint="list the jobs with: jobistemer jobs")


def print_job(session: Session, row: JobRow, words: str) -> None:
    """How a job stands now."""
    if session.as_json:
        output.as_json(job_json(row))
    else:
        output.talk(f"{row.name}: {words}")


def print_jobs(session: Session, rows: Sequence[JobRow], words: str, none: str) -> None:
    """The same of many; `none` is said where there are none."""
    if session.as_json:
        output.as_json([job_json(row) for row in rows])
    else:
        output.talk("\n".join(f"{row.name}: {words}" for row in rows) or none)


def print_run(session: Session, row: OccurrenceRow, words: str) -> None:
    """What will become of a run that was marked."""
    if session.as_json:
        output.as_json(occurrence_json(row, []))
    else:
        output.talk(f"{row.job}: the run of {local_text(row.scheduled_at)} {words}")


def next_words(row: JobRow) -> str:
    """When it is planned next, if it is."""
    return f", next {local_text(row.next)}" if row.next else ""
