"""A schedule that begins after one more instant of the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobistemer_tui.schedules.contract import ClockEffect, Schedule, Slot


@dataclass(frozen=True, slots=True)
class HandedOver(Schedule):
    """The instant `last` (aware UTC), and the instants of `then` after it."""

    last: datetime
    then: Schedule

    def next_after(self, instant: datetime) -> datetime | None:
        return self.last if instant < self.last else self.then.next_after(instant)

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        if instant < self.last:
            yield Slot(self.last)
        yield from self.then.slots_after(max(instant, self.last))

    def describe(self) -> str:
        return self.then.describe()

    @property
    def has_jitter(self) -> bool:
        return self.then.has_jitter

    @property
    def waits_for_boot(self) -> bool:
        return self.then.waits_for_boot

    def with_boots(self, boots: Sequence[datetime]) -> Schedule:
        return HandedOver(self.last, self.then.with_boots(boots))

    def is_active_at(self, instant: datetime) -> bool:
        return instant <= self.last or self.then.is_active_at(instant)

    def clock_effects(self, start: datetime, end: datetime) -> Iterator[ClockEffect]:
        return self.then.clock_effects(max(start, self.last), end)

    @property
    def hints(self) -> tuple[str, ...]:
        return self.then.hints

    @property
    def needs_anchor(self) -> bool:
        return self.then.needs_anchor

    def with_anchor(self, instant: datetime) -> Schedule:
        return HandedOver(self.last, self.then.with_anchor(instant))
