"""Run a job for the instants of a range of the past, one after another in time order."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import islice, takewhile
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Job, MissedRange, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger, Who
from jobistemer_tui.engine.backfill import MOST, Act, Ranged, Step, split, steps_of
from jobistemer_tui.engine.control.replays import insert_replay
from jobistemer_tui.engine.control.runs import Request, made_by, refuse_unloaded
from jobistemer_tui.engine.definitions import Definitions, schedule_of
from jobistemer_tui.engine.planner import SKIPPED_TOGETHER, fate
from jobistemer_tui.engine.transactions.common import (
    Moved,
    blocking,
    load_of,
    scheduled_row,
    tell,
    tell_job,
    the_job,
    write_job,
    write_occurrence,
)
from jobistemer_tui.engine.transactions.cut_range import count_without_row, schedule_of_range
from jobistemer_tui.engine.transactions.groups import lock_groups, ranked
from jobistemer_tui.engine.transactions.handle_due import next_place
from jobistemer_tui.engine.transactions.wake import has_live_in_turn
from jobistemer_tui.errors import Refused
from jobistemer_tui.schedules import Schedule, Slot
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import MISSED_RANGES, OCCURRENCES, RANGES_BY_JOB


@dataclass(frozen=True, slots=True)
class Backfill:
    """What a backfill would do, as it was read: a step for each slot, and the ranges that it splits into parts."""

    job_id: UUID
    steps: tuple[Step, ...]
    splits: tuple[tuple[MissedRange, tuple[MissedRange, ...]], ...] = ()

    @property
    def to_run(self) -> tuple[Step, ...]:
        """The steps that make an occurrence, in time order."""
        return tuple(step for step in self.steps if step.act in (Act.RUN, Act.REPLAY))


def plan_backfill(reader: Reader, job: UUID, start: datetime, end: datetime, now: datetime) -> Backfill:
    """Find the slots from `start` to `end`, both included, that lie in the past, and what is to be done about each.

    Raises NotFound; Refused for a job that is not loaded or has no schedule, and for more than MOST slots.
    """
    gate = the_job(reader, job)
    schedule = _schedule(reader, gate)
    slots = list(islice(_slots(schedule, start, min(end, now)), MOST + 1))
    if len(slots) > MOST:
        raise Refused(f"{gate.name} has more than {MOST} instants in that range", hint="take a shorter one")
    rows = {slot.instant: row for slot in slots if (row := _row_at(reader, job, slot.instant)) is not None}
    definitions = Definitions()
    ranges = [
        Ranged(missed, schedule_of_range(reader, definitions, gate, missed) or schedule)
        for missed in reader.scan(RANGES_BY_JOB, job)
    ]
    steps = steps_of(slots, rows, ranges)
    return Backfill(job, steps, tuple(_split_all(reader, steps, ranges)))


def backfill(tx: Transaction, plan: Backfill, request: Request) -> list[Occurrence]:
    """Make the occurrences of a plan: the first waits for an engine, the others behind it.

    An instant without a fate gets its own id, one that has a fate a replay; the ranges of missed instants are split.
    The same request gives the rows it made. Raises Moved where the plan no longer says how things stand; Refused where
    the job has been retired since.
    """
    asked = {step.instant: uuid.uuid5(request.id, instant_text(step.instant)) for step in plan.steps}
    made = [row for key in asked.values() if (row := made_by(tx, key)) is not None]
    if made:
        return made
    gate = the_job(tx, plan.job_id)
    refuse_unloaded(gate)
    lock_groups(tx, gate.group_name)
    _split(tx, plan)
    rows = [_insert(tx, gate, step, request, asked[step.instant]) for step in plan.to_run]
    placed = [_place(tx, gate, row, request) for row in rows]
    detail = {"runs": len(placed), "instants": [instant_text(row.scheduled_at) for row in placed], **request.detail}
    if placed:
        tell_job(tx, "backfilled", request.actor, request.at, gate, detail)
        write_job(tx, gate, gate)
    return placed


def _schedule(reader: Reader, gate: Job) -> Schedule:
    """The schedule of the present version alone, whatever the one before still has to do."""
    refuse_unloaded(gate)
    schedule = schedule_of(reader, Definitions().of(reader, gate.id, gate.version), gate.first_published_at)
    if schedule is None:
        raise Refused(f"{gate.name} has no schedule, so there are no instants", hint="use trigger")
    return schedule


def _slots(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Slot]:
    return takewhile(lambda slot: slot.instant <= end, schedule.slots_after(start - datetime.resolution))


def _row_at(reader: Reader, job: UUID, instant: datetime) -> Occurrence | None:
    return reader.get(OCCURRENCES, identity.occurrence_id(job, instant))


def _split_all(
    reader: Reader, steps: Sequence[Step], ranges: Sequence[Ranged]
) -> Iterator[tuple[MissedRange, tuple[MissedRange, ...]]]:
    for one in ranges:
        inside = [step.instant for step in steps if step.missed is one.missed]
        if inside:
            count = partial(count_without_row, reader, one.schedule, one.missed.job_id)
            yield one.missed, split(one.missed, inside, count)


def _split(tx: Transaction, plan: Backfill) -> None:
    for missed, parts in plan.splits:
        if tx.get(MISSED_RANGES, missed.job_id, missed.from_at) != missed:
            raise Moved("a range of missed instants was changed meanwhile")
        tx.delete(MISSED_RANGES, missed.job_id, missed.from_at)
        for part in parts:
            tx.insert(MISSED_RANGES, part)


def _insert(tx: Transaction, gate: Job, step: Step, request: Request, request_id: UUID) -> Occurrence:
    found = _row_at(tx, gate.id, step.instant)
    if (found and found.state) != (step.row and step.row.state):
        raise Moved(f"the run of {gate.name} at {instant_text(step.instant)} was changed meanwhile")
    if step.missed is not None:
        found = _missed(tx, gate, step.instant, step.missed.reason, request)
    if found is not None:
        return insert_replay(tx, gate, found, request, request_id, Trigger.BACKFILL)
    row = replace(
        scheduled_row(gate, Slot(step.instant), request.at), due_at=request.at, trigger=Trigger.BACKFILL,
        request_id=request_id, valid_until=request.valid_until,
    )  # fmt: skip
    tx.insert(OCCURRENCES, row)
    return row


def _missed(tx: Transaction, gate: Job, instant: datetime, reason: Reason, request: Request) -> Occurrence:
    """The row of an instant that was missed, or skipped, as one of a range; its fate stays what it was."""
    row = scheduled_row(gate, Slot(instant), request.at)
    tx.insert(OCCURRENCES, row)
    if reason in SKIPPED_TOGETHER:
        ended = occurrence_moves.skip(row, Who.PLANNER, reason, now=request.at)
    else:
        ended = occurrence_moves.miss(row, reason, now=request.at)
    return write_occurrence(tx, row, replace(ended, handled_at=request.at))


def _place(tx: Transaction, gate: Job, row: Occurrence, request: Request) -> Occurrence:
    """Let the first wait for an engine and the others queue behind it: one after another, whatever the policy."""
    policies = Definitions().of(tx, gate.id, gate.version).policies
    ours = ranked(row, policies)
    decided = fate(policies, load_of(tx, gate.id, without=row), no_slot=request.waits_for)
    if decided.state is OccurrenceState.PENDING and not has_live_in_turn(tx, gate.id):
        waiting = occurrence_moves.wait(ours, request.waits_for)
    else:
        behind = blocking(tx, ours)
        waiting = occurrence_moves.enqueue(ours, Reason.OVERLAP, sequence=next_place(tx, gate), detail=behind)
    placed = write_occurrence(tx, row, replace(waiting, handled_at=request.at))
    tell(tx, "occurrence_backfilled", request.actor, request.at, placed, {"status": placed.state.value})
    return placed
