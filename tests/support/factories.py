"""Rows for tests, made through the domain's own records; every test says only what matters to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.records import Attempt, Event, Job, JobFile, JobState, JobVersion, Node, Occurrence, TaskRun
from jobistemer_tui.domain.states import (
    OPEN_OCCURRENCES,
    AttemptState,
    OccurrenceState,
    TaskRunState,
    Trigger,
)
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    JOB_FILES,
    JOB_STATES,
    JOB_VERSIONS,
    JOBS,
    NODES,
    OCCURRENCES,
    TASK_RUNS,
    Table,
)

NOW = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)
_TABLES: tuple[Table[Any], ...] = (JOBS, JOB_VERSIONS, NODES, OCCURRENCES, TASK_RUNS, ATTEMPTS, JOB_FILES, JOB_STATES)
Record = Job | JobVersion | Node | Occurrence | TaskRun | Attempt | JobFile | JobState


def make_definition(name: str = "backup", *, tasks: Sequence[str] = ("dump",), **values: Any) -> JobDefinition:
    """A job whose tasks run one after another and do nothing."""
    steps = [
        TaskDefinition(task, run="true", needs=() if number == 0 else (tasks[number - 1],))
        for number, task in enumerate(tasks)
    ]
    given: dict[str, Any] = {"key": name, "cwd": "/", "schedule": "0 5 * * *", **values}
    return JobDefinition(name=name, tasks=tuple(steps), **given)


def make_job(definition: JobDefinition, **values: Any) -> Job:
    """The gate of a job that was published a day before NOW."""
    published = NOW - timedelta(days=1)
    given: dict[str, Any] = {
        "source_path": f"/jobs/{definition.key}.toml", "source_root": "/jobs", "published_at": published,
        "first_published_at": published, "cursor_at": published, **values,
    }  # fmt: skip
    return Job(
        id=definition.id, key=definition.key, name=definition.name, version=1,
        content_hash=definition.content_hash, scheduled=definition.schedule is not None, **given,
    )  # fmt: skip


def make_version(definition: JobDefinition, job: Job, *, line: int = 7) -> JobVersion:
    """The job's present version."""
    return JobVersion(
        job.id, job.version, job.content_hash, definition.to_json(), job.source_path, line, job.published_at
    )


def make_occurrence(
    job: Job, at: datetime, state: OccurrenceState = OccurrenceState.COMPLETED, **values: Any
) -> Occurrence:
    """An occurrence that was handled at its instant and, if it ran to its end, took 90 s."""
    handled = None if state is OccurrenceState.PLANNED else at
    waits = state in (OccurrenceState.PENDING, OccurrenceState.QUEUED, OccurrenceState.PLANNED)
    never = state in (OccurrenceState.SKIPPED, OccurrenceState.MISSED)
    given: dict[str, Any] = {
        "created_at": at, "handled_at": handled, "started_at": None if waits or never else at,
        "finished_at": None if waits or state in OPEN_OCCURRENCES else at + timedelta(seconds=90), **values,
    }  # fmt: skip
    return Occurrence(
        id=given.pop("id", identity.occurrence_id(job.id, at)), job_id=job.id, scheduled_at=at, due_at=at,
        trigger=given.pop("trigger", Trigger.SCHEDULE), state=state, version=job.version, **given,
    )  # fmt: skip


def make_task_run(
    occurrence: Occurrence, name: str, *, position: int = 0, state: TaskRunState = TaskRunState.SUCCESS, **values: Any
) -> TaskRun:
    """One task of an occurrence."""
    task = identity.task_id(occurrence.job_id, name)
    return TaskRun(identity.task_run_id(occurrence.id, task), occurrence.id, name, position, state, **values)


def make_attempt(
    run: TaskRun,
    number: int = 1,
    state: AttemptState = AttemptState.SUCCESS,
    *,
    exit_code: int | None = 0,
    **values: Any,
) -> Attempt:
    """One try of a task."""
    return Attempt(
        id=identity.attempt_id(run.id, number), task_run_id=run.id, occurrence_id=run.occurrence_id, number=number,
        state=state, exit_code=exit_code, **{"created_at": NOW, **values},
    )  # fmt: skip


def make_node(number: int = 1, **values: Any) -> Node:
    """An engine that started an hour before NOW."""
    given: dict[str, Any] = {"host": "alder", "pid": 4242, "started_at": NOW - timedelta(hours=1), "swept_at": NOW}
    return Node(
        id=UUID(int=number), machine_id="m", boot_id="b", program_version="1", timezone_data="2026b",
        **{**given, **values},
    )  # fmt: skip


def add(store: Store, *records: Record) -> None:
    """Insert rows, parents first, each with its event, as every change of the program has one."""

    def work(tx: Transaction) -> None:
        for record in records:
            table = next(table for table in _TABLES if isinstance(record, table.record))
            assert tx.insert(table, record), record
            if isinstance(record, Occurrence):
                tx.append(Event(NOW, f"occurrence_{record.state}", "test", record.job_id, record.id))

    store.write(work)


def add_job(store: Store, definition: JobDefinition, *, line: int = 7, **values: Any) -> Job:
    """Insert a job with its version."""
    job = make_job(definition, **values)
    add(store, job, make_version(definition, job, line=line))
    return job


def change(store: Store, old: Record, **values: Any) -> Any:
    """Change a row as it is; gives the new one."""
    new = replace(old, **values)
    table = next(table for table in _TABLES if isinstance(old, table.record))
    assert store.write(lambda tx: tx.replace(table, old, new)), old
    return new
