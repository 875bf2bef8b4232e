"""When jobs fall due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from heapq import merge
from itertools import islice
from uuid import UUID

from jobistemer_tui.domain.pauses import unpaused_from
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.upcoming import FAR, listed, times_of
from jobistemer_tui.engine.upcoming import upcoming as times_to_come
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS, OCCURRENCES_BY_DUE


def times_after(schedule: Schedule, after: datetime, count: int) -> list[Upcoming]:
    """The first `count` times after `after` (aware) at which a schedule falls due, and those left out between."""
    return listed(times_of(schedule, after), count)


def upcoming(
    reader: Reader, definitions: Definitions, after: datetime, count: int, *, now: datetime
) -> list[tuple[datetime, str]]:
    """The first `count` instants of all jobs after `after`, with the jobs' names; what will not run is left out."""
    streams = [
        _of_job(reader, definitions, job, after)
        for job_id in _candidates(reader, after, count, now)
        if (job := reader.get(JOBS, job_id)) is not None
    ]
    return list(islice(merge(*streams), count))


def _candidates(reader: Reader, after: datetime, count: int, now: datetime) -> set[UUID]:
    """The jobs that can be among the first: a planned row is its job's first instant to come."""
    planned = OccurrenceState.PLANNED
    if after < now:
        rows = reader.scan(OCCURRENCES_BY_DUE, planned)
    else:
        rows = reader.scan(OCCURRENCES_BY_DUE, planned, high=after)
        rows += reader.scan(OCCURRENCES_BY_DUE, planned, low=after, limit=count + len(rows))
    return {row.job_id for row in rows}


def _of_job(reader: Reader, definitions: Definitions, job: Job, after: datetime) -> Iterator[tuple[datetime, str]]:
    """The instants of one job; none after 10,000 in a row that will not run, or where its schedule cannot say."""
    begin = unpaused_from(job, after)
    if begin is None:
        return
    left_out = 0
    with suppress(ScheduleError):  # shown with its job; the others are not to suffer
        for entry in times_to_come(reader, definitions, job, begin):
            left_out = 0 if entry.starts_at is not None else left_out + 1
            if entry.starts_at is not None:
                yield entry.instant, job.name
            elif left_out == FAR or (entry.reason is Reason.PAUSED and job.paused_until is None):
                return
