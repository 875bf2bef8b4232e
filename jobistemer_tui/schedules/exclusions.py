"""What `exclude` leaves out: days on a wall clock, and whatever another schedule names."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Schedule, as_naive_utc
from jobistemer_tui.schedules.local_time import LAST_YEAR, resolve, wall_at
from jobistemer_tui.schedules.word import Word, expression
from jobistemer_tui.settings.quick_dataclass import dataclass

DAYS = re.compile(r"[ \t]*\d{4}-(?:[^T]*|[^\[]*/.*)", re.ASCII)
"""What is meant as a date or a range of dates, rightly written or not; a date-time is not."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExcludedDays:
    """The days from `first` to `last`, both included, on the wall clock of `zone`."""

    first: date
    last: date
    zone: tzinfo

    def covers_until(self, instant: datetime) -> datetime | None:
        """When the days are over, if `instant` (aware) lies in them; else None."""
        wall = wall_at(self.zone, as_naive_utc(instant))
        if not self.first <= wall.date() <= self.last:
            return None
        following = datetime.combine(self.last + timedelta(days=1), time.min)
        # A clock that is set back over midnight shows the last day again.
        return max(resolve(self.zone, following).replace(tzinfo=UTC), instant + datetime.resolution)

    def begins_after(self, instant: datetime) -> datetime | None:
        """When the days begin, if that is after `instant` (aware)."""
        begin = resolve(self.zone, datetime.combine(self.first, time.min)).replace(tzinfo=UTC)
        return begin if begin > instant else None

    def describe(self) -> str:
        """ "2026-12-24", "2026-12-24 to 2027-01-02"."""
        return f"{self.first}" if self.first == self.last else f"{self.first} to {self.last}"

    @property
    def needs_anchor(self) -> bool:
        """Never: days are counted from nowhere."""
        return False

    def with_anchor(self, instant: datetime) -> ExcludedDays:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True)
class ExcludedSchedule:
    """Whatever `schedule` names; one without seconds covers whole minutes."""

    schedule: Schedule

    def covers_until(self, instant: datetime) -> datetime | None:
        """Up to where it covers everything from `instant` (aware) on; None if it does not cover that."""
        return self.schedule.covers_until(instant)

    def begins_after(self, instant: datetime) -> datetime | None:
        """When it next begins to cover something after `instant` (aware)."""
        return self.schedule.next_after(instant)

    def describe(self) -> str:
        """The schedule's own words."""
        return self.schedule.describe()

    @property
    def needs_anchor(self) -> bool:
        """Whether its schedule does."""
        return self.schedule.needs_anchor

    def with_anchor(self, instant: datetime) -> ExcludedSchedule:
        """The same, counted from `instant` where it names no time."""
        return ExcludedSchedule(self.schedule.with_anchor(instant))


Exclusion = ExcludedDays | ExcludedSchedule


def read_days(value: date | str, zone: tzinfo) -> ExcludedDays:
    """A date, or two joined by a slash; the second is included.

    Raises ScheduleError at the place of what cannot be read.
    """
    if isinstance(value, date):
        return ExcludedDays(value, value, zone)
    first, *more = expression(value, "an exclusion").stripped().split("/")
    if len(more) > 1:
        raise more[1].refuse("a range of dates has two ends, this has more", hint=_EXAMPLE)
    begin = _date(first)
    end = _date(more[0]) if more else begin
    if end < begin:
        raise more[0].refuse("the range of dates ends before it begins", hint="write the earlier date first")
    return ExcludedDays(begin, end, zone)


_EXAMPLE = 'write a day as "2026-12-24" and several as "2026-12-24/2027-01-02"'


def _date(word: Word) -> date:
    if not _DATE.fullmatch(word.text):
        raise word.refuse(f'"{word.text[:60]}" is not a date', hint=_EXAMPLE)
    try:
        found = date.fromisoformat(word.text)
    except ValueError as error:
        raise word.refuse(f"there is no date {word.text}", hint="check the month and the day") from error
    if found.year > LAST_YEAR:
        raise word.refuse(f"the year {found.year} is after {LAST_YEAR}")
    return found


def refuse_timeless(schedule: Schedule) -> Schedule:
    """The schedule, if it may exclude something. Raises ScheduleError for what names no time ahead."""
    if schedule.follows:
        raise ScheduleError("what follows another job cannot exclude anything", text="after", hint="name days or times")
    if schedule.waits_for_boot:
        raise ScheduleError("@reboot cannot exclude anything", text="@reboot", position=0, hint="name days or times")
    return schedule
