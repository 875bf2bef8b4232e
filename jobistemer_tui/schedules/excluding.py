"""A schedule without what its exclusions cover (see docs: schedules, exclusions)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from jobistemer_tui.schedules.contract import Covers, Hint, Schedule, Slot
from jobistemer_tui.schedules.exclusions import Exclusion
from jobistemer_tui.schedules.wrapper import Wrapper
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Excluding(Wrapper):
    """The instants of `schedule` that none of the `exclusions` covers; the others remain as slots `excluded`.

    After 20,000 covered minutes or days in a row nothing is taken to follow: that is a fortnight, or 54 years.
    """

    exclusions: tuple[Exclusion, ...]

    def _around(self, schedule: Schedule) -> Excluding:
        return replace(self, schedule=schedule)

    def next_after(self, instant: datetime) -> datetime | None:
        return self.next_outside(instant, ())

    def next_outside(self, instant: datetime, exclusions: Sequence[Covers]) -> datetime | None:
        own = [each.covers_until for each in self.exclusions]
        return self.schedule.next_outside(instant, (*own, *exclusions))

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        return map(self._judged, self.schedule.slots_after(instant))

    def _judged(self, slot: Slot) -> Slot:
        """The slot, marked if it runs as yet and an exclusion covers it."""
        if slot.passed_over is not None:
            return slot
        for each in self.exclusions:
            if each.covers_until(slot.instant) is not None:
                return replace(slot, passed_over="excluded", why=f"excluded: {each.describe()}")
        return slot

    def covers_until(self, instant: datetime) -> datetime | None:
        until = self.schedule.covers_until(instant)
        if until is None or any(each.covers_until(instant) is not None for each in self.exclusions):
            return None
        begins = (each.begins_after(instant) for each in self.exclusions)
        return min((until, *(begin for begin in begins if begin is not None)))

    def describe(self) -> str:
        return self.schedule.describe() + "".join(f"; except {each.describe()}" for each in self.exclusions)

    def hints_at(self, now: datetime | None = None) -> tuple[Hint, ...]:
        from jobistemer_tui.schedules.hints import excluded_for_ever  # not needed to plan

        return self.schedule.hints_at(now) + excluded_for_ever(self, now)

    @property
    def needs_anchor(self) -> bool:
        return self.schedule.needs_anchor or any(each.needs_anchor for each in self.exclusions)

    def with_anchor(self, instant: datetime) -> Excluding:
        anchored = tuple(each.with_anchor(instant) for each in self.exclusions)
        return Excluding(self.schedule.with_anchor(instant), anchored)
