"""What is to come of a job: the times its schedule names, and what will become of each as far as is known now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.pauses import is_paused, snoozed_until, unpaused_from
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.planner import SKIP_MARKS, jitter_at
from jobistemer_tui.engine.transactions.common import is_ticking
from jobistemer_tui.schedules import ClockEffect, Schedule, Slot
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB_STATE

FAR = 10_000
"""How many slots are looked through for one that runs."""
Marks = dict[datetime, Occurrence]


def upcoming(reader: Reader, definitions: Definitions, job: Job, after: datetime) -> Iterator[Upcoming]:
    """The times of a job after `after` in order, computed as they are asked for; none of one that does not tick.

    The job's marks and pause are those of now. Raises ScheduleError.
    """
    schedule = definitions.schedule(reader, job) if is_ticking(job) else None
    if schedule is None:
        return
    planned = reader.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    marks = {row.scheduled_at: row for row in planned}
    for entry in times_of(schedule, after):
        yield entry if entry.starts_at is None else _marked(schedule, job, marks, entry)


def times_of(schedule: Schedule, after: datetime) -> Iterator[Upcoming]:
    """The times of a schedule after `after` in order, with what its own rules and the clock do to them."""
    for slot in schedule.slots_after(after):
        effects = list(schedule.clock_effects(after, slot.instant))
        for effect in effects:
            if effect.effect == "dropped" and not (effect.instant == slot.instant and slot.passed_over == "dst"):
                yield Upcoming(effect.instant, None, Reason.DST, "", effect.effect, effect.wall)
        yield _of_slot(slot, next((one for one in effects if _is_of(one, slot)), None))
        after = slot.instant


def listed(entries: Iterator[Upcoming], count: int) -> list[Upcoming]:
    """The first entries up to the `count`-th that the schedule lets run; others in a row become one."""
    found: list[Upcoming] = []
    for entry in islice(entries, FAR):
        if entry.is_scheduled:
            count -= 1
        if found and not entry.is_scheduled and _alike(found[-1], entry):
            found[-1] = replace(found[-1], count=found[-1].count + 1, last=entry.instant)
        else:
            found.append(entry)
        if not count:
            break
    return found


def _alike(one: Upcoming, other: Upcoming) -> bool:
    return (one.reason, one.why, one.effect) == (other.reason, other.why, None)


def next_start(reader: Reader, definitions: Definitions, job: Job, now: datetime) -> datetime | None:
    """When a job will start next by its schedule, as far as is known; None if not at all, or only after a resume."""
    waiting = reader.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PENDING)
    begin = unpaused_from(job, now)
    coming = () if begin is None else islice(upcoming(reader, definitions, job, begin), FAR)
    first = next((entry.starts_at for entry in coming if entry.starts_at is not None), None)
    return min((at for at in (first, *(row.due_at for row in waiting)) if at is not None and at > now), default=None)


def _is_of(effect: ClockEffect, slot: Slot) -> bool:
    return effect.instant == slot.instant and (effect.effect == "dropped") == (slot.passed_over == "dst")


def _of_slot(slot: Slot, effect: ClockEffect | None) -> Upcoming:
    entry = Upcoming(slot.instant, slot.instant)
    if effect is not None:
        entry = replace(entry, effect=effect.effect, wall=effect.wall)
    if slot.passed_over is None:
        return entry
    return replace(entry, starts_at=None, reason=Reason(slot.passed_over), why=slot.why)


def _marked(schedule: Schedule, job: Job, marks: Marks, entry: Upcoming) -> Upcoming:
    """What a person's mark, a pause or the jitter does to a time that would run."""
    row = marks.get(entry.instant)
    if row is not None and row.reason in SKIP_MARKS:
        return replace(entry, starts_at=None, reason=row.reason, why=str(row.detail.get("why", "")))
    if is_paused(job, entry.instant):
        return replace(entry, starts_at=None, reason=Reason.PAUSED, why=job.pause_reason or "")
    until = None if row is None else snoozed_until(row)
    if row is not None and until is not None:
        return replace(entry, starts_at=until, reason=Reason.SNOOZED, why=str(row.detail.get("why", "")))
    delay = jitter_at(schedule, identity.occurrence_id(job.id, entry.instant), entry.instant)
    return replace(entry, starts_at=entry.instant + delay, reason=Reason.JITTER) if delay else entry
