"""Sizes in bytes: as a job file writes them, and as people read them. Both count in units of 1024."""

from __future__ import annotations

UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
"""The units that a job file may write; the program itself writes B, KiB, MiB and GiB."""
_SHOWN = ("B", "KiB", "MiB", "GiB", "TiB")


def size_text(size: int) -> str:
    """Bytes in the largest unit of which there is at least one, with a digit behind the point where that is short."""
    value, place = float(size), 0
    while value >= 1024 and place < len(_SHOWN) - 1:
        value, place = value / 1024, place + 1
    return f"{value:.1f} {_SHOWN[place]}" if place and value < 10 else f"{value:.0f} {_SHOWN[place]}"


def written_size(size: int) -> str:
    """Bytes exactly, in the largest unit of which they are a whole number, as a job file may write them."""
    units = [name for name in ("GiB", "MiB", "KiB") if size and size % UNITS[name] == 0]
    name = units[0] if units else "B"
    return f"{size // UNITS[name]}{name}"
