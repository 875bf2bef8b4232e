"""Start an occurrence, and carry it one step on: shared by handling, claiming and advancing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.params import with_defaults
from jobistemer_tui.domain.records import Attempt, Detail, Job, Occurrence, TaskRun
from jobistemer_tui.domain.states import (
    AttemptState,
    OccurrenceState,
    Reason,
    TaskRunState,
)
from jobistemer_tui.domain.task_run_moves import (
    AttemptEnd,
    end_attempt,
    end_task,
    explain_wait,
    start_attempt,
    start_task,
)
from jobistemer_tui.engine import graph
from jobistemer_tui.engine.transactions.announce import announce_start
from jobistemer_tui.engine.transactions.common import Launch, Moved, Owner, tell, write_occurrence
from jobistemer_tui.engine.transactions.groups import ranked
from jobistemer_tui.engine.transactions.places import free_attempts
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_TASK_RUN,
    TASK_RUNS,
    TASK_RUNS_BY_OCCURRENCE,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """What follows a step: tries to launch, tries to stop, and the occurrence as it stands now."""

    occurrence: Occurrence
    launches: tuple[Launch, ...] = ()
    stops: tuple[Attempt, ...] = ()


def begin(
    tx: Transaction,
    owner: Owner,
    job: Job,
    row: Occurrence,
    now: datetime,
    *,
    late: Detail | None = None,
    late_reason: Reason = Reason.OVERLOADED,
) -> tuple[Job, Progress]:
    """planned | pending → running, with task runs and first tries, all durable before any process starts.

    `late` says how late, where an engine that was awake was too slow (`overloaded`), or a gap before it had to wait.
    The job is given with its latest start, for the caller to write together with what else changes of it.
    """
    # One that ran before keeps the version it began with, to which its task runs belong.
    version = row.version if row.epoch else job.version
    definition = owner.definitions.of(tx, job.id, version)
    started = occurrence_moves.start(
        row, owner=owner.node_id, now=now, version=version,
        timeout_s=definition.policies.execution_timeout, last_run_at=job.last_run_at,
    )  # fmt: skip
    started = replace(
        ranked(started, definition.policies), handled_at=row.handled_at or now,
        reason=late_reason if late else None, detail=late or {},
        params=with_defaults(definition.params, row.params),
    )  # fmt: skip
    started = write_occurrence(tx, row, started)
    if row.replay_of is not None and not row.epoch:
        _fit_carried_over(tx, row, definition)
    runs = [
        TaskRun(
            identity.task_run_id(row.id, identity.task_id(job.id, task.name)), row.id, task.name, position,
            TaskRunState.PENDING,
        )
        for position, task in enumerate(definition.tasks)
    ]  # fmt: skip
    are_new = sum(tx.insert(TASK_RUNS, run) for run in runs) == len(runs)
    tell(tx, "occurrence_started", owner.actor, now, started, {"trigger": started.trigger.value, **(late or {})})
    announce_start(tx, definition, started, now)
    progress = carry_on(tx, owner, definition, started, now, new=runs if are_new else None)
    return replace(job, last_run_at=now), progress


def _fit_carried_over(tx: Transaction, row: Occurrence, definition: JobDefinition) -> None:
    """Give what a replay took over its place in the version that it starts with.

    While it waited an edit may have taken such a task out, and nothing could be said of one that is in no definition.
    """
    positions = {task.name: position for position, task in enumerate(definition.tasks)}
    for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id):
        position = positions.get(run.name)
        if position is None:
            tx.delete(TASK_RUNS, run.id)
        elif position != run.position:
            write_run(tx, run, replace(run, position=position))


def carry_on(
    tx: Transaction, owner: Owner, definition: JobDefinition, occurrence: Occurrence, now: datetime,
    *, new: Sequence[TaskRun] | None = None,
) -> Progress:  # fmt: skip
    """Apply what the graph says next: start, skip, cancel; the occurrence itself is ended by the caller.

    `new`: the task runs of the occurrence where they were made just now, so that none has been tried.
    """
    runs = {run.name: run for run in new or tx.scan(TASK_RUNS_BY_OCCURRENCE, occurrence.id)}
    step = graph.next_step(
        definition, {name: run.state for name, run in runs.items()}, stopping=is_stopping(occurrence, now),
        returning=returning_tasks(tx, runs.values(), now),
    )  # fmt: skip
    stops: list[Attempt] = []
    for name in step.cancel:
        stops.extend(_cancel_task(tx, runs[name], why_canceled(occurrence, now), now))
    for name in step.skip:
        write_run(tx, runs[name], end_task(runs[name], TaskRunState.SKIPPED, Reason.NEED_NOT_MET, now=now))
    starting = [runs[name] for name in step.start]
    launches = _start_tasks(tx, owner, definition, occurrence, starting, now, first=new is not None)
    if any(run.state is TaskRunState.PENDING and name not in step.start for name, run in runs.items()):
        _explain_waits(tx, definition, occurrence)
    return Progress(occurrence, tuple(launches), tuple(stops))


def returning_tasks(reader: Reader, runs: Iterable[TaskRun], now: datetime) -> list[str]:
    """The tasks whose next try is due and waits for a place, and so come before those that have not begun."""
    names = []
    for run in runs:
        if run.state is TaskRunState.RETRYING or is_held(run):
            tries = reader.scan(ATTEMPTS_BY_TASK_RUN, run.id, reverse=True, limit=1)
            if any(is_due(attempt, now) for attempt in tries):
                names.append(run.name)
    return names


def is_due(attempt: Attempt, now: datetime) -> bool:
    """Whether a try is planned and its time has come."""
    return attempt.state is AttemptState.PLANNED and (attempt.not_before is None or attempt.not_before <= now)


def is_held(run: TaskRun) -> bool:
    """Whether a task may start and has its first try, but no process more may run."""
    return run.state is TaskRunState.PENDING and run.reason is Reason.MAX_ATTEMPTS_RUNNING


def _start_tasks(
    tx: Transaction, owner: Owner, definition: JobDefinition, occurrence: Occurrence, runs: list[TaskRun],
    now: datetime, *, first: bool,
) -> list[Launch]:  # fmt: skip
    """Start as many as processes may run; the first tries of the others are planned and wait in line."""
    free = free_attempts(tx, owner) if runs else 0
    for run in runs[free:]:
        held = new_attempt(tx, run, now, not_before=now, reason=Reason.MAX_ATTEMPTS_RUNNING)
        detail = {"limit": owner.attempts, "attempt": str(held.id)}
        write_run(tx, run, explain_wait(run, Reason.MAX_ATTEMPTS_RUNNING, detail))
    return [_next_try(tx, definition, occurrence, run, now, first=first) for run in runs[:free]]


def _explain_waits(tx: Transaction, definition: JobDefinition, occurrence: Occurrence) -> None:
    """Let every task that has not begun say why."""
    runs = {run.name: run for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, occurrence.id)}
    waits = graph.why_waiting(definition, {name: run.state for name, run in runs.items()})
    for name, (reason, detail) in waits.items():
        run = runs[name]
        if not is_held(run) and (run.reason, run.detail) != (reason, detail):
            write_run(tx, run, explain_wait(run, reason, detail))


def is_stopping(occurrence: Occurrence, now: datetime) -> bool:
    """Whether nothing more may be started for an occurrence."""
    return occurrence.state is OccurrenceState.CANCELING or is_out_of_time(occurrence, now)


def is_out_of_time(occurrence: Occurrence, now: datetime) -> bool:
    """Whether the execution time-out has passed."""
    return occurrence.deadline_at is not None and occurrence.deadline_at <= now


def why_canceled(occurrence: Occurrence, now: datetime) -> Reason:
    """Why a task or try of an occurrence is being cancelled."""
    if occurrence.state is OccurrenceState.CANCELING and occurrence.reason is not None:
        return occurrence.reason
    return Reason.DEADLINE if is_out_of_time(occurrence, now) else Reason.SIBLING_FAILED


def _cancel_task(tx: Transaction, run: TaskRun, reason: Reason, now: datetime) -> list[Attempt]:
    """Cancel an open task: a waiting one at once; of a running one, give the tries that have to be stopped."""
    attempts = tx.scan(ATTEMPTS_BY_TASK_RUN, run.id)
    running = [attempt for attempt in attempts if attempt.state is AttemptState.RUNNING]
    if running:
        return running
    for attempt in attempts:
        if attempt.state is AttemptState.PLANNED:
            write_attempt(tx, attempt, end_attempt(attempt, AttemptEnd(AttemptState.CANCELED, reason, now)))
    write_run(tx, run, end_task(run, TaskRunState.CANCELED, reason, now=now))
    return []


def _next_try(
    tx: Transaction, definition: JobDefinition, occurrence: Occurrence, run: TaskRun, now: datetime, *, first: bool
) -> Launch:
    """pending → running with a try that may start at once; a task that came back counts its tries on."""
    write_run(tx, run, start_task(run, now))
    attempt = new_attempt(tx, run, now, not_before=None, number=1 if first else None)
    return Launch(occurrence, definition, definition.task(run.name), attempt)


def new_attempt(
    tx: Transaction, run: TaskRun, now: datetime, *, not_before: datetime | None, reason: Reason | None = None,
    number: int | None = None,
) -> Attempt:  # fmt: skip
    """Insert the next try: running at once, or planned and waiting for `reason`. `number`: where it is known."""
    number = number or len(tx.scan(ATTEMPTS_BY_TASK_RUN, run.id)) + 1
    planned = Attempt(
        id=identity.attempt_id(run.id, number), task_run_id=run.id, occurrence_id=run.occurrence_id,
        number=number, state=AttemptState.PLANNED, created_at=now, not_before=not_before, reason=reason,
    )  # fmt: skip
    attempt = planned if not_before is not None else start_attempt(planned, now)
    if not tx.insert(ATTEMPTS, attempt):
        raise Moved(f"try {number} of task {run.name} already exists")
    return attempt


def write_attempt(tx: Transaction, old: Attempt, new: Attempt) -> Attempt:
    """Compare and set a try. Raises Moved."""
    if not tx.replace(ATTEMPTS, old, new):
        raise Moved(f"attempt {old.id} is no longer {old.state}")
    return new


def write_run(tx: Transaction, old: TaskRun, new: TaskRun) -> TaskRun:
    """Compare and set a task's run. Raises Moved."""
    if not tx.replace(TASK_RUNS, old, new):
        raise Moved(f"task run {old.id} is no longer {old.state}")
    return new
