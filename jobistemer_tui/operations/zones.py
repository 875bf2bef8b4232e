"""Time zones by name, for display: a name that was accepted once may be unknown to another machine's data."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_or_none(name: str) -> ZoneInfo | None:
    """The zone of an IANA name; None where this machine's data do not have it. `schedules.zones` refuses instead."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
