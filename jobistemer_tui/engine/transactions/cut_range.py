"""A range of missed instants that reaches into the future, once the clock that was ahead is set back (hazard 14)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.records import Job, MissedRange, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Trigger
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.older_instants import count_slots
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import MISSED_RANGES, OCCURRENCES_BY_JOB, VERSIONS_BY_JOB

OF_SCHEDULE = (Trigger.SCHEDULE, Trigger.RECOVERY)
"""What brings the run of an instant at its time, or after a gap."""


def is_of_schedule(row: Occurrence) -> bool:
    """Whether it is the occurrence of its instant; a backfill makes that where there was none."""
    return row.trigger in OF_SCHEDULE or (row.trigger is Trigger.BACKFILL and row.replay_of is None)


def cut(tx: Transaction, definitions: Definitions, job: Job, missed: MissedRange, now: datetime) -> None:
    """Leave of a range of missed instants those that have passed; the others are planned when their time comes."""
    tx.delete(MISSED_RANGES, missed.job_id, missed.from_at)
    if missed.from_at > now:
        return
    schedule = schedule_of_range(tx, definitions, job, missed)
    if schedule is None:
        count = _estimated(missed, now)
    else:
        count = count_without_row(tx, schedule, job.id, missed.from_at, now)
    if count > 0:
        tx.insert(MISSED_RANGES, replace(missed, to_at=now, count=count))


def schedule_of_range(reader: Reader, definitions: Definitions, job: Job, missed: MissedRange) -> Schedule | None:
    """The schedule that a range is of, which need not be in force any more; None if it does not work any more.

    No edit lies within a range: it first gives all that has passed its fate.
    """
    versions = reader.scan(VERSIONS_BY_JOB, job.id)
    number = max((one.number for one in versions if one.published_at <= missed.from_at), default=job.version)
    last = job.hands_over_at if number == job.version else None
    try:
        return definitions.schedule(reader, replace(job, version=number, hands_over_at=last))
    except ScheduleError:
        return None


def count_without_row(reader: Reader, schedule: Schedule, job: UUID, begin: datetime, last: datetime) -> int:
    """How many instants from `begin` to `last`, both included, have no row each; it may walk them."""
    count = count_slots(schedule, begin - datetime.resolution, last)
    return count - _count_rows(reader, schedule, job, begin, last)


def rows_with_fate(
    reader: Reader, schedule: Schedule, job: UUID, begin: datetime, last: datetime
) -> list[Occurrence]:  # fmt: skip
    """The occurrences of a schedule's instants from `begin` to `last`, both included, that are planned no longer."""
    rows = _rows(reader, schedule, job, begin, last)
    return [row for row in rows if row.state is not OccurrenceState.PLANNED]


def _count_rows(reader: Reader, schedule: Schedule, job: UUID, begin: datetime, last: datetime) -> int:
    return len(_rows(reader, schedule, job, begin, last))


def _rows(reader: Reader, schedule: Schedule, job: UUID, begin: datetime, last: datetime) -> list[Occurrence]:
    """Those of the instants that the schedule does not leave out."""
    rows = filter(is_of_schedule, reader.scan(OCCURRENCES_BY_JOB, job, low=begin, high=last))
    slots = [(row, schedule.slot_at(row.scheduled_at)) for row in rows]
    return [row for row, slot in slots if slot is not None and slot.passed_over is None]


def _estimated(missed: MissedRange, now: datetime) -> int:
    """Where nothing can count them any more they are taken to lie evenly."""
    return round(missed.count * ((now - missed.from_at) / (missed.to_at - missed.from_at)))
