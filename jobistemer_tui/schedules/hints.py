"""What may not be meant and depends on the time of reading: times that never come, and changes of the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import groupby
from typing import TYPE_CHECKING

from jobistemer_tui.schedules.clock_words import wall_times
from jobistemer_tui.schedules.contract import ClockEffect, Hint, Schedule
from jobistemer_tui.schedules.cron_fields import HOUR
from jobistemer_tui.schedules.local_time import LAST_YEAR, wall_at
from jobistemer_tui.schedules.phrases import on_the_clock

if TYPE_CHECKING:
    from jobistemer_tui.schedules.cron import Cron
    from jobistemer_tui.schedules.excluding import Excluding

AHEAD = timedelta(days=366)
"""How far ahead a change of the clock is worth a hint."""
_LONG_AGO = datetime(1000, 1, 2, tzinfo=UTC)


def hints_about_times(cron: Cron, now: datetime | None) -> tuple[Hint, ...]:
    """Whether a cron job never runs, what the next change of the clock does to it, and clock rules without effect."""
    return tuple(_about_times(cron, now))


def _about_times(cron: Cron, now: datetime | None) -> Iterator[Hint]:
    first = cron.parsed.fields[0].word
    if cron.parsed.wildcard and (cron.dst_gap, cron.dst_overlap) != ("run", "first"):
        yield Hint(_NO_EFFECT, first.whole, first.at)
    begin = now or (cron.start - datetime.resolution if cron.start else _RECENTLY)
    if cron.next_after(begin) is None:
        yield Hint(_why_never(cron, begin), first.whole, first.at)
    elif now is not None:
        yield from _of_the_clock(cron, now)


_RECENTLY = datetime(2000, 1, 1, tzinfo=UTC)
_NO_EFFECT = (
    "dst_gap and dst_overlap change nothing here: with * in the minute or the hour the job follows elapsed time"
)


def _why_never(cron: Cron, begin: datetime) -> str:
    if cron.end is None and cron.next_after(_RECENTLY) is not None:
        return f"it does not run any more: nothing is planned after the year {LAST_YEAR}"
    if cron.end is None:
        return "it never runs: each of its times is left out by a change of the clock"
    if cron.end < begin:
        return f"it does not run any more: its end, {_shown(cron.end)}, lies in the past"
    if cron.start is not None and begin < cron.start:
        return f"it never runs: no such time lies between its start and its end, {_shown(cron.end)}"
    return f"it does not run any more: no such time is left before its end, {_shown(cron.end)}"


def _shown(instant: datetime) -> str:
    return f"{on_the_clock(instant.astimezone(UTC).replace(tzinfo=None))} UTC"


def never_again(schedule: Schedule, now: datetime | None, text: str) -> tuple[Hint, ...]:
    """Whether a schedule of known instants has none after `now`, or none at all."""
    if schedule.next_after(now or _LONG_AGO) is not None:
        return ()
    if now is None or schedule.next_after(_LONG_AGO) is None:
        return (Hint("it never runs: no instant lies between its start and its end", text),)
    return (Hint("it does not run any more: all its times lie in the past", text),)


def excluded_for_ever(excluding: Excluding, now: datetime | None) -> tuple[Hint, ...]:
    """Whether the exclusions leave nothing of what there is."""
    begin = now or _RECENTLY
    if excluding.needs_anchor:
        excluding = excluding.with_anchor(begin)
    if excluding.schedule.next_after(begin) is None or excluding.next_after(begin) is not None:
        return ()
    return (Hint("it never runs: its exclusions cover each of its times", "exclude"),)


def moved_by_the_clock(schedule: Schedule, zone: tzinfo, now: datetime, text: str) -> tuple[Hint, ...]:
    """Which times of an interval, or of a single date, the next change of the clock moves."""
    return tuple(_first_sentence(schedule.clock_effects(now, now + AHEAD), zone, text, None))


def _of_the_clock(cron: Cron, now: datetime) -> Iterator[Hint]:
    """Only what is noticed: not that an even job goes on evenly, nor that a repeated time runs once."""
    if cron.parsed.wildcard and cron.parsed.hours == HOUR.everything:
        return iter(())
    effects = (
        effect
        for effect in cron.clock_effects(now, now + AHEAD)
        if effect.effect == "moved" or _is_noticed(cron, effect)
    )
    hour = cron.parsed.fields[2].word
    return _first_sentence(effects, cron.zone, hour.whole, hour.at)


def _is_noticed(cron: Cron, effect: ClockEffect) -> bool:
    if effect.effect == "doubled":
        return cron.parsed.wildcard
    slot = cron.slot_at(effect.instant)
    return slot is not None and slot.passed_over is not None and wall_at(cron.zone, _utc(effect)) != effect.wall


def _utc(effect: ClockEffect) -> datetime:
    return effect.instant.replace(tzinfo=None)


def _first_sentence(effects: Iterable[ClockEffect], zone: tzinfo, text: str, position: int | None) -> Iterator[Hint]:
    for (day, effect), same in groupby(effects, key=lambda each: (each.wall.date(), each.effect)):
        found = list(same)
        walls = wall_times([each.wall for each in found])
        one = len(found) == 1
        if effect == "doubled":
            fate = f"{'comes' if one else 'come'} twice on {day} in {zone} and {'runs' if one else 'run'} twice"
        else:
            there = wall_times([wall_at(zone, _utc(found[0]))])
            then = (
                f"{'runs' if one else 'run'} at {there}" if effect == "moved" else f"{'is' if one else 'are'} skipped"
            )
            fate = f"{'does' if one else 'do'} not exist on {day} in {zone} and {then}"
        yield Hint(f"{walls} {fate}", text, position)
        return
