"""The text of a repeating interval, read into a base time, a duration and a range of counts."""

from __future__ import annotations

import re
from datetime import timedelta, tzinfo

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.date_time import Moment, parse_moment
from jobistemer_tui.schedules.duration import Duration, parse_duration
from jobistemer_tui.schedules.local_time import resolve
from jobistemer_tui.schedules.word import Word, expression
from jobistemer_tui.settings.quick_dataclass import dataclass

_REPEAT = re.compile(r"R(?:(-1)|(\d{0,9}))", re.ASCII)
_BRACKETS = re.compile(r"\[[^\]]*\]?")
_FORMS = 'the forms are "P1D", "R5/P1D", "R/start/P1D", "R5/P1D/end" and "R/start/end"'


@dataclass(frozen=True, slots=True)
class IntervalText:
    """Occurrence k is `base` + k × `duration` for k from `first` to `last` (None: without limit).

    `base` is None when the text names no time; then an anchor takes its place and `first` is 1.
    """

    text: str
    base: Moment | None
    duration: Duration
    first: int | None
    last: int | None

    @property
    def counts_back(self) -> bool:
        """Whether the base is the last occurrence."""
        return self.last == 0 and self.first != 0

    @property
    def repetitions(self) -> int | None:
        """How many occurrences there are in all; None for no limit."""
        return None if self.first is None or self.last is None else self.last - self.first + 1


def read_interval(text: object, zone: tzinfo) -> IntervalText:
    """Read any of the forms; times that name no zone are on the wall clock of `zone`.

    Raises ScheduleError with the position of what is at fault.
    """
    source = expression(text, "an ISO 8601 interval").stripped()
    parts = _split(source)
    if len(parts) == 1 and not source.text.startswith("R"):
        return IntervalText(source.text, None, parse_duration(source), 1, None)
    count = _repetitions(parts[0])
    last = None if count is None else count - 1
    if len(parts) <= 2:
        if not parts[-1].text.startswith("P"):
            raise parts[-1].refuse("a duration is missing", offset=len(parts[-1].text), hint=_FORMS)
        return IntervalText(source.text, None, parse_duration(parts[1]), 1, count)
    if len(parts) != 3:
        raise source.refuse(f"an interval has at most three parts, this has {len(parts)}", hint=_FORMS)
    _, left, right = parts
    if left.text.startswith("P") and right.text.startswith("P"):
        raise right.refuse("a start or an end is missing: both parts are durations", hint=_FORMS)
    if left.text.startswith("P"):
        first = None if last is None else -last
        return IntervalText(source.text, parse_moment(right, zone), parse_duration(left), first, 0)
    start = parse_moment(left, zone)
    if right.text.startswith("P"):
        return IntervalText(source.text, start, parse_duration(right), 0, last)
    return IntervalText(source.text, start, _from_start_to_end(start, right, zone), 0, last)


def _split(source: Word) -> list[Word]:
    """The parts between the slashes; the name of a zone in brackets may hold slashes of its own."""
    masked = _BRACKETS.sub(lambda match: "x" * len(match[0]), source.text)
    parts, at = [], 0
    for text in masked.split("/"):
        parts.append(source.part(at, at + len(text)))
        at += len(text) + 1
    return parts


def _repetitions(word: Word) -> int | None:
    """How many occurrences there are in all; None for no limit."""
    match = _REPEAT.fullmatch(word.text)
    if match is None:
        if word.text.startswith("R"):
            raise word.part(1).refuse(
                "the number of repetitions cannot be read", hint='write "R5" or, without end, "R"'
            )
        raise word.refuse("a repeating interval begins with R", hint=_FORMS)
    if match[1] or not match[2]:
        return None
    if not int(match[2]):
        raise word.refuse("R0 never runs", hint='write "R1" for a single run, or disable the job')
    return int(match[2])


def _from_start_to_end(start: Moment, word: Word, zone: tzinfo) -> Duration:
    """The duration between two times: whole days on the wall clock and, from there, the rest as elapsed time.

    Times of different zones have no common wall clock, so all of it is elapsed time.
    """
    end = parse_moment(word, zone)
    if end.utc - start.utc < timedelta(seconds=1):
        raise _too_early(word)
    if end.zone != start.zone:
        return Duration(0, 0, end.utc - start.utc)
    days = (end.wall - start.wall).days
    while days > 0:
        rest = end.utc - resolve(start.zone, start.wall + timedelta(days=days))
        if rest >= timedelta(0):
            return Duration(0, days, rest)
        days -= 1  # the end shows a time that comes again, or that lies behind a gap
    return Duration(0, 0, end.utc - start.utc)


def _too_early(word: Word) -> ScheduleError:
    return word.refuse("the end is not after the start", hint="write the earlier time first")
