"""From the wall-clock times of a cron expression to instants, across changes of the clock.

Time is walked stretch by stretch of constant offset, so every wall time that exists is met once for each time it
occurs: what a wildcard job wants. A fixed-time job differs in two places only: at the first instant after a gap it runs
for what the gap left out, and it passes over wall times that were reached before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from jobistemer_tui.schedules.contract import ClockEffect, Effect
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.cron_walk import first_wall_from
from jobistemer_tui.schedules.local_time import LAST_YEAR, REACH_OF_A_CHANGE, Stretch, changes_between, stretch_at

# From here on zones follow yearly rules, and dates and weekdays come back after so many years: what a whole cycle
# lacks (a time that falls into a skipped gap every year) never comes.
_RULES_REPEAT_FROM, _CALENDAR_REPEATS_AFTER = 2038, 400


@dataclass(frozen=True, slots=True)
class ClockRules:
    """Whether the end of a gap stands for the times inside it, and whether a repeated time runs once only."""

    catch_up: bool
    once: bool


def first_instant_from(cron: CronText, zone: tzinfo, utc: datetime, rules: ClockRules) -> datetime | None:
    """The first instant (naive UTC) that is not before `utc` (naive UTC, whole seconds); None when there is none."""
    last_year = min(max(utc.year, _RULES_REPEAT_FROM) + _CALENDAR_REPEATS_AFTER, LAST_YEAR)
    while utc.year <= last_year:
        stretch = stretch_at(zone, utc)
        if rules.catch_up and utc == stretch.start and _falls_into_the_gap(cron, stretch):
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


def _falls_into_the_gap(cron: CronText, stretch: Stretch) -> bool:
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
        for instant, wall, effect in _effects(cron, stretch, rules):
            if start < instant <= end:
                yield ClockEffect(instant.replace(tzinfo=UTC), wall, effect)


def _effects(cron: CronText, stretch: Stretch, rules: ClockRules) -> Iterator[tuple[datetime, datetime, Effect]]:
    """The instants (naive UTC), wall times and fates of what the change at the start of a stretch touches."""
    wall = stretch.start + stretch.offset
    if stretch.shift > timedelta(0):
        caught_up = rules.catch_up and stretch.gap is not None
        for missing in _walls(cron, wall - stretch.shift, wall):
            yield stretch.start, missing, "moved" if caught_up else "dropped"
    else:
        for repeated in _walls(cron, wall, wall - stretch.shift):
            once = rules.once and repeated < stretch.reached
            yield repeated - stretch.offset, repeated, "dropped" if once else "doubled"


def _walls(cron: CronText, begin: datetime, end: datetime) -> Iterator[datetime]:
    wall = first_wall_from(cron, begin)
    while wall is not None and wall < end:
        yield wall
        wall = first_wall_from(cron, wall + timedelta(seconds=1))
