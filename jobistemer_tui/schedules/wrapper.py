"""A schedule around another one, which adds something to its slots."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Self

from jobistemer_tui.schedules.contract import ClockEffect, Covers, Follow, Hint, Schedule
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Wrapper(Schedule):
    """Answers everything as `schedule` does; what is inside may be exchanged for another form of it."""

    schedule: Schedule

    @abstractmethod
    def _around(self, schedule: Schedule) -> Self:
        """The same wrapper around another schedule."""

    def next_after(self, instant: datetime) -> datetime | None:
        return self.schedule.next_after(instant)

    def next_outside(self, instant: datetime, exclusions: Sequence[Covers]) -> datetime | None:
        return self.schedule.next_outside(instant, exclusions)

    def describe(self) -> str:
        return self.schedule.describe()

    @property
    def has_jitter(self) -> bool:
        return self.schedule.has_jitter

    @property
    def only_instant(self) -> datetime | None:
        return self.schedule.only_instant

    @property
    def waits_for_boot(self) -> bool:
        return self.schedule.waits_for_boot

    @property
    def follows(self) -> tuple[Follow, ...]:
        return self.schedule.follows

    def with_boots(self, boots: Sequence[datetime]) -> Schedule:
        return self._around(self.schedule.with_boots(boots))

    def is_active_at(self, instant: datetime) -> bool:
        return self.schedule.is_active_at(instant)

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        return self.schedule.clock_effects(start, end)

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        return self.schedule.hints_at(now)

    @property
    def needs_anchor(self) -> bool:
        return self.schedule.needs_anchor

    def with_anchor(self, instant: datetime) -> Schedule:
        return self._around(self.schedule.with_anchor(instant))
