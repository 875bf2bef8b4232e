"""Pure: what publishing the definitions that were read, over the jobs as they stand, will do."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import datetime

from jobistemer_tui.domain.definition_diff import differences
from jobistemer_tui.domain.file_plan import HORIZON, MOST_INSTANTS, InstantDiff, JobChange, JobPlan
from jobistemer_tui.domain.instants import end_of
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.planner import runs_late
from jobistemer_tui.engine.replan import hand_over_at
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.schedules.handed_over import HandedOver
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclasses.dataclass(slots=True)
class Steps:
    """How many instants of schedules may still be looked at: a schedule of every second has millions a month."""

    left: int

    def take(self) -> bool:
        """One more; False if there are none left."""
        self.left -= 1
        return self.left >= 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A job as the store has it.

    `line` is where its version was written. `schedule` is None where no instants get rows: it has none, is disabled,
    stopped or retired. `marks` are the planned instants that a person has marked.
    """

    job: Job
    definition: JobDefinition
    line: int
    schedule: Schedule | None
    waiting: int
    running: int
    marks: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A job as a file has it now. `schedule` is None where it will have no instants. `only_is_new`: the instant of a
    one-off has no row yet."""

    definition: JobDefinition
    path: str
    line: int
    schedule: Schedule | None
    only_is_new: bool = True


def plan_publication(wanted: Wanted, standing: Standing | None, now: datetime, steps: Steps) -> JobPlan | None:
    """What becomes of a job that a file holds; None if nothing does. As `transactions.publish` does it."""
    definition = wanted.definition
    if standing is None:
        return JobPlan(
            definition.name, JobChange.ADDED, wanted.path, wanted.line, definition.timezone, 0, 1,
            instants=_instants(None, wanted.schedule, now, steps), late_runs=_late_runs(wanted, now),
        )  # fmt: skip
    job, old = standing.job, standing.definition
    same = job.content_hash == definition.content_hash
    if same and job.retired_at is None:
        return None if job.source_path == wanted.path else _moved(wanted, standing)
    returned = job.retired_at is not None
    same_instants = (
        not returned and old.schedule_hash == definition.schedule_hash
        and (standing.schedule is None) is (wanted.schedule is None)
    )  # fmt: skip
    coming = wanted.schedule if same_instants else _handed_over(wanted, standing, now)
    return JobPlan(
        definition.name, JobChange.RETURNED if returned else JobChange.CHANGED, wanted.path, wanted.line,
        definition.timezone, job.version, job.version if same else job.version + 1,
        differences=tuple(differences(old, definition)),
        instants=InstantDiff() if same_instants else _instants(standing.schedule, coming, now, steps),
        waiting=standing.waiting, running=standing.running,
        marks_lost=() if same_instants else _marks_lost(standing, coming),
        late_runs=0 if same_instants else _late_runs(wanted, now),
    )  # fmt: skip


def plan_retirement(standing: Standing, now: datetime, steps: Steps) -> JobPlan:
    """What becomes of a job that no watched file holds any more."""
    job = standing.job
    return JobPlan(
        job.name, JobChange.RETIRED, job.source_path, standing.line, standing.definition.timezone, job.version,
        job.version, instants=_instants(standing.schedule, None, now, steps), waiting=standing.waiting,
        running=standing.running,
    )  # fmt: skip


def _moved(wanted: Wanted, standing: Standing) -> JobPlan:
    job = standing.job
    return JobPlan(
        job.name, JobChange.MOVED, wanted.path, wanted.line, wanted.definition.timezone, job.version, job.version,
        waiting=standing.waiting, running=standing.running, moved_from=job.source_path,
    )  # fmt: skip


def _handed_over(wanted: Wanted, standing: Standing, now: datetime) -> Schedule | None:
    """The new schedule, after one more instant of the old one where `update_policy` says so."""
    if wanted.schedule is None or standing.schedule is None:
        return wanted.schedule
    policies = wanted.definition.policies
    last = hand_over_at(policies, standing.schedule.slots_after(now), wanted.schedule.next_after)
    return wanted.schedule if last is None else HandedOver(wanted.schedule, last)


def _marks_lost(standing: Standing, coming: Schedule | None) -> tuple[datetime, ...]:
    return tuple(mark for mark in standing.marks if coming is None or coming.slot_at(mark) is None)


def _late_runs(wanted: Wanted, now: datetime) -> int:
    schedule = wanted.schedule
    instant = None if schedule is None else schedule.only_instant
    if schedule is None or instant is None or instant > now or not wanted.only_is_new:
        return 0
    slot = schedule.slot_at(instant)
    runs = slot is not None and slot.passed_over is None and runs_late(wanted.definition.policies, instant, now)
    return int(runs)


def _instants(old: Schedule | None, new: Schedule | None, now: datetime, steps: Steps) -> InstantDiff:
    """Instants within the horizon at which only one of the two runs the job."""
    until = end_of(now, HORIZON)
    added: list[datetime] = []
    removed: list[datetime] = []
    gained = lost = 0
    for instant, is_new in _apart(_runs(old, now, until, steps), _runs(new, now, until, steps)):
        if steps.left < 0:
            break  # one of the two was cut off, and the other would seem to go on alone
        gained, lost = gained + is_new, lost + (not is_new)
        if gained + lost <= MOST_INSTANTS:
            (added if is_new else removed).append(instant)
    return InstantDiff(tuple(added), tuple(removed), gained, lost, counted_all=steps.left >= 0)


def _runs(schedule: Schedule | None, now: datetime, until: datetime, steps: Steps) -> Iterator[datetime]:
    for slot in schedule.slots_after(now) if schedule is not None else ():
        if slot.instant > until or not steps.take():
            return
        if slot.passed_over is None:
            yield slot.instant


def _apart(old: Iterable[datetime], new: Iterable[datetime]) -> Iterator[tuple[datetime, bool]]:
    """What only one of two ordered streams has, in order; True with what only the new one has."""
    before, after = iter(old), iter(new)
    one, other = next(before, None), next(after, None)
    while one is not None or other is not None:
        if one == other:
            one, other = next(before, None), next(after, None)
        elif other is None or (one is not None and one < other):
            assert one is not None
            yield one, False
            one = next(before, None)
        else:
            yield other, True
            other = next(after, None)
