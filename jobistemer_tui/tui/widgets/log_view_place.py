"""Where `@` goes: a time of day, a distance in time, a part of the log, or a line number."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from jobistemer_tui.operations.log_reader import LogReader

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DISTANCE = re.compile(r"([+-])(\d{1,6})([smhd])")
_PART = re.compile(r"(\d{1,3})%")
_LINE = re.compile(r"\d{1,18}")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_FARTHEST_S = 100 * 366 * 86_400  # no log is longer, and any instant minus this is an instant
HELP = "14:05, 14:05:30, -5m (before the end), +5m (after the start), 50%, or a line number"


def find_place(text: str, reader: LogReader, zone: tzinfo | None) -> int:
    """The line that `text` means; raises ValueError, with what could be typed, if it means none."""
    text = text.strip()
    last = max(reader.line_count - 1, 0)
    if match := _PART.fullmatch(text):
        return last * min(int(match[1]), 100) // 100
    if _LINE.fullmatch(text):
        return min(max(int(text) - 1, 0), last)
    return min(reader.line_at_time(_instant(text, reader, zone)), last)


def _instant(text: str, reader: LogReader, zone: tzinfo | None) -> datetime:
    match = _DISTANCE.fullmatch(text)
    clock = _TIME.fullmatch(text)
    if not match and not clock:
        raise ValueError(f"cannot go to {text!r}: type {HELP}")
    first, last = _known_times(reader)
    if match:
        distance = timedelta(seconds=min(int(match[2]) * _UNIT_S[match[3]], _FARTHEST_S))
        return first + distance if match[1] == "+" else last - distance
    assert clock is not None
    return _at_clock(clock, first, zone)


def _at_clock(clock: re.Match[str], first: datetime, zone: tzinfo | None) -> datetime:
    """The first such time of day that is not before the minute the log begins in."""
    hour, minute, second = int(clock[1]), int(clock[2]), int(clock[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(f"{clock[0]} is no time of day: hours go to 23, minutes and seconds to 59")
    begin = first.astimezone(zone)
    wanted = begin.replace(hour=hour, minute=minute, second=second, microsecond=0)
    if wanted < begin.replace(second=0, microsecond=0):
        wanted += timedelta(days=1)
    return wanted


def _known_times(reader: LogReader) -> tuple[datetime, datetime]:
    first = next((line.time for line in reader.lines(0, 1)), None)
    last = next((line.time for line in reader.tail(1)), None)
    if first is None or last is None:
        raise ValueError("this log has no times; go to a line number or a part such as 50%")
    return first, last
