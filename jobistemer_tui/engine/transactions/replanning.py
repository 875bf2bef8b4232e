"""Change the planned rows of a job to those of its present schedule. An edit is never retroactive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity, occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Detail, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.replan import PlanDiff, compare, is_marked, slots_to_plan
from jobistemer_tui.engine.transactions.common import is_ticking, planned_row, rule_mark, write_occurrence
from jobistemer_tui.schedules import Schedule, Slot
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_JOB_STATE


def replan(tx: Transaction, job: Job, definition: JobDefinition, now: datetime) -> tuple[Job, PlanDiff]:
    """Give the coming slots of the present schedule their rows, and take those of others away.

    What is due already, and about to be handled, has been promised: only rows after `now` change. A row whose instant
    stays keeps its id and a person's marks. Gives the job, finished if nothing is to come.
    """
    # Nothing of a version may be remembered before it is committed: its number may yet get another definition.
    schedule = Definitions().schedule(tx, job) if is_ticking(job) else None
    rows = [row for row in _planned(tx, job.id) if row.scheduled_at > now]
    slots = [] if schedule is None else slots_to_plan(definition.policies, _free(tx, job, schedule, now), rows)
    found = compare(rows, slots, _named(schedule, rows))
    for row in found.removed:
        tx.delete(OCCURRENCES, row.id)
    for row, slot in found.kept:
        write_occurrence(tx, row, _remarked(row, job, slot))
    for slot in found.added:
        planned_row(tx, job, slot, now)
    finished = schedule is not None and not slots and not schedule.is_never_over
    return replace(job, finished=finished), found


def plan_detail(found: PlanDiff) -> Detail:
    """What changed in the plan, for the audit."""
    return {
        "added": [instant_text(slot.instant) for slot in found.added],
        "removed": [instant_text(row.scheduled_at) for row in found.removed],
        "kept": [instant_text(row.scheduled_at) for row, _ in found.kept],
        "marks_kept": [instant_text(row.scheduled_at) for row in found.marked],
    }


def _free(tx: Transaction, job: Job, schedule: Schedule, now: datetime) -> Iterator[Slot]:
    """The coming slots whose instant has no fate yet (a clock that was set back has handled some)."""
    for slot in schedule.slots_after(now):
        row = tx.get(OCCURRENCES, identity.occurrence_id(job.id, slot.instant))
        if row is None or row.state is OccurrenceState.PLANNED:
            yield slot


def _named(schedule: Schedule | None, rows: list[Occurrence]) -> list[Slot]:
    """The slots of the rows that a person has marked, as far as the schedule has their instants."""
    if schedule is None:
        return []
    return [slot for row in rows if is_marked(row) and (slot := schedule.slot_at(row.scheduled_at)) is not None]


def _remarked(row: Occurrence, job: Job, slot: Slot) -> Occurrence:
    """A planned row under its job's new version: a person's mark stays, what the schedule says is said anew."""
    if is_marked(row):
        return replace(row, version=job.version)
    reason, detail = rule_mark(slot)
    return replace(occurrence_moves.mark(row, reason, detail), version=job.version)


def drop_planned(tx: Transaction, job_id: UUID, *, after: datetime) -> list[Occurrence]:
    """Delete the planned rows that are due later than `after`, so that the same instants can be planned again."""
    return drop_where(tx, job_id, lambda row: row.due_at > after)


def drop_where(tx: Transaction, job_id: UUID, chosen: Callable[[Occurrence], bool]) -> list[Occurrence]:
    """Delete the planned rows that are `chosen`."""
    rows = [row for row in _planned(tx, job_id) if chosen(row)]
    for row in rows:
        tx.delete(OCCURRENCES, row.id)
    return rows


def _planned(reader: Reader, job_id: UUID) -> list[Occurrence]:
    return reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.PLANNED)
