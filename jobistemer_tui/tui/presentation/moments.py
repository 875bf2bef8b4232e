"""Instants as a person reads them: relative, in local time, or in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from .durations import whole_duration


class TimeStyle(StrEnum):
    """How instants are written; `t` walks through them."""

    RELATIVE = "relative"
    LOCAL = "local"
    UTC = "UTC"

    @property
    def next(self) -> TimeStyle:
        """The style after this one."""
        styles = list(TimeStyle)
        return styles[(styles.index(self) + 1) % len(styles)]

    @property
    def zone(self) -> tzinfo | None:
        """The zone of absolute times; None is the zone of this machine."""
        return UTC if self is TimeStyle.UTC else None


def clock_text(now: datetime, style: TimeStyle) -> str:
    """The clock of the header with its offset: `14:32:07 +01:00`."""
    local = now.astimezone(style.zone)
    return f"{local:%H:%M:%S} {'UTC' if style is TimeStyle.UTC else offset_text(local)}"


def offset_text(local: datetime) -> str:
    """`+01:00`."""
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"


def moment_text(instant: datetime, now: datetime, zone: tzinfo | None) -> str:
    """An absolute time, as short as it is clear: `06:30:11`, `Tue 06:30`, `21 Sep 06:30`, `2025-09-21`."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    if days == 0:
        return f"{local:%H:%M:%S}"
    if -7 < days < 7:
        return f"{local:%a %H:%M}"
    if local.year == today.year or abs(days) < 180:
        return f"{local.day} {local:%b %H:%M}"
    return f"{local:%Y-%m-%d}"


def day_text(instant: datetime, now: datetime, zone: tzinfo | None) -> str:
    """An absolute time in a sentence: `today 06:30:11`, `tomorrow 06:00:00`, `Sun 29 Nov 06:00:00`."""
    local, today = instant.astimezone(zone), now.astimezone(zone)
    days = (local.date() - today.date()).days
    named = {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(days)
    year = "" if local.year == today.year else f" {local.year}"
    return f"{named or f'{local:%a} {local.day} {local:%b}{year}'} {local:%H:%M:%S}"


def ahead_text(instant: datetime, now: datetime, style: TimeStyle) -> str:
    """A future instant in a column: `27m12s`, `15:00:00`; one that has passed is `due`."""
    if style is not TimeStyle.RELATIVE:
        return moment_text(instant, now, style.zone)
    seconds = (instant - now).total_seconds()
    return whole_duration(seconds) if seconds > 0 else "due"


def ago_text(instant: datetime, now: datetime, style: TimeStyle) -> str:
    """A past instant in a column: `5h32m`, `06:30:11`."""
    if style is not TimeStyle.RELATIVE:
        return moment_text(instant, now, style.zone)
    return whole_duration((now - instant).total_seconds())


def with_distance(instant: datetime, now: datetime, style: TimeStyle) -> str:
    """An instant in a sentence, with how far it is: `tomorrow 06:00:00 (in 15h27m)`."""
    seconds = (instant - now).total_seconds()
    distance = f"in {whole_duration(seconds)}" if seconds > 0 else f"{whole_duration(-seconds)} ago"
    return f"{day_text(instant, now, style.zone)} ({distance})"
