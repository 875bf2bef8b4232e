"""Durations in words: `90s`, `1h30m`, `2d`, `500ms`, or ISO 8601 (`PT1H30M`); exact lengths only."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_LONGEST_S = 100 * 366 * 86400.0
# Compiled when they are first used, which is not before the first picture of the screen.
_WORDS = r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+"
_PART = r"(\d+(?:\.\d+)?)(ms|[smhdw])"
_ISO = r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?=\d)(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"

PATTERN = r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhdw]))+|P(?:[0-9]+W)?(?:[0-9]+D)?(?:T[0-9.HMS]+)?"
"""A pattern, for other programs, of all that is a duration and of little more."""


def parse_duration(text: str) -> float:
    """Seconds (0 or more) of a duration in words or ISO 8601; months and years have no fixed length.

    At most a hundred years, so that an instant plus a duration is an instant. Raises ValueError with a text that
    says how to write it; a unit may stand only once, larger units first.
    """
    compact = text.strip()
    seconds = _iso_seconds(compact) if compact.startswith("P") else _word_seconds(compact)
    if seconds > _LONGEST_S:
        raise ValueError(f"{text!r} is too long: at most a hundred years")
    return seconds


def _word_seconds(text: str) -> float:
    if not text.isascii() or not re.fullmatch(_WORDS, text):
        raise ValueError(f"{text!r} is not a duration; write for example 30s, 5m, 1h30m or PT1H30M")
    parts = re.findall(_PART, text)
    sizes = [_UNITS[unit] for _, unit in parts]
    if sizes != sorted(set(sizes), reverse=True):
        raise ValueError(f"{text!r}: each unit once, the larger first, for example 1h30m")
    return float(sum(float(number) * _UNITS[unit] for number, unit in parts))


def _iso_seconds(text: str) -> float:
    match = re.fullmatch(_ISO, text)
    if not text.isascii() or match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is not an ISO 8601 duration of weeks, days, hours, minutes and seconds")
    return float(sum(float(value) * _UNITS[unit] for unit, value in match.groupdict().items() if value))


def duration_text(seconds: float) -> str:
    """The shortest words for a length: `90` → `1m30s`, `0.25` → `250ms`, `0` → `0s`."""
    milliseconds = round(seconds * 1000)
    words = ""
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, milliseconds = divmod(milliseconds, size)
        if count:
            words += f"{count}{unit}"
    return words or "0s"


def took_text(seconds: float) -> str:
    """What something took, as a person reads it: `0.3s`, `59.9s`, `1m30s`; below zero counts as zero."""
    taken = max(seconds, 0.0)
    return f"{round(taken, 1):g}s" if taken < 59.95 else duration_text(round(taken))
