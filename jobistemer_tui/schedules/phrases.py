"""Pieces of English that the descriptions share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_SHORTEST_RUN = 3


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def runs(values: Sequence[int], names: Sequence[str] | None = None) -> str:
    """Ascending numbers, with three or more in a row as "a to b"; `names` are what 0, 1, 2 … are called."""
    words = [names[value] if names else str(value) for value in values]
    pieces, at = [], 0
    while at < len(values):
        end = at
        while end + 1 < len(values) and values[end + 1] == values[end] + 1:
            end += 1
        if end - at + 1 >= _SHORTEST_RUN:
            pieces.append(f"{words[at]} to {words[end]}")
        else:
            pieces.extend(words[at : end + 1])
        at = end + 1
    return listed(pieces)


def ordinal(number: int) -> str:
    """ "2nd" for 2; made for small numbers."""
    return f"{number}{_ENDINGS.get(number, 'th')}"


def counted(number: int, unit: str) -> str:
    """ "1 hour", "2 hours"."""
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def on_the_clock(moment: datetime) -> str:
    """A date and a time, with seconds only where there are any."""
    seconds = f"{moment:%S.%f}".rstrip("0").rstrip(".") if moment.microsecond else f"{moment:%S}"
    return f"{moment:%Y-%m-%d %H:%M}" + ("" if not moment.second and not moment.microsecond else f":{seconds}")
