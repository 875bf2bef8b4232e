"""Instants: aware, UTC, and their one text form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def instant_text(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`; a sub-second instant adds exactly six digits.

    Raises ValueError for a naive datetime.
    """
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {instant!r}")
    utc = instant.astimezone(UTC)
    text = utc.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    return f"{text}.{utc.microsecond:06d}Z" if utc.microsecond else f"{text}Z"


def instant_json(instant: datetime | None) -> str | None:
    """An instant as JSON has it: `instant_text`, or null."""
    return None if instant is None else instant_text(instant)


def parse_instant(text: str) -> datetime:
    """The instant that `instant_text` wrote, or another ISO 8601 text with an offset.

    Raises ValueError for text that is no date-time, has no offset, or lies outside the years 1 to 9999.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {text!r}")
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range in UTC") from error


def end_of(start: datetime, length: timedelta) -> datetime:
    """`start` and `length`, at most the last instant there is."""
    try:
        return start + length
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def to_microseconds(instant: datetime) -> int:
    """Microseconds since 1970-01-01T00:00:00Z."""
    return (instant - EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The inverse of `to_microseconds`."""
    return EPOCH + timedelta(microseconds=value)
