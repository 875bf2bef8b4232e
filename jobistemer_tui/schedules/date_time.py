"""Date-times as ISO 8601 and RFC 9557 write them: `2026-03-01T08:00:00+01:00[Europe/Paris]`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.local_time import LAST_YEAR, instants_of, offset_at, resolve, wall_at
from jobistemer_tui.schedules.word import Word, expression
from jobistemer_tui.schedules.zones import find_zone
from jobistemer_tui.settings.quick_dataclass import dataclass

_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6}))?)?", re.ASCII)
_TAIL = re.compile(r"(Z|([+-])(\d\d)(?::?(\d\d))?)?(\[([^\[\]]*)\])?", re.ASCII)
_FIRST_YEAR = 1000
_EXAMPLE = 'write it like "2026-12-01T09:00", "2026-12-01T09:00Z" or "2026-12-01T09:00+01:00[Europe/Paris]"'


@dataclass(frozen=True, slots=True)
class Moment:
    """A date-time: the naive wall clock of its zone, the zone (perhaps a fixed offset) and the naive UTC time."""

    wall: datetime
    zone: tzinfo
    utc: datetime

    @property
    def instant(self) -> datetime:
        """The same as aware UTC."""
        return self.utc.replace(tzinfo=UTC)


def read_instant(value: object, zone: tzinfo, what: str) -> datetime:
    """A text or a native datetime as aware UTC; see `read_moment`."""
    return read_moment(value, zone, what).instant


def read_moment(value: object, zone: tzinfo, what: str = "a date-time") -> Moment:
    """A text or a native datetime, read on the wall clock of `zone` where it names no zone and no offset.

    Raises ScheduleError for anything else, with `what` as its name.
    """
    if isinstance(value, datetime):
        return moment_of(value, zone)
    if isinstance(value, date):
        raise ScheduleError(
            f"{what} needs a time of day", text=str(value), position=10, hint=f'write "{value}T00:00" for its beginning'
        )
    return parse_moment(expression(value, what), zone)


def moment_of(value: datetime, zone: tzinfo) -> Moment:
    """A native datetime; a naive one is on the wall clock of `zone`, another tzinfo than ZoneInfo a fixed offset."""
    _check_year(value.year, Word(str(value), 0, str(value)))
    if value.tzinfo is None:
        wall = value.replace(fold=0)
        return Moment(wall, zone, resolve(zone, wall))
    utc = value.astimezone(UTC).replace(tzinfo=None)
    own = value.tzinfo if isinstance(value.tzinfo, ZoneInfo) else timezone(value.utcoffset() or timedelta(0))
    return Moment(wall_at(own, utc), own, utc)


def parse_moment(word: Word, zone: tzinfo) -> Moment:
    """The date-time of a text; the rules are those of `read_moment`."""
    wall, rest = _parse_wall(word)
    tail = _TAIL.fullmatch(rest.text)
    if tail is None:
        raise rest.refuse(f'"{rest.text}" behind the time cannot be read', hint=_EXAMPLE)
    if tail[5]:
        zone = _zone_in_brackets(rest.part(*tail.span(6)))
    if not tail[1]:
        return Moment(wall, zone, resolve(zone, wall))
    offset = _offset(rest, tail)
    if not tail[5]:
        return Moment(wall, timezone(offset), wall - offset)
    if offset_at(zone, wall - offset) != offset:
        here = ", ".join(_written(wall - utc) for utc in instants_of(zone, wall)) or "in a gap of its clock"
        raise rest.refuse(
            f"the offset {tail[1]} contradicts the zone {tail[6]}, which then is {here}",
            hint="drop the offset or the zone",
        )
    return Moment(wall, zone, wall - offset)


def _parse_wall(word: Word) -> tuple[datetime, Word]:
    """The wall time, and what stands behind it."""
    day_match = _DATE.match(word.text)
    if day_match is None:
        raise word.refuse("a date-time begins with a date, YYYY-MM-DD", hint=_EXAMPLE)
    time_match = _TIME.match(word.text, 10)
    if time_match is None:
        raise word.refuse("a time of day, THH:MM, must follow the date", offset=10, hint=_EXAMPLE)
    hour, minute, second, fraction = time_match.groups(default="0")
    _check_year(int(day_match[1]), word)
    try:
        day = date(*map(int, day_match.groups()))
    except ValueError as error:
        raise word.refuse(f"there is no date {day_match[0]}", hint="check the month and the day") from error
    try:
        moment = time(int(hour), int(minute), int(second), int(fraction.ljust(6, "0")))
    except ValueError as error:
        raise word.refuse(
            f"there is no time {time_match[0][1:]}", offset=11, hint="hours go from 00 to 23, minutes and seconds to 59"
        ) from error
    return datetime.combine(day, moment), word.part(time_match.end())


def _check_year(year: int, word: Word) -> None:
    if not _FIRST_YEAR <= year <= LAST_YEAR:
        raise word.refuse(f"the year {year} is not between {_FIRST_YEAR} and {LAST_YEAR}")


def _offset(rest: Word, tail: re.Match[str]) -> timedelta:
    if tail[1] == "Z":
        return timedelta(0)
    hours, minutes = int(tail[3]), int(tail[4] or 0)
    if hours > 23 or minutes > 59:
        raise rest.refuse(f"there is no offset {tail[1]}", hint="an offset lies between -23:59 and +23:59")
    size = timedelta(hours=hours, minutes=minutes)
    return -size if tail[2] == "-" else size


def _zone_in_brackets(word: Word) -> tzinfo:
    try:
        return find_zone(word.text)
    except ScheduleError as error:
        raise word.refuse(error.message, hint=error.hint) from error


def _written(offset: timedelta) -> str:
    sign, size = ("-", -offset) if offset < timedelta(0) else ("+", offset)
    return f"{sign}{size // timedelta(hours=1):02}:{size // timedelta(minutes=1) % 60:02}"
