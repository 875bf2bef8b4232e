"""Run an occurrence again: a new one, linked to the old."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job, Occurrence, TaskRun
from jobistemer_tui.domain.states import (
    OPEN_OCCURRENCES,
    TERMINAL_OCCURRENCES,
    OccurrenceState,
    TaskRunState,
    Trigger,
)
from jobistemer_tui.domain.task_run_moves import carry_over
from jobistemer_tui.engine.control.runs import Request, made_by, place, refuse_unloaded
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.replaying import carried_over
from jobistemer_tui.engine.transactions.begin import write_run
from jobistemer_tui.engine.transactions.common import the_job, the_occurrence
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.settings.near_words import did_you_mean, nearest
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, TASK_RUNS, TASK_RUNS_BY_OCCURRENCE


def replay(
    tx: Transaction, occurrence: UUID, request: Request, *, failed_only: bool = False, from_task: str | None = None
) -> Occurrence:
    """Make a replay of an occurrence that has ended, under the job's overlap policy and its newest version.

    `failed_only`: what succeeded is carried over with its outputs. `from_task`: so is what does not come after that
    task, if it succeeded. The same request gives the row it made. Raises NotFound; Refused where it has not ended, its
    job is not loaded, or there is nothing to run again.
    """
    made = made_by(tx, request.id)
    if made is not None:
        return made
    original = the_occurrence(tx, occurrence)
    gate = the_job(tx, original.job_id)
    _check(gate, original)
    definition = Definitions().of(tx, gate.id, gate.version)
    runs = {run.name: run for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, original.id)}
    carried = _carried(definition, runs, failed_only=failed_only, from_task=from_task)
    row = insert_replay(tx, gate, original, request, request.id, Trigger.REPLAY)
    detail = {"replay_of": str(original.id), **({"carried_over": carried} if carried else {})}
    placed = place(tx, gate, row, request, "occurrence_replayed", detail)
    if placed.state in OPEN_OCCURRENCES:
        _carry_over(tx, gate, definition, placed, [runs[name] for name in carried])
    return placed


def insert_replay(
    tx: Transaction, gate: Job, original: Occurrence, request: Request, request_id: UUID, trigger: Trigger
) -> Occurrence:
    """The planned row of a replay under the smallest free number; instant, window, parameters are the original's."""
    row = Occurrence(
        id=original.id, job_id=gate.id, scheduled_at=original.scheduled_at, due_at=request.at, trigger=trigger,
        state=OccurrenceState.PLANNED, version=gate.version, created_at=request.at, request_id=request_id,
        replay_of=original.id, valid_until=request.valid_until, window=original.window, params=original.params,
        forced=request.forced,
    )  # fmt: skip
    for number in count(1):
        numbered = replace(row, id=identity.replay_occurrence_id(original.id, number))
        if tx.insert(OCCURRENCES, numbered):
            return numbered
    raise AssertionError("numbers never end")


def _check(gate: Job, original: Occurrence) -> None:
    if original.state not in TERMINAL_OCCURRENCES:
        raise Refused(f"occurrence {original.id} is {original.state.value}: it has not ended", hint="cancel it first")
    refuse_unloaded(gate)


def _carried(
    definition: JobDefinition, runs: dict[str, TaskRun], *, failed_only: bool, from_task: str | None
) -> list[str]:
    if from_task is not None:
        names = [task.name for task in definition.tasks]
        if from_task not in names:
            hint = did_you_mean(nearest(from_task, names), "it has " + ", ".join(names))
            raise NotFound(f"{definition.name} has no task {from_task!r}", hint=hint)
    elif not failed_only:
        return []
    carried = carried_over(definition, {name: run.state for name, run in runs.items()}, from_task)
    if len(carried) == len(definition.tasks):
        raise Refused("every task of that run succeeded", hint="replay it whole, or --from a task")
    return list(carried)


def _carry_over(
    tx: Transaction, gate: Job, definition: JobDefinition, row: Occurrence, originals: Sequence[TaskRun]
) -> None:
    """Task runs that are a success already, with the outputs and times of the original; their detail names it."""
    positions = {task.name: position for position, task in enumerate(definition.tasks)}
    for original in originals:
        run_id = identity.task_run_id(row.id, identity.task_id(gate.id, original.name))
        run = TaskRun(run_id, row.id, original.name, positions[original.name], TaskRunState.PENDING)
        tx.insert(TASK_RUNS, run)
        write_run(tx, run, carry_over(run, original))
