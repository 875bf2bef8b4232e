"""Transaction 3: record how a try ended and, in the same transaction, all that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Attempt, Event, Occurrence, TaskRun
from jobistemer_tui.domain.states import (
    OWNED_OCCURRENCES,
    AttemptState,
    OccurrenceState,
    Reason,
    TaskRunState,
    Who,
)
from jobistemer_tui.domain.task_run_moves import (
    AttemptEnd,
    end_attempt,
    end_task,
    hold_attempt,
    retry_task,
    start_attempt,
    start_task,
)
from jobistemer_tui.engine import graph
from jobistemer_tui.engine.retry import NEVER_REPEATED, TaskOver, Tries, TryAgain, after_try
from jobistemer_tui.engine.transactions.announce import announce_end
from jobistemer_tui.engine.transactions.begin import (
    Progress,
    carry_on,
    is_due,
    is_out_of_time,
    is_stopping,
    new_attempt,
    why_canceled,
    write_attempt,
    write_run,
)
from jobistemer_tui.engine.transactions.common import Launch, Moved, Owner, tell, write_occurrence
from jobistemer_tui.engine.transactions.groups import lock_groups
from jobistemer_tui.engine.transactions.hand_on import set_state
from jobistemer_tui.engine.transactions.hand_over import hand_over
from jobistemer_tui.engine.transactions.places import why_no_return
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_TASK_RUN,
    OCCURRENCES,
    TASK_RUNS_BY_OCCURRENCE,
)


@dataclass(frozen=True, slots=True)
class Advanced:
    """What an outcome led to. `fenced`: the occurrence has another owner now, and nothing of it was changed."""

    progress: Progress | None = None
    fenced: bool = False
    promoted: tuple[Occurrence, ...] = ()


def owned(tx: Transaction, owner: Owner, occurrence_id: UUID) -> Occurrence | None:
    """The fence: the occurrence, if it is live and still this engine's; None otherwise."""
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.owner != owner.node_id or row.state not in OWNED_OCCURRENCES:
        return None
    return row


def advance(tx: Transaction, owner: Owner, attempt_id: UUID, end: AttemptEnd, now: datetime) -> Advanced:
    """Record the end of a try, then retry, start what is ready, or end the occurrence and wake the queue.

    Doing it again finds the try ended and changes nothing. A fenced owner leaves a late report in the audit,
    and so does the outcome of a try that had been given up as lost.
    """
    attempt = tx.get(ATTEMPTS, attempt_id)
    if attempt is None or attempt.state is not AttemptState.RUNNING:
        if attempt is not None and attempt.state is AttemptState.LOST is not end.state:
            _report_late(tx, owner, attempt, end, now)
        return Advanced()
    row = owned(tx, owner, attempt.occurrence_id)
    if row is None:
        _report_late(tx, owner, attempt, end, now)
        return Advanced(fenced=True)
    lock_groups(tx, row.group_name)
    definition = owner.definitions.of(tx, row.job_id, row.version)
    run = _run_of(tx, attempt)
    if end.state is AttemptState.CANCELED and end.reason is None:
        end = replace(end, reason=_why_stopped(tx, definition, row, run, now))
    if end.reason is Reason.DEADLINE and not is_out_of_time(row, now):
        # Time is up by the boot clock, by which the supervisor counts, or was before the wall clock was set back.
        row = write_occurrence(tx, row, replace(row, deadline_at=now))
    end = set_state(tx, row.job_id, attempt_id, end, now)
    if end.handed_on is not None:
        run = replace(run, outputs=end.handed_on.outputs)
    ended = write_attempt(tx, attempt, end_attempt(attempt, end))
    again = _after(tx, definition, row, run, ended, now)
    progress, promoted = proceed(tx, owner, definition, row, now)
    launches = (*again, *progress.launches)
    return Advanced(Progress(progress.occurrence, launches, progress.stops), promoted=promoted)


def proceed(
    tx: Transaction, owner: Owner, definition: JobDefinition, row: Occurrence, now: datetime
) -> tuple[Progress, tuple[Occurrence, ...]]:
    """One step of the graph; if nothing is open any more, end the occurrence and wake the oldest queued."""
    progress = carry_on(tx, owner, definition, row, now)
    runs = tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id)
    states = {run.name: run.state for run in runs}
    if not graph.is_over(states.values()):
        return progress, ()
    canceling = row.reason if row.state is OccurrenceState.CANCELING else None
    out_of_time = is_out_of_time(row, now) or any(run.reason is Reason.DEADLINE for run in runs)
    state, reason = graph.outcome(definition, states, canceling=canceling, out_of_time=out_of_time)
    if reason is Reason.TASK_FAILED and _never_spawned(runs):
        reason = Reason.SPAWN
    detail = row.detail if state is OccurrenceState.CANCELED else {}
    done = write_occurrence(tx, row, occurrence_moves.finish(row, state, reason, now=now, detail=detail))
    tell(tx, "occurrence_finished", owner.actor, now, done, {"status": done.state.value})
    announce_end(tx, definition, done, now)
    hand_over(tx, done)
    promoted = wake_queue(tx, row.job_id, definition, Who.OWNER, owner.actor, now)
    return Progress(done, (), progress.stops), tuple(promoted)


def _never_spawned(runs: Sequence[TaskRun]) -> bool:
    """Whether every task that failed did so because no process of it could be started."""
    return all(run.reason is Reason.SPAWN for run in runs if run.state is TaskRunState.FAILED)


def _run_of(tx: Transaction, attempt: Attempt) -> TaskRun:
    # All of them, which what follows asks for anyway.
    for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, attempt.occurrence_id):
        if run.id == attempt.task_run_id:
            return run
    raise Moved(f"attempt {attempt.id} belongs to no task run")


def _after(
    tx: Transaction, definition: JobDefinition, row: Occurrence, run: TaskRun, ended: Attempt, now: datetime
) -> tuple[Launch, ...]:
    policies = definition.task_policies(run.name)
    tries = Tries() if ended.state in NEVER_REPEATED else _tries(tx, run)
    decided = after_try(policies, ended, tries, now=now, stopping=is_stopping(row, now))
    if isinstance(decided, TryAgain) and not decided.waits and _is_taken_along(tx, definition, run):
        decided = after_try(policies, ended, tries, now=now, stopping=True)
    match decided:
        case TaskOver(state, reason):
            write_run(tx, run, end_task(run, state, reason, now=now, detail=ended.detail))
            return ()
        case TryAgain(not_before, waits=True):
            planned = new_attempt(tx, run, now, not_before=not_before, reason=Reason.RETRY)
            write_run(tx, run, retry_task(run, {"next_attempt": str(planned.id)}))
            return ()
        case TryAgain():
            attempt = new_attempt(tx, run, now, not_before=None)
            return (Launch(row, definition, definition.task(run.name), attempt),)


def _why_stopped(tx: Transaction, definition: JobDefinition, row: Occurrence, run: TaskRun, now: datetime) -> Reason:
    """Why a try was told to end: where nobody cancels and no other task has failed, only its time can be up."""
    reason = why_canceled(row, now)
    alone = reason is Reason.SIBLING_FAILED and not _is_taken_along(tx, definition, run)
    return Reason.DEADLINE if alone else reason


def _is_taken_along(tx: Transaction, definition: JobDefinition, run: TaskRun) -> bool:
    """Whether the failure of another task ends this one, which is being stopped: nothing of it begins any more."""
    states = {other.name: other.state for other in tx.scan(TASK_RUNS_BY_OCCURRENCE, run.occurrence_id)}
    return run.name in graph.to_cancel(definition, states)


def _tries(tx: Transaction, run: TaskRun) -> Tries:
    states = [attempt.state for attempt in tx.scan(ATTEMPTS_BY_TASK_RUN, run.id)]
    failures = sum(1 for state in states if state in (AttemptState.FAILED, AttemptState.TIMEOUT))
    never_started = 0
    while never_started < len(states) and states[-1 - never_started] is AttemptState.NOT_STARTED:
        never_started += 1
    return Tries(failures, never_started, lost=states.count(AttemptState.LOST))


def _report_late(tx: Transaction, owner: Owner, attempt: Attempt, end: AttemptEnd, now: datetime) -> None:
    tx.append(
        Event(
            at=now, kind="late_report", actor=owner.actor, occurrence_id=attempt.occurrence_id, reason=end.reason,
            detail={"attempt": str(attempt.id), "status": end.state.value, "exit_code": end.exit_code},
        )
    )  # fmt: skip


def start_retry(tx: Transaction, owner: Owner, attempt_id: UUID, now: datetime) -> Launch | None:
    """planned → running for a try whose `not_before` has come, fenced, just before its process starts.

    Where there is no place for it, it goes on waiting and says for what.
    """
    attempt = tx.get(ATTEMPTS, attempt_id)
    if attempt is None or not is_due(attempt, now):
        return None
    row = owned(tx, owner, attempt.occurrence_id)
    if row is None or is_stopping(row, now):
        return None
    definition = owner.definitions.of(tx, row.job_id, row.version)
    run = _run_of(tx, attempt)
    no_place = why_no_return(tx, owner, attempt, now) or _why_no_parallel(tx, definition, row)
    if no_place is not None:
        if attempt.reason is not no_place:
            write_attempt(tx, attempt, hold_attempt(attempt, no_place))
        return None
    if run.state in (TaskRunState.RETRYING, TaskRunState.PENDING):
        write_run(tx, run, start_task(run, now))
    started = write_attempt(tx, attempt, start_attempt(attempt, now))
    return Launch(row, definition, definition.task(run.name), started)


def _why_no_parallel(tx: Transaction, definition: JobDefinition, row: Occurrence) -> Reason | None:
    running = graph.running_count({run.name: run.state for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id)})
    return Reason.MAX_PARALLEL_TASKS if running >= graph.most_parallel(definition) else None


def stop_or_expire(tx: Transaction, owner: Owner, occurrence_id: UUID, now: datetime) -> Advanced:
    """Carry on an occurrence that is being cancelled or is out of time: what waits ends, what runs is to be told."""
    row = owned(tx, owner, occurrence_id)
    if row is None:
        return Advanced()
    lock_groups(tx, row.group_name)
    definition = owner.definitions.of(tx, row.job_id, row.version)
    progress, promoted = proceed(tx, owner, definition, row, now)
    return Advanced(progress, promoted=promoted)
