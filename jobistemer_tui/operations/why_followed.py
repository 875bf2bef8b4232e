"""What `why` says of the jobs that a job follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.instants import parse_instant
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.operations.why_answer import Evidence, Fact, moment
from jobistemer_tui.operations.why_history import History
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS_BY_KEY, OCCURRENCES_BY_JOB_HANDLED

_LOOKED_AT = 50


def followed_text(run: Detail, zone: tzinfo) -> str:
    """Which run a run came after; `run` as its row keeps it."""
    at = moment(parse_instant(str(run["finished_at"])), zone)
    return (
        f"it follows run {short_id(run['occurrence_id'])} of {run['job']}, which {_ended(str(run['status']))} at {at}"
    )


def followed_facts(reader: Reader, history: History, until: datetime, zone: tzinfo) -> Iterator[Fact]:
    """For each job that a job follows: how its last run up to a time ended, and whether that was followed."""
    wanted = _followed(history.schedule)
    jobs = {job.name: job for job in reader.scan(JOBS_BY_KEY) if job.name in wanted} if wanted else {}
    for name, on in wanted.items():
        job = jobs.get(name)
        if job is None:
            yield Fact(f"it follows {name}, and no job of that name was ever loaded here")
        else:
            yield _last_end(history, job, _last_ended(reader, job, until), on, zone)


def _followed(schedule: Schedule | None) -> dict[str, tuple[str, ...]]:
    """The jobs that a schedule follows, each with the outcomes that any of its parts does."""
    found: dict[str, tuple[str, ...]] = {}
    for follow in schedule.follows if schedule else ():
        for name in follow.jobs:
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), *follow.on)))
    return found


def _last_ended(reader: Reader, job: Job, until: datetime) -> Occurrence | None:
    rows = reader.scan(OCCURRENCES_BY_JOB_HANDLED, job.id, high=until, reverse=True, limit=_LOOKED_AT)
    over = [row for row in rows if row.state in TERMINAL_OCCURRENCES and row.finished_at and row.finished_at <= until]
    return max(over, key=lambda row: (row.finished_at, row.id), default=None)


def _last_end(history: History, job: Job, row: Occurrence | None, on: tuple[str, ...], zone: tzinfo) -> Fact:
    if row is None or row.finished_at is None:
        return Fact(f"it follows {job.name}, of which no run had ended by then", None, Evidence("job", str(job.id)))
    followed = f"and only {', '.join(on)} is followed"
    if row.state.value in on:
        followed = _why_not(history, job.name, row.state.value, row.finished_at, zone) or "which is followed"
    text = (
        f"it follows {job.name}, whose last run by then {_ended(row.state.value)} "
        f"at {moment(row.finished_at, zone)}, {followed}"
    )
    return Fact(text, row.finished_at, Evidence("occurrence", str(row.id)))


def _why_not(history: History, name: str, status: str, at: datetime, zone: tzinfo) -> str | None:
    """Why an end that the present version follows was not followed when it came."""
    version = history.version_at(at)
    if version is None:
        return f"but this job was first published later, at {moment(history.job.first_published_at, zone)}"
    if status not in _followed(history.schedules.get(version.number)).get(name, ()):
        return f"which version {version.number}, in force then, did not follow"
    stopped = history.stopped_at(at)
    return None if stopped is None else f"but the schedule was stopped then, at {moment(stopped.at, zone)}"


def _ended(status: str) -> str:
    return f"ended as {status.replace('_', ' ')}"
