"""Times and durations as people write and read them: local, with their zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import click

from jobistemer_tui.domain.durations import parse_duration, took_text
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.zones import zone_or_none
from jobistemer_tui.settings.quick_dataclass import dataclass


def local_text(instant: datetime | None, zone: tzinfo | None = None) -> str:
    """An instant on the wall clock of `zone` (None: the machine's), with the zone's name; `-` for none."""
    if instant is None:
        return "-"
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def span_text(start: datetime | None, end: datetime | None) -> str:
    """How long something took; `-` while that is unknown."""
    if start is None or end is None:
        return "-"
    return took_text((end - start).total_seconds())


def read_instant(text: str, zone: tzinfo | None = None) -> datetime:
    """ISO 8601; without an offset it is on the wall clock of `zone` (None: the machine's). Raises ValueError."""
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None and zone is not None:
            instant = instant.replace(tzinfo=zone)
        return instant.astimezone(UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(
            f"{text!r} is not a time; write for example 2026-12-01T09:00 or 2026-12-01T08:00:00Z"
        ) from error


def coming_instant(text: str, after: datetime) -> datetime:
    """A time of day, `02:00`, that comes first after `after`; else as `read_instant`. Raises ValueError."""
    if not re.fullmatch(r"\d{2}:\d{2}", text, re.ASCII):
        return read_instant(text)
    day = after.astimezone().date()
    found = read_instant(f"{day.isoformat()}T{text}")
    return found if found > after else read_instant(f"{(day + timedelta(days=1)).isoformat()}T{text}")


class Instant(click.ParamType[datetime]):
    """A time as an option's value."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            return value if isinstance(value, datetime) else read_instant(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Duration(click.ParamType[timedelta]):
    """A length of time as an option's value."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        try:
            return value if isinstance(value, timedelta) else timedelta(seconds=parse_duration(str(value)))
        except (ValueError, OverflowError) as error:
            self.fail(str(error), param, ctx)


@dataclass(frozen=True, slots=True)
class ZoneTime:
    """Times on the wall clock of a zone by name."""

    zone: str

    @property
    def tzinfo(self) -> ZoneInfo | None:
        """The zone; None (the machine's) if this program's time-zone data do not have it."""
        return zone_or_none(self.zone)

    def read(self, text: str) -> datetime:
        """ISO 8601; without an offset it is on that wall clock. Raises UsageError."""
        try:
            return read_instant(text, self.tzinfo)
        except ValueError as error:
            raise UsageError(str(error)) from error

    def read_end(self, text: str) -> datetime:
        """The same for the end of a range, where a date alone means the last moment of that day."""
        found = self.read(text)
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
            return found
        following = found.astimezone(self.tzinfo).date() + timedelta(days=1)
        return self.read(following.isoformat()) - datetime.resolution

    def text(self, instant: datetime) -> str:
        """An instant on that wall clock."""
        return local_text(instant, self.tzinfo)
