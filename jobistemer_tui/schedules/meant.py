"""What somebody meant who wrote a schedule in other words than cron's or ISO 8601's: `5m`, `every 2 hours`, `daily`."""

from __future__ import annotations

import re

_LENGTH = re.compile(r"(?:every\s*)?((?:[1-9]\d{0,4}\s*[a-z]+\s*)+|[a-z]+)", re.ASCII)
_PIECE = re.compile(r"(\d*)\s*([a-z]+)", re.ASCII)
_UNITS = {
    **dict.fromkeys(("w", "week", "weeks"), ("W", "")),
    **dict.fromkeys(("d", "day", "days"), ("D", "")),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), ("H", "T")),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), ("M", "T")),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), ("S", "T")),
}
_ORDER = "WDHMS"


def meant_interval(text: str) -> str:
    """The ISO 8601 duration that a length in words is, `PT5M` for `every 5 minutes`; empty for anything else."""
    match = _LENGTH.fullmatch(text.strip().lower())
    pieces = _PIECE.findall(match[1]) if match else []
    units = [_UNITS.get(unit) for _, unit in pieces]
    letters = "".join(unit[0] for unit in units if unit)
    if not letters or len(letters) < len(pieces) or letters != "".join(sorted(set(letters), key=_ORDER.index)):
        return ""
    written = "P"
    for (number, _), unit in zip(pieces, units, strict=True):
        letter, part = unit or ("", "")
        written += f"{part if part and part not in written else ''}{number or 1}{letter}"
    return written
