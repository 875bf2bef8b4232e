"""Lengths of time in at most six characters."""

from __future__ import annotations

from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def short_duration(seconds: float) -> str:
    """`0.4s`, `58s`, `4m12s`, `5h32m`, `2d03h`, `41d`; below zero counts as zero."""
    if seconds < 9.95:
        tenths = max(0.0, seconds)
        return f"{tenths:.1f}s" if tenths >= 0.05 else "0s"
    whole = int(seconds)
    if whole < _MINUTE:
        return f"{whole}s"
    if whole < _HOUR:
        return f"{whole // _MINUTE}m{whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h{whole % _HOUR // _MINUTE:02d}m"
    days = whole // _DAY
    return f"{days}d{whole % _DAY // _HOUR:02d}h" if days < 10 else f"{days}d"


def whole_duration(seconds: float) -> str:
    """The same without tenths, for values that tick: `4s`, `27m12s`."""
    return short_duration(float(int(seconds))) if seconds >= 10 else f"{max(0, int(seconds))}s"


def took(started: datetime | None, finished: datetime | None, now: datetime) -> str:
    """How long something ran, or has run until now; `–` if it never started."""
    if started is None:
        return "–"
    if finished is None:
        return whole_duration((now - started).total_seconds())
    return short_duration((finished - started).total_seconds())
