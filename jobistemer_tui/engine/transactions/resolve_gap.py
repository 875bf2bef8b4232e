"""Transaction 6: give every instant of a gap its fate, once, and move the cursor so that it stays once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.records import Job, MissedRange, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.planner import fate, is_gap, is_paused, was_paused
from jobistemer_tui.engine.recovery import Gap, collect_gap, to_execute
from jobistemer_tui.engine.transactions.common import (
    Moved,
    Owner,
    load_of,
    plan_next,
    scheduled_row,
    tell,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.give_up import give_up
from jobistemer_tui.engine.transactions.handle_due import next_place
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    MISSED_RANGES,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_STATE,
    PAUSES_BY_JOB,
)


@dataclass(frozen=True, slots=True)
class GapReading:
    """The gap of a job as read before its transaction; `cursor_at` guards that nobody resolved it meanwhile."""

    job_id: UUID
    cursor_at: datetime
    gap: Gap


def read_gap(reader: Reader, owner: Owner, job_id: UUID, *, awake: datetime, now: datetime) -> GapReading:
    """Find the instants after the cursor that passed while no engine was awake; may take long for a long gap."""
    job = the_job(reader, job_id)
    return GapReading(job_id, job.cursor_at, collect_gap(_gap_instants(reader, owner, job, awake=awake, now=now)))


def _gap_instants(reader: Reader, owner: Owner, job: Job, *, awake: datetime, now: datetime) -> Iterator[datetime]:
    schedule = owner.definitions.schedule(reader, job) if job.scheduled else None
    if schedule is None:
        return
    policies = owner.definitions.of(reader, job.id, job.version).policies
    instants = schedule.between(job.cursor_at, now)
    current = next(instants, None)
    while current is not None and current < awake:
        following = next(instants, None)
        after = following if following is not None else schedule.next_after(current)
        if not is_gap(policies, current, after, now=now, awake=awake):
            return
        yield current
        current = following


def resolve_gap(
    tx: Transaction, owner: Owner, reading: GapReading, *, reason: Reason, now: datetime, due_at: datetime
) -> Occurrence | None:
    """Write the gap's rows; gives the occurrence that is to run after all, due at `due_at`, if any.

    Instants during a pause are skipped, whatever the strategy. Recovered occurrences of an earlier gap that have
    not started are superseded. Raises Moved if the cursor is no longer where it was read.
    """
    job = the_job(tx, reading.job_id)
    gap = reading.gap
    if job.cursor_at != reading.cursor_at:
        raise Moved(f"the gap of job {job.name} was resolved meanwhile")
    if not gap.instants:
        return None
    definition = owner.definitions.of(tx, job.id, job.version)
    # The spans as well: a pause may have been ended by a person while no engine was awake.
    spans = tx.scan(PAUSES_BY_JOB, job.id)
    paused = {instant for instant in gap.instants if is_paused(job, instant) or was_paused(spans, instant)}
    eligible = [instant for instant in gap.instants if instant not in paused]
    execute = to_execute(definition.policies.recovery, eligible)
    if execute:
        _supersede(tx, owner, job, now)
    recovered = None
    for instant in gap.instants:
        row = _row_at(tx, job, instant, now)
        if row is None:
            continue
        if instant in execute:
            recovered = _recover(tx, owner, job, row, now, due_at)
        else:
            _pass_over(tx, row, None if instant in paused else reason, now)
    # The planned row is the oldest instant of all, which in a very long gap is one of those that share a row.
    older = [row for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED) if _is_older(row, gap)]
    for row in older:
        _pass_over(tx, row, None if is_paused(job, row.scheduled_at) else reason, now)
    _write_range(tx, job, gap, gap.older_count - len(older), reason)
    moved = replace(job, cursor_at=gap.instants[-1])
    write_job(tx, job, plan_next(tx, moved, owner.definitions, after=gap.instants[-1], now=now))
    total = len(gap.instants) + gap.older_count
    tell_job(tx, "gap_resolved", owner.actor, now, job, {"instants": total, "reason": reason.value})
    return recovered


def _row_at(tx: Transaction, job: Job, instant: datetime, now: datetime) -> Occurrence | None:
    """The planned row of an instant, made if absent; None if the instant already has a fate."""
    row = scheduled_row(job, instant, now)
    if tx.insert(OCCURRENCES, row):
        return row
    found = tx.get(OCCURRENCES, identity.occurrence_id(job.id, instant))
    return found if found is not None and found.state is OccurrenceState.PLANNED else None


def _recover(tx: Transaction, owner: Owner, job: Job, row: Occurrence, now: datetime, due_at: datetime) -> Occurrence:
    definition = owner.definitions.of(tx, job.id, job.version)
    row_now = write_occurrence(tx, row, replace(row, trigger=Trigger.RECOVERY, due_at=due_at))
    decided = fate(definition.policies, load_of(tx, job.id, without=row_now), no_slot=Reason.SPREAD)
    if decided.state is OccurrenceState.PENDING:
        waiting = occurrence_moves.wait(row_now, Reason.SPREAD)
    else:
        # Recovered occurrences of a job run one after another, whatever its overlap policy.
        waiting = occurrence_moves.enqueue(row_now, Reason.OVERLAP, sequence=next_place(tx, job))
    written = write_occurrence(tx, row_now, replace(waiting, handled_at=now))
    tell(tx, "occurrence_recovered", owner.actor, now, written)
    return written


def _pass_over(tx: Transaction, row: Occurrence, reason: Reason | None, now: datetime) -> None:
    """Missed for a reason; with none, skipped because the job was paused."""
    if reason is None:
        moved = occurrence_moves.skip(row, Who.PLANNER, Reason.PAUSED, now=now)
    else:
        moved = occurrence_moves.miss(row, reason, now=now)
    write_occurrence(tx, row, replace(moved, handled_at=now))


def _supersede(tx: Transaction, owner: Owner, job: Job, now: datetime) -> None:
    for state in (OccurrenceState.PENDING, OccurrenceState.QUEUED):
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state):
            if row.trigger is Trigger.RECOVERY:
                missed = occurrence_moves.miss(row, Reason.DOWNTIME, now=now, detail={"superseded": True})
                give_up(tx, row, missed, who=Who.PLANNER, actor=owner.actor, now=now)


def _is_older(row: Occurrence, gap: Gap) -> bool:
    return gap.older_to is not None and row.scheduled_at <= gap.older_to


def _write_range(tx: Transaction, job: Job, gap: Gap, count: int, reason: Reason) -> None:
    if gap.older_from is not None and gap.older_to is not None and count:
        tx.insert(MISSED_RANGES, MissedRange(job.id, gap.older_from, gap.older_to, count, reason))
