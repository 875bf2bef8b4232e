"""An enumeration of simple schedules, written without a look at the program's own.

Minute crons whose fields are numbers, `*` or `*/n` with the day fields `*`, the same with a field of seconds, and
fixed intervals of hours, minutes and seconds, all in UTC. Everything else is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.checker.history import SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERVAL = re.compile(r"(?:R/)?PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


@dataclass(frozen=True)
class Names:
    """The instants that a schedule names: those of `phase` + k × `step` (microseconds) that pass `test`."""

    step: int
    phase: int
    test: Callable[[int], bool]

    def __call__(self, instant: int) -> bool:
        return (instant - self.phase) % self.step == 0 and self.test(instant)

    def first_after(self, instant: int) -> int:
        """The first instant after another; there is one within a day."""
        return next(iter(self.between(instant, instant + 2 * 86400 * SECOND)))

    def between(self, start: int, end: int) -> list[int]:
        """The instants after `start` up to and including `end`."""
        first = start - (start - self.phase) % self.step + self.step
        return [instant for instant in range(first, end + 1, self.step) if self.test(instant)]


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def text_of(instant: int) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`, with six digits more below the second."""
    moment = _EPOCH + timedelta(microseconds=instant)
    digits = f".{moment.microsecond:06d}" if moment.microsecond else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + digits + "Z"


def schedule_of(value: Any, timezone_name: str, first_published: int) -> Names | None:
    """Which instants a schedule names; None where that is beyond this enumeration."""
    if timezone_name != "UTC":
        return None
    if isinstance(value, str):
        return _cron(value.split()) if len(value.split()) == 5 else None
    if isinstance(value, dict) and set(value) == {"interval"}:
        return _interval(value["interval"], first_published)
    if isinstance(value, dict) and set(value) == {"cron", "seconds"} and value["seconds"]:
        return _cron(value["cron"].split())
    return None


def _interval(text: str, first_published: int) -> Names | None:
    found = _INTERVAL.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    step = (hours * 3600 + minutes * 60 + seconds) * SECOND
    anchor = first_published - first_published % SECOND
    return Names(step, anchor, lambda instant: instant > anchor)


def _cron(fields: list[str]) -> Names | None:
    if fields[-3:] != ["*", "*", "*"]:
        return None
    wanted = [_field(text, limit) for text, limit in zip(fields[:-3][::-1], (24, 60, 60), strict=False)]
    hours, minutes = wanted[0], wanted[1]
    seconds = wanted[2] if len(wanted) > 2 else {0}
    if hours is None or minutes is None or seconds is None:
        return None

    def test(instant: int) -> bool:
        second = instant // SECOND
        return second % 60 in seconds and second // 60 % 60 in minutes and second // 3600 % 24 in hours

    return Names(SECOND if len(wanted) > 2 else 60 * SECOND, 0, test)


def _field(text: str, limit: int) -> set[int] | None:
    if text == "*":
        return set(range(limit))
    if text.startswith("*/") and text[2:].isdigit():
        return set(range(0, limit, int(text[2:])))
    return {int(text)} if text.isdigit() else None
