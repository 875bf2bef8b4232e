"""Transactions 4 and 5: adopt what a dead engine owned, or reap it with evidence. One row a transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Attempt, Occurrence, TaskRun
from jobistemer_tui.domain.states import (
    OPEN_TASK_RUNS,
    OWNED_OCCURRENCES,
    AttemptState,
    OccurrenceState,
    Reason,
    TaskRunState,
    Who,
)
from jobistemer_tui.domain.task_run_moves import AttemptEnd, end_attempt, end_task, explain_wait, release_task
from jobistemer_tui.engine.retry import may_rerun
from jobistemer_tui.engine.transactions.announce import announce_end
from jobistemer_tui.engine.transactions.begin import write_attempt, write_run
from jobistemer_tui.engine.transactions.common import Owner, tell, write_occurrence
from jobistemer_tui.engine.transactions.groups import lock_groups
from jobistemer_tui.engine.transactions.hand_over import hand_over
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import ATTEMPTS_BY_OCCURRENCE, OCCURRENCES, TASK_RUNS_BY_OCCURRENCE

HOST_RESTARTED = "host_restarted"
"""In the detail of a running try: the machine was restarted since it was launched."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen of an occurrence whose owner is gone; repeated as the guard of the write.

    `lost` are running tries of which nobody knows the outcome, `never_started` those proven never to have begun.
    """

    owner: UUID
    epoch: int
    lost: frozenset[UUID]
    never_started: frozenset[UUID]


def adopt(
    tx: Transaction, owner: Owner, occurrence_id: UUID, dead: UUID, now: datetime, *, restarted: bool = False
) -> Occurrence | None:
    """Owner = me, epoch + 1, states kept. None if the row moved on.

    `restarted`: the dead owner ran before the machine was restarted. Its running tries are marked in the same
    transaction, because nobody could tell afterwards that it is no proof if there is no trace of them.
    """
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or row.owner != dead or row.state not in OWNED_OCCURRENCES:
        return None
    mine = write_occurrence(tx, row, occurrence_moves.adopt(row, owner.node_id))
    for attempt in tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id) if restarted else ():
        if attempt.state is AttemptState.RUNNING:
            write_attempt(tx, attempt, replace(attempt, detail={**attempt.detail, HOST_RESTARTED: True}))
    tell(tx, "occurrence_adopted", owner.actor, now, mine, {"from": str(dead)})
    return mine


def reap(tx: Transaction, owner: Owner, occurrence_id: UUID, evidence: Evidence, now: datetime) -> Occurrence | None:
    """Epoch + 1; tries `lost` or `not_started`; the occurrence `failed_stale`, or `pending` if it may run again.

    None if the row moved on, if a running try is not in the evidence, or if no open try of it was ever more than
    planned (it is to be adopted instead).
    """
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is None or (row.owner, row.epoch) != (evidence.owner, evidence.epoch) or row.state not in OWNED_OCCURRENCES:
        return None
    attempts = tx.scan(ATTEMPTS_BY_OCCURRENCE, row.id)
    running = {attempt.id for attempt in attempts if attempt.state is AttemptState.RUNNING}
    if not running or not running <= evidence.lost | evidence.never_started:
        return None
    lock_groups(tx, row.group_name)
    definition = owner.definitions.of(tx, row.job_id, row.version)
    runs = {run.id: run for run in tx.scan(TASK_RUNS_BY_OCCURRENCE, row.id)}
    lost = [runs[attempt.task_run_id] for attempt in attempts if attempt.id in evidence.lost]
    before = Counter(attempt.task_run_id for attempt in attempts if attempt.state is AttemptState.LOST)
    again = _may_run_again(definition, row, {run.name: before[run.id] + 1 for run in lost})
    for attempt in attempts:
        _end_attempt(tx, attempt, evidence, now)
    for run in runs.values():
        _end_run(tx, run, again, now)
    moved = (
        occurrence_moves.release(row, Reason.RERUN if evidence.lost else Reason.NEVER_STARTED)
        if again
        else occurrence_moves.reap(row, Reason.OWNER_LOST, now=now, detail={"owner": str(evidence.owner)})
    )
    written = write_occurrence(tx, row, moved)
    tell(tx, "occurrence_reaped", owner.actor, now, written, {"status": written.state.value})
    if not again:
        announce_end(tx, definition, written, now)
        hand_over(tx, written)
    wake_queue(tx, row.job_id, definition, Who.REAPER, owner.actor, now)
    return written


def _may_run_again(definition: JobDefinition, row: Occurrence, lost: Mapping[str, int]) -> bool:
    """`lost`: for each task that was lost, how many of its tries were so far, this one included."""
    if row.state is not OccurrenceState.RUNNING:
        return False
    return all(may_rerun(definition.task_policies(name), count) for name, count in lost.items())


def _end_attempt(tx: Transaction, attempt: Attempt, evidence: Evidence, now: datetime) -> None:
    if attempt.state is AttemptState.PLANNED or attempt.id in evidence.never_started:
        end = AttemptEnd(AttemptState.NOT_STARTED, Reason.NEVER_STARTED, now)
    elif attempt.state is AttemptState.RUNNING:
        end = AttemptEnd(AttemptState.LOST, Reason.OWNER_LOST, now)
    else:
        return
    write_attempt(tx, attempt, end_attempt(attempt, end, Who.REAPER))


def _end_run(tx: Transaction, run: TaskRun, again: bool, now: datetime) -> None:
    if run.state not in OPEN_TASK_RUNS:
        return
    if again:
        waits = run.state is TaskRunState.PENDING
        write_run(tx, run, explain_wait(run, None, {}) if waits else release_task(run))
    elif run.state is TaskRunState.PENDING:
        write_run(tx, run, end_task(run, TaskRunState.CANCELED, Reason.OWNER_LOST, now=now))
    else:
        write_run(tx, run, end_task(run, TaskRunState.FAILED_STALE, Reason.OWNER_LOST, now=now, who=Who.REAPER))
