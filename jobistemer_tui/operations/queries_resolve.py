"""What a word on the command line means: a job, or the id of something that ran."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Attempt, FileState, Job, Occurrence, TaskRun
from jobistemer_tui.errors import NoSuchJob, NotFound, Refused, UsageError
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.read_models import Found
from jobistemer_tui.operations.zones import zone_or_none
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_ID,
    FILES_BY_ROOT,
    JOBS,
    JOBS_BY_KEY,
    OCCURRENCES,
    OCCURRENCES_BY_ID,
    OCCURRENCES_BY_JOB,
    TASK_RUNS,
    TASK_RUNS_BY_ID,
    Index,
    Table,
)

_SHORTEST_PREFIX = 8
_SHOWN_MATCHES = 5
_HEXADECIMAL = re.compile(r"[0-9a-f]{8,32}", re.ASCII)
_BY_ID: tuple[tuple[str, Table[Any], Index[Any]], ...] = (
    ("occurrence", OCCURRENCES, OCCURRENCES_BY_ID),
    ("task_run", TASK_RUNS, TASK_RUNS_BY_ID),
    ("attempt", ATTEMPTS, ATTEMPTS_BY_ID),
)


def find_job(reader: Reader, name: str) -> Job | None:
    """The job of that name; where none has it, the one whose key it is."""
    keyed = next(iter(reader.scan(JOBS_BY_KEY, name)), None)
    if keyed is not None and keyed.name == name:
        return keyed
    return next((job for job in reader.scan(JOBS_BY_KEY) if job.name == name), keyed)


def get_job(reader: Reader, name: str) -> Job:
    """The job of that name or key. Raises NotFound with the nearest name."""
    job = find_job(reader, name)
    if job is None:
        raise _no_such_job(reader, name, f"there is no job {name!r}")
    return job


def _no_such_job(reader: Reader, name: str, message: str) -> NoSuchJob:
    names = [job.name for job in reader.scan(JOBS_BY_KEY)]
    near = nearest(name, names)
    hint = "list them with: jobistemer jobs"
    if not names:
        hint = "there are no jobs yet: write a job file, then start the screen or jobistemer run, which read it"
    return NoSuchJob(message, name=name, near=near, hint="; ".join((did_you_mean(near, hint), *_refused(reader))))


def _refused(reader: Reader) -> tuple[str, ...]:
    """A job that was never published may stand in a file that is refused."""
    paths = [file.path for file in reader.scan(FILES_BY_ROOT) if file.state is FileState.REFUSED]
    return (f"or it may stand in {paths[0]}, which is refused (see `jobistemer check`)",) if paths else ()


def resolve(reader: Reader, versions: ListedVersions, text: str) -> Found:
    """What `text` means: see `contract.Operations.resolve`."""
    job = find_job(reader, text)
    if job is not None:
        return Found("job", job.id, job.name)
    name, at, instant = text.rpartition("@")
    if at and name:
        return _at_instant(reader, versions, get_job(reader, name), instant)
    digits = text.replace("-", "").lower()
    if _HEXADECIMAL.fullmatch(digits):
        return _by_id(reader, digits, text)
    message = f"there is no job {text!r}, and an id has at least {_SHORTEST_PREFIX} digits"
    raise _no_such_job(reader, text, message)


def _at_instant(reader: Reader, versions: ListedVersions, job: Job, text: str) -> Found:
    instant = _instant(text, _zone_of(reader, versions, job))
    found = reader.scan(OCCURRENCES_BY_JOB, job.id, instant)
    # A replay has the instant of what it replays, and is named by its id.
    rows = [row for row in found if row.replay_of is None] or found
    if not rows:
        raise NotFound(
            f"{job.name} has no run at {instant_text(instant)}",
            hint=f"list them with: jobistemer runs --job {job.name}",
        )
    if len(rows) > 1:
        raise _several(f"{job.name}@{text}", [row.id for row in rows])
    return _found("occurrence", rows[0])


def _zone_of(reader: Reader, versions: ListedVersions, job: Job) -> ZoneInfo:
    return zone_or_none(versions.of(reader, job).timezone) or ZoneInfo("UTC")


def _instant(text: str, zone: ZoneInfo) -> datetime:
    """An instant as written; without an offset it is on the wall clock of the job's zone."""
    try:
        instant = datetime.fromisoformat(text)
        return (instant if instant.tzinfo is not None else instant.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a time", hint="write for example nightly-backup@2026-10-25T00:30:00Z"
        ) from error


def _by_id(reader: Reader, digits: str, text: str) -> Found:
    found = list(_exactly(reader, UUID(digits)) if len(digits) == 32 else _beginning(reader, digits))
    if not found:
        raise NotFound(f"nothing has the id {text}", hint="list runs with: jobistemer runs")
    if len(found) > 1:
        raise _several(text, [one.id for one in found])
    return found[0]


def _exactly(reader: Reader, identity: UUID) -> Iterator[Found]:
    job = reader.get(JOBS, identity)
    if job is not None:
        yield Found("job", job.id, job.name)
    for kind, table, _ in _BY_ID:
        row = reader.get(table, identity)
        if row is not None:
            yield _found(kind, row)


def _beginning(reader: Reader, digits: str) -> Iterator[Found]:
    for job in reader.scan(JOBS_BY_KEY):
        if job.id.hex.startswith(digits):
            yield Found("job", job.id, job.name)
    low, high = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    for kind, _, index in _BY_ID:
        for row in reader.scan(index, low=low, high=high, limit=_SHOWN_MATCHES):
            yield _found(kind, row)


def _found(kind: str, row: Occurrence | TaskRun | Attempt) -> Found:
    """`extra` names the occurrence that a task run or an attempt belongs to."""
    owner = row.id if isinstance(row, Occurrence) else row.occurrence_id
    return Found(kind, row.id, extra={"occurrence_id": owner})


def _several(text: str, ids: list[UUID]) -> Refused:
    shown = ", ".join(str(one) for one in ids[:_SHOWN_MATCHES])
    return Refused(f"{text} means several: {shown}", hint="write more of the id")
