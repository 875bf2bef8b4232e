"""The wall clock of a zone: stretches of constant offset, and the instant that a wall time means.

Everything here is naive: a "utc" datetime is the wall clock of UTC, a "wall" datetime that of the zone. Their
difference is the offset, so plain arithmetic is right; an aware datetime of a zone would ignore `fold` in comparisons
and step along the wall clock. Only the way from UTC to the wall clock is asked of `zoneinfo`, which is never ambiguous.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from operator import attrgetter

from jobistemer_tui.settings.quick_dataclass import dataclass

# A larger change is a correction of the clock, as in Debian's cron: nothing is caught up and nothing left out.
LARGEST_CLOCK_CHANGE = timedelta(hours=3)
# An offset is below 24 hours, so no clock change reaches further than two days.
REACH_OF_A_CHANGE = timedelta(days=2)
# Computations end here, before datetime's own last year.
LAST_YEAR = 9990

# Two changes of one zone lie further apart than this (see test_local_time.py, which reads the database).
_PROBE = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_NO_SHIFT = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of constant offset: `start` to `end` (naive UTC, half open).

    `shift` is how far the clock jumped at `start` (zero where nothing changed there), `reached` the latest wall time
    that had been passed when the stretch began; behind a correction of the clock that is forgotten.
    """

    start: datetime
    end: datetime
    offset: timedelta
    shift: timedelta
    reached: datetime

    @property
    def gap(self) -> tuple[datetime, datetime] | None:
        """The wall times, half open, that the change at `start` jumped over; None where it jumped over none."""
        wall = self.start + self.offset
        return (self.reached, wall) if self.shift > _NO_SHIFT and self.reached < wall else None


def stretch_at(zone: tzinfo, utc: datetime) -> Stretch:
    """The stretch that holds the naive UTC time `utc`. It is cut at the end of a year even without a change."""
    stretches = _stretches(zone, utc.year)
    return stretches[bisect_right(stretches, utc, key=attrgetter("start")) - 1]


def changes_between(zone: tzinfo, start: datetime, end: datetime) -> Iterator[Stretch]:
    """The stretches that begin with a change of the clock after `start` and up to `end` (naive UTC)."""
    stretch = stretch_at(zone, start)
    while (boundary := stretch.end) <= end:
        stretch = stretch_at(zone, boundary)
        if stretch.shift and stretch.start == boundary:
            yield stretch


@lru_cache(maxsize=4096)
def _stretches(zone: tzinfo, year: int) -> tuple[Stretch, ...]:
    """The stretches of a year, begun two days earlier so that each knows the changes it may repeat."""
    start = _EPOCH.replace(year=year) - REACH_OF_A_CHANGE
    end = _EPOCH.replace(year=year + 1)
    starts = [start, *_changes(zone, start, end)]
    found: list[Stretch] = []
    for begin, finish in zip(starts, [*starts[1:], end], strict=True):
        offset = offset_at(zone, begin)
        shift = offset - found[-1].offset if found else _NO_SHIFT
        reached = begin + offset
        if found and abs(shift) <= LARGEST_CLOCK_CHANGE:
            reached = max(reached - shift, found[-1].reached)
        found.append(Stretch(begin, finish, offset, shift, reached))
    return tuple(found)


def _changes(zone: tzinfo, start: datetime, end: datetime) -> list[datetime]:
    """The instants after `start` and before `end` at which the offset changes."""
    found = []
    offset = offset_at(zone, start)
    while start < end:
        probe = min(start + _PROBE, end)
        if offset_at(zone, probe) != offset:
            probe = _first_change(zone, start, probe)
            offset = offset_at(zone, probe)
            found.append(probe)
        start = probe
    return [change for change in found if change < end]


def _first_change(zone: tzinfo, low: datetime, high: datetime) -> datetime:
    """The first second at which the offset is no longer that of `low`, by bisection; `high` has another."""
    offset = offset_at(zone, low)
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if offset_at(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high


def offset_at(zone: tzinfo, utc: datetime) -> timedelta:
    """How far the zone's clock is ahead of UTC at a naive UTC time."""
    return zone.fromutc(utc.replace(tzinfo=zone)).replace(tzinfo=None) - utc


def wall_at(zone: tzinfo, utc: datetime) -> datetime:
    """The naive wall clock of the zone at a naive UTC time."""
    return utc + offset_at(zone, utc)


def instants_of(zone: tzinfo, wall: datetime) -> list[datetime]:
    """The naive UTC times, ascending, at which the zone's clock shows `wall`: none in a gap, two in an overlap."""
    low, high = wall - timedelta(days=1), wall + timedelta(days=1)
    found = []
    utc = low
    while utc <= high:
        stretch = stretch_at(zone, utc)
        instant = wall - stretch.offset
        if stretch.start <= instant < stretch.end and instant not in found:
            found.append(instant)
        utc = stretch.end
    return found


def resolve(zone: tzinfo, wall: datetime) -> datetime:
    """The naive UTC time that a wall time means, as java.time and Temporal ("compatible") have it.

    A time that occurs twice is the first; one in a gap moves later by the gap's length.
    """
    found = instants_of(zone, wall)
    return found[0] if found else wall - _offset_before_the_gap(zone, wall)


def _offset_before_the_gap(zone: tzinfo, wall: datetime) -> timedelta:
    stretch = stretch_at(zone, wall - timedelta(days=1))
    offset = stretch.offset
    while stretch.start + stretch.offset <= wall:
        offset = stretch.offset
        stretch = stretch_at(zone, stretch.end)
    return offset
