"""Sizes as people read them."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def size_text(size: int) -> str:
    """Bytes in the largest unit of which there is at least one, with a digit behind the point where that is short."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_UNITS) - 1:
        value, place = value / 1024, place + 1
    return f"{value:.1f} {_UNITS[place]}" if place and value < 10 else f"{value:.0f} {_UNITS[place]}"
