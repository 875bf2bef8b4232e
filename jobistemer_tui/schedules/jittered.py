"""A schedule whose runs start a little later than their instants (see docs: schedules, jitter)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.contract import Schedule, Slot
from jobistemer_tui.schedules.duration import parse_duration
from jobistemer_tui.schedules.word import Word, expression
from jobistemer_tui.schedules.wrapper import Wrapper
from jobistemer_tui.settings.quick_dataclass import dataclass

LONGEST_JITTER = timedelta(days=1)
_IN_WORDS = re.compile(r"(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Jittered(Wrapper):
    """The instants of `schedule`, unchanged; each starts at most `jitter` later, which its occurrence's id decides."""

    jitter: timedelta

    def _around(self, schedule: Schedule) -> Jittered:
        return replace(self, schedule=schedule)

    def slots_after(self, instant: datetime) -> Iterator[Slot]:
        return (replace(slot, jitter=self.jitter) for slot in self.schedule.slots_after(instant))

    def count_between(self, start: datetime, end: datetime) -> int | None:
        return self.schedule.count_between(start, end)

    @property
    def has_jitter(self) -> bool:
        return True

    def covers_until(self, instant: datetime) -> datetime | None:
        return self.schedule.covers_until(instant)

    def describe(self) -> str:
        from jobistemer_tui.schedules.describe import length  # not needed to plan

        return f"{self.schedule.describe()}; each up to {length(self.jitter)} later"


def read_jitter(value: object) -> timedelta:
    """The length of a jitter: "30s", "1h30m", or ISO 8601 as in "PT30S".

    Raises ScheduleError for what is not longer than nothing, longer than a day, or not a length of time.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ScheduleError(f"jitter: the bare number {value} has no unit", text=str(value), hint='write "30s"')
    word = expression(value, "jitter").stripped()
    length = _elapsed(word)
    if length > LONGEST_JITTER:
        raise word.refuse("a jitter is at most a day", hint="write a later time instead")
    return length


def _elapsed(word: Word) -> timedelta:
    text = word.text
    if text.startswith("P"):
        duration = parse_duration(word)
        if not duration.is_elapsed:
            raise word.refuse("a jitter has no days, weeks, months or years", hint='write hours: "PT24H" or "24h"')
        return duration.elapsed
    match = _IN_WORDS.fullmatch(text)
    if match is None or not text:
        raise word.refuse(f'"{text[:60]}" is not a length of time', hint='write "30s", "5m" or "1h30m"')
    hours, minutes, seconds = (int(size or 0) for size in match.groups())
    length = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if not length:
        raise word.refuse("a jitter of nothing changes nothing", hint='leave it out, or write "30s"')
    return length
