"""What is valid in an ISO 8601 interval but may not be what its author means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from jobistemer_tui.schedules.contract import Hint
from jobistemer_tui.schedules.hints import moved_by_the_clock, never_again

if TYPE_CHECKING:
    from jobistemer_tui.schedules.iso8601 import Iso8601

_OFTEN = timedelta(seconds=5)
_LEAP_DAY = (2, 29)


def interval_hints(interval: Iso8601, now: datetime | None) -> tuple[Hint, ...]:
    """Very many runs, 29 February, times that never come, and what the next change of the clock moves."""
    return tuple(_hints(interval, now))


def _hints(interval: Iso8601, now: datetime | None) -> Iterator[Hint]:
    text, duration, base = interval.text, interval.parsed.duration, interval.parsed.base
    if duration.average < _OFTEN:
        runs = round(timedelta(days=1) / duration.average)
        yield Hint(
            f"it runs {runs:,} times a day, each with a row and a log of its own; one task that loops costs less", text
        )
    if base is None:
        return
    if (base.wall.month, base.wall.day) == _LEAP_DAY and duration.months and duration.months % 12 == 0:
        yield Hint("29 February exists in leap years only: in the others it runs on the 28th", text)
    yield from never_again(interval, now, text)
    if now is not None:
        yield from moved_by_the_clock(interval, base.zone, now, text)
