"""When jobs fall due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from uuid import UUID

from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.operations.queries_jobs import is_paused
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS, OCCURRENCES_BY_DUE


def instants_after(schedule: Schedule, after: datetime) -> Iterator[datetime]:
    """The instants of a schedule after `after` (aware), computed as they are asked for."""
    instant = schedule.next_after(after)
    while instant is not None:
        yield instant
        instant = schedule.next_after(instant)


def upcoming(
    reader: Reader, definitions: Definitions, after: datetime, count: int, *, now: datetime
) -> list[tuple[datetime, str]]:
    """The first `count` instants of all jobs after `after`, with the jobs' names; what a pause skips is left out."""
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
    schedule = definitions.schedule(reader, job)
    if schedule is not None:
        for instant in instants_after(schedule, after):
            if not is_paused(job, instant):
                yield instant, job.name
            elif job.paused_until is None:
                return
