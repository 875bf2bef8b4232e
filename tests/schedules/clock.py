"""Short ways to write instants in these tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from jobistemer_tui.schedules import Schedule


def utc(text: str) -> datetime:
    """ "2024-03-31T01:00" as aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def instants(schedule: Schedule, start: str, hours: float) -> list[str]:
    """The instants from `start` (inclusive) for so many hours, as "31T01:00"."""
    begin = utc(start) - timedelta(microseconds=1)
    return [f"{instant:%dT%H:%M}" for instant in schedule.between(begin, begin + timedelta(hours=hours))]


def first(schedule: Schedule, start: str, count: int) -> list[str]:
    """The first instants from `start` (inclusive), as ISO 8601 in UTC."""
    found: list[str] = []
    instant = schedule.next_after(utc(start) - timedelta(microseconds=1))
    while instant is not None and len(found) < count:
        found.append(instant.isoformat().removesuffix("+00:00"))
        instant = schedule.next_after(instant)
    return found
