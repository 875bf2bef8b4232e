"""Business days: Monday to Friday without holidays, or the n-th such day of each month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from jobistemer_tui.schedules import Schedule, ScheduleError, Slot

_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True)
class BusinessDays(Schedule):
    """At the time `at` on the clock of `zone`; on every business day, or with `nth` on that one of each month.

    `nth` counts from 1, or from the month's end with -1. A holiday in the week is left out, and seen to be.
    """

    at: time
    zone: ZoneInfo
    holidays: frozenset[date]
    nth: int | None = None

    def next_after(self, instant: datetime) -> datetime | None:
        return next((slot.instant for slot in self.slots_after(instant) if slot.passed_over is None), None)

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        day = instant.astimezone(self.zone).date()
        while day.year < date.max.year:
            at = datetime.combine(day, self.at, self.zone).astimezone(UTC)
            if at > instant and day.weekday() < _SATURDAY:
                if day in self.holidays:
                    if self.nth is None:
                        yield Slot(at, "excluded", f"{day} is a holiday")
                elif self.nth is None or self._is_nth(day, self.nth):
                    yield Slot(at)
            day += _DAY

    def _is_nth(self, day: date, nth: int) -> bool:
        days = [day.replace(day=number) for number in range(1, 32) if _exists(day, number)]
        business = [each for each in days if each.weekday() < _SATURDAY and each not in self.holidays]
        wanted = business[nth - 1 :] if nth > 0 else business[nth:]
        return len(business) >= abs(nth) and wanted[0] == day

    def describe(self) -> str:
        which = "on business days" if self.nth is None else f"on business day {self.nth} of each month"
        return f"at {self.at:%H:%M} {which}, {self.zone} time, with {len(self.holidays)} holidays"


def _exists(day: date, number: int) -> bool:
    following = (day.replace(day=28) + 4 * _DAY).replace(day=1)
    return number <= (following - _DAY).day


def business_days(
    value: object,
    *,
    timezone: str,
    key: str | None,
    anchor: datetime | None,
    holidays: Iterable[str] = (),
    nth: int | None = None,
) -> BusinessDays:
    """What Jobistemer calls for `{ business-days = "09:00", holidays = [...], nth = 1 }`.

    `timezone` is the table's, else the job's; `key` and `anchor` are of no use here. The keys of the table that are
    not Jobistemer's own come as arguments; one that is not declared above is refused.
    """
    try:
        at = time.fromisoformat(str(value))
    except ValueError as error:
        raise ScheduleError(
            f'"{value}" is no time of day', text=str(value), position=0, hint='write "09:00"'
        ) from error
    if nth is not None and (not isinstance(nth, int) or nth == 0 or abs(nth) > 23):
        raise ScheduleError("nth is a number from 1 to 23, or from -23 to -1", text="nth")
    return BusinessDays(at, ZoneInfo(timezone), frozenset(_holiday(day) for day in holidays), nth)


def _holiday(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        hint = 'write it like "2026-12-25"'
        raise ScheduleError(f'"{text}" is no date', text=str(text), position=0, hint=hint) from error
