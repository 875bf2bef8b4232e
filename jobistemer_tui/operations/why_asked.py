"""What a person means by a time: an instant, a minute, or a day on the wall clock of the job's zone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.why_answer import moment
from jobistemer_tui.schedules.local_time import changes_between
from jobistemer_tui.settings.quick_dataclass import dataclass

Span = tuple[datetime, datetime]
_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?", re.ASCII)
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}", re.ASCII)
_LEAST = timedelta(microseconds=1)
_NEAR = timedelta(days=2)
_EARLIEST = datetime(2, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """The instants that are meant, as spans that include both ends (aware UTC), and the same in words.

    `wall` is set, and the spans are the instant of the change, where that time of the wall clock did not exist.
    """

    spans: tuple[Span, ...]
    words: str
    wall: datetime | None = None


def read_time(text: str, zone: tzinfo, now: datetime) -> Asked:
    """Read `yesterday`, a date, `02:30` (the last one that has come), or a date-time; without an offset in `zone`.

    A time without seconds means its whole minute. Raises UsageError.
    """
    try:
        asked = _read(text.strip(), now.astimezone(zone).date(), zone, now)
        if asked.spans[0][0] < _EARLIEST:
            raise ValueError("before all times that can be reckoned with")
        return asked
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{text!r} is not a time",
            hint="write yesterday, 2026-03-29, 02:30, 2026-03-29T02:30 or 2026-03-29T00:30:00Z",
        ) from error


def _read(wanted: str, today: date, zone: tzinfo, now: datetime) -> Asked:
    if wanted.lower() in _DAYS:
        return _day(today + timedelta(days=_DAYS[wanted.lower()]), zone)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", wanted, re.ASCII):
        return _day(date.fromisoformat(wanted), zone)
    if _CLOCK.fullmatch(wanted):
        return _clock(wanted, today, zone, now)
    if not _DATE_TIME.match(wanted):
        raise ValueError("neither a word, a date, a time of day nor both")
    return _wall_or_instant(datetime.fromisoformat(wanted), _precision(wanted), zone)


def _day(day: date, zone: tzinfo) -> Asked:
    start, end = (_utc(datetime.combine(each, time.min), zone) for each in (day, day + timedelta(days=1)))
    return Asked(((start, end - _LEAST),), f"{day.isoformat()} in {zone}")


def _clock(text: str, today: date, zone: tzinfo, now: datetime) -> Asked:
    wall = datetime.combine(today, time.fromisoformat(text if text[1] != ":" else f"0{text}"))
    come = _utc(wall, zone) <= now
    return _wall_or_instant(wall if come else wall - timedelta(days=1), _precision(text), zone)


def _precision(text: str) -> timedelta:
    clock = re.split(r"[T ]", text.partition("+")[0], maxsplit=1)[-1]
    return timedelta(seconds=1) if clock.count(":") > 1 else timedelta(minutes=1)


def _wall_or_instant(read: datetime, precision: timedelta, zone: tzinfo) -> Asked:
    if read.tzinfo is not None:
        instant = read.astimezone(UTC)
        return Asked(((instant, instant + precision - _LEAST),), moment(instant, zone))
    first, second = (_utc(read.replace(fold=fold), zone) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None, fold=0) != read:
        change = _change_over(read, zone, first)
        return Asked(((change, change),), f"{read:%Y-%m-%d %H:%M:%S} in {zone}", wall=read)
    starts = sorted({first, second})
    return Asked(tuple((start, start + precision - _LEAST) for start in starts), moment(first, zone))


def _change_over(wall: datetime, zone: tzinfo, near: datetime) -> datetime:
    """The change of the clock that jumped over a wall time."""
    naive = near.replace(tzinfo=None)
    for stretch in changes_between(zone, naive - _NEAR, naive + _NEAR):
        begin = stretch.start + stretch.offset - stretch.shift
        if begin <= wall < stretch.start + stretch.offset:
            return stretch.start.replace(tzinfo=UTC)
    return near


def _utc(wall: datetime, zone: tzinfo) -> datetime:
    return wall.replace(tzinfo=zone).astimezone(UTC)
