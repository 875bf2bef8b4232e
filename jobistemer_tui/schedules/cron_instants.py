"""From the wall-clock times of a cron expression to instants, across changes of the clock.

Time is walked stretch by stretch of constant offset, so every wall time that exists is met once for each time it
occurs: what a wildcard job wants. A fixed-time job differs in two places only: at the first instant after a gap it runs
for what the gap left out, and it passes over wall times that were reached before.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

from jobistemer_tui.schedules.contract import ClockEffect, Effect
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.cron_walk import first_wall_from
from jobistemer_tui.schedules.local_time import LAST_YEAR, REACH_OF_A_CHANGE, Stretch, changes_between, stretch_at
from jobistemer_tui.settings.quick_dataclass import dataclass

_SECOND = timedelta(seconds=1)
RULES_REPEAT_FROM, CALENDAR_REPEATS_AFTER = 2038, 400
"""From here on zones follow yearly rules, and dates and weekdays come back after so many years.

What a whole cycle lacks (a time that falls into a skipped gap every year) never comes.
"""


@dataclass(frozen=True, slots=True)
class ClockRules:
    """Whether the end of a gap stands for the times inside it, and whether a repeated time runs once only."""

    catch_up: bool
    once: bool


def first_instant_from(cron: CronText, zone: tzinfo, utc: datetime, rules: ClockRules) -> datetime | None:
    """The first instant (naive UTC) that is not before `utc` (naive UTC, whole seconds); None when there is none."""
    last_year = min(max(utc.year, RULES_REPEAT_FROM) + CALENDAR_REPEATS_AFTER, LAST_YEAR)
    while utc.year <= last_year:
        stretch = stretch_at(zone, utc)
        if rules.catch_up and utc == stretch.start and falls_into_the_gap(cron, stretch):
            return utc
        wall = utc + stretch.offset
        found = first_wall_from(cron, max(wall, stretch.reached) if rules.once else wall)
        if found is None:
            return None
        instant = found - stretch.offset
        if instant < stretch.end:
            return instant
        # No match lies between, and a change can bring back only wall times of the last two days.
        near = stretch.end - utc < REACH_OF_A_CHANGE
        utc = stretch.end if near else max(stretch.end, instant - REACH_OF_A_CHANGE)
    return None


def falls_into_the_gap(cron: CronText, stretch: Stretch) -> bool:
    """Whether the gap at the start of a stretch left out a wall time of the expression."""
    if not stretch.gap:
        return False
    begin, end = stretch.gap
    found = first_wall_from(cron, begin)
    return found is not None and found < end


def clock_effects(
    cron: CronText, zone: tzinfo, start: datetime, end: datetime, rules: ClockRules
) -> Iterator[ClockEffect]:
    """What changes move, drop or double to an instant after `start` up to `end` (naive UTC), in order."""
    # A second pass lasts as long as the change is large.
    for stretch in changes_between(zone, start - REACH_OF_A_CHANGE, end):
        if stretch.shift < timedelta(0):
            yield from _repeated(cron, stretch, start, end, rules)
        elif stretch.start > start:
            yield from _missing(cron, stretch, rules)


def _missing(cron: CronText, stretch: Stretch, rules: ClockRules) -> Iterator[ClockEffect]:
    """What the gap at the start of a stretch holds: all of it counts for its end."""
    wall = stretch.start + stretch.offset
    effect: Effect = "moved" if rules.catch_up and stretch.gap is not None else "dropped"
    for missing in _walls(cron, wall - stretch.shift, wall):
        yield ClockEffect(stretch.start.replace(tzinfo=UTC), missing, effect)


def _repeated(
    cron: CronText, stretch: Stretch, start: datetime, end: datetime, rules: ClockRules
) -> Iterator[ClockEffect]:
    """What the stretch shows a second time, after `start` up to `end` (naive UTC)."""
    first = max(stretch.start, start.replace(microsecond=0) + _SECOND)
    last = min(stretch.start - stretch.shift, end + datetime.resolution)
    for wall in _walls(cron, first + stretch.offset, last + stretch.offset):
        once = rules.once and wall < stretch.reached
        yield ClockEffect((wall - stretch.offset).replace(tzinfo=UTC), wall, "dropped" if once else "doubled")


def _walls(cron: CronText, begin: datetime, end: datetime) -> Iterator[datetime]:
    wall = first_wall_from(cron, begin)
    while wall is not None and wall < end:
        yield wall
        wall = first_wall_from(cron, wall + _SECOND)
