"""Several schedules as one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import groupby
from operator import attrgetter

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import ClockEffect, Covers, Follow, Hint, Schedule, Slot


@dataclass(frozen=True, slots=True, init=False)
class Union(Schedule):
    """The instants of all `schedules`, each once. Unions inside it are taken apart; equal members count once.

    Raises ScheduleError for no schedule at all.
    """

    schedules: tuple[Schedule, ...]

    def __init__(self, schedules: Iterable[Schedule]) -> None:
        members = tuple(dict.fromkeys(_flat(schedules)))
        if not members:
            raise ScheduleError(
                "the list of schedules is empty", hint="write a schedule, or leave the key out to run it by hand only"
            )
        object.__setattr__(self, "schedules", members)

    def next_after(self, instant: datetime) -> datetime | None:
        found = (schedule.next_after(instant) for schedule in self.schedules)
        return min((each for each in found if each is not None), default=None)

    def next_outside(self, instant: datetime, exclusions: Sequence[Covers]) -> datetime | None:
        found = (schedule.next_outside(instant, exclusions) for schedule in self.schedules)
        return min((each for each in found if each is not None), default=None)

    def between(self, start: datetime, end: datetime) -> Iterator[datetime]:
        previous = None
        for instant in merge(*(schedule.between(start, end) for schedule in self.schedules)):
            if instant != previous:
                yield instant
            previous = instant

    def count_between(self, start: datetime, end: datetime) -> int | None:
        return self.schedules[0].count_between(start, end) if len(self.schedules) == 1 else None

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        slots = merge(*(schedule.slots_after(instant) for schedule in self.schedules), key=attrgetter("instant"))
        for _, same in groupby(slots, key=attrgetter("instant")):
            # What one member leaves out another may run; of two jitters the shorter holds for both.
            yield min(same, key=lambda slot: (slot.passed_over is not None, slot.jitter))

    def covers_until(self, instant: datetime) -> datetime | None:
        found = (schedule.covers_until(instant) for schedule in self.schedules)
        return max((each for each in found if each is not None), default=None)

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        effects = (schedule.clock_effects(start, end) for schedule in self.schedules)
        return merge(*effects, key=attrgetter("instant"))

    def describe(self) -> str:
        return "; and ".join(schedule.describe() for schedule in self.schedules)

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        return tuple(hint for schedule in self.schedules for hint in schedule.hints_at(now))

    @property
    def has_jitter(self) -> bool:
        return any(schedule.has_jitter for schedule in self.schedules)

    @property
    def only_instant(self) -> datetime | None:
        return self.schedules[0].only_instant if len(self.schedules) == 1 else None

    @property
    def waits_for_boot(self) -> bool:
        return any(schedule.waits_for_boot for schedule in self.schedules)

    @property
    def follows(self) -> tuple[Follow, ...]:
        return tuple(dict.fromkeys(follow for schedule in self.schedules for follow in schedule.follows))

    def with_boots(self, boots: Sequence[datetime]) -> Schedule:
        return Union(schedule.with_boots(boots) for schedule in self.schedules)

    def is_active_at(self, instant: datetime) -> bool:
        return any(schedule.is_active_at(instant) for schedule in self.schedules)

    @property
    def needs_anchor(self) -> bool:
        return any(schedule.needs_anchor for schedule in self.schedules)

    def with_anchor(self, instant: datetime) -> Schedule:
        return Union(schedule.with_anchor(instant) for schedule in self.schedules)


def _flat(schedules: Iterable[Schedule]) -> Iterator[Schedule]:
    for schedule in schedules:
        if isinstance(schedule, Union):
            yield from schedule.schedules
        else:
            yield schedule
