"""Records for tests; each builder gives a valid one and takes changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.records import Attempt, Event, Job, JobVersion, Node, Occurrence, TaskRun
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, TaskRunState, Trigger

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def instant(second: int) -> datetime:
    """`NOW` and so many seconds."""
    return NOW + timedelta(seconds=second)


def sample_job(number: int = 1, **changes: Any) -> Job:
    """The job `job-NUMBER`."""
    key = f"job-{number}"
    job = Job(identity.job_id(key), key, key, 1, "hash", "/jobs/a.toml", "/jobs", NOW, NOW, NOW)
    return replace(job, **changes)


def sample_version(number: int = 1, job: int = 1) -> JobVersion:
    """A version of a sample job."""
    return JobVersion(identity.job_id(f"job-{job}"), number, "hash", {"tasks": []}, "/jobs/a.toml", 1, NOW)


def sample_occurrence(number: int = 0, job: int = 1, **changes: Any) -> Occurrence:
    """A planned occurrence of a sample job, due `number` seconds after `NOW`."""
    of, at = identity.job_id(f"job-{job}"), instant(number)
    occurrence = Occurrence(
        identity.occurrence_id(of, at), of, at, at, Trigger.SCHEDULE, OccurrenceState.PLANNED, 1, NOW
    )
    return replace(occurrence, **changes)


def sample_task_run(occurrence: Occurrence, position: int = 0, **changes: Any) -> TaskRun:
    """A pending task run of an occurrence."""
    id = identity.task_run_id(occurrence.id, identity.task_id(occurrence.job_id, f"task-{position}"))
    return replace(TaskRun(id, occurrence.id, f"task-{position}", position, TaskRunState.PENDING), **changes)


def sample_attempt(task_run: TaskRun, number: int = 1, **changes: Any) -> Attempt:
    """A running attempt of a task run."""
    id = identity.attempt_id(task_run.id, number)
    attempt = Attempt(id, task_run.id, task_run.occurrence_id, number, AttemptState.RUNNING, NOW)
    return replace(attempt, **changes)


def sample_node(number: int = 1, **changes: Any) -> Node:
    """A node that started `number` seconds after `NOW`."""
    at = instant(number)
    return replace(Node(UUID(int=number), "host", number, "machine", "boot", "1.0", "2026a", at, at), **changes)


def sample_event(kind: str = "tested", **changes: Any) -> Event:
    """An event without a job."""
    return replace(Event(NOW, kind, "test"), **changes)
