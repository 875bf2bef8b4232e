"""A schedule that begins after one more instant of the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from jobistemer_tui.schedules.contract import ClockEffect, Covers, Schedule, Slot, as_naive_utc
from jobistemer_tui.schedules.wrapper import Wrapper
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class HandedOver(Wrapper):
    """The instant `last` (aware UTC), and the instants of `schedule` after it."""

    last: datetime

    def _around(self, schedule: Schedule) -> HandedOver:
        return replace(self, schedule=schedule)

    def next_after(self, instant: datetime) -> datetime | None:
        as_naive_utc(instant)
        return self.last if instant < self.last else self.schedule.next_after(instant)

    def next_outside(self, instant: datetime, exclusions: Sequence[Covers]) -> datetime | None:
        return Schedule.next_outside(self, instant, exclusions)

    @property
    def only_instant(self) -> None:
        return None

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        as_naive_utc(instant)
        if instant < self.last:
            yield Slot(self.last)
        yield from self.schedule.slots_after(max(instant, self.last))

    def count_between(self, start: datetime, end: datetime) -> int | None:
        after = self.schedule.count_between(max(start, self.last), end) if self.last < end else 0
        return None if after is None else after + (start < self.last <= end)

    def is_active_at(self, instant: datetime) -> bool:
        return instant <= self.last or self.schedule.is_active_at(instant)

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        return self.schedule.clock_effects(max(start, self.last), end)
