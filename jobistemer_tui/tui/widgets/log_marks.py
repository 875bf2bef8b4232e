"""The lines that a person marked, each with the clock of that moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime


class Marks:
    """Marks of one log, by line."""

    def __init__(self) -> None:
        self._at: dict[int, datetime] = {}

    def __len__(self) -> int:
        return len(self._at)

    def __iter__(self) -> Iterator[int]:
        return iter(sorted(self._at))

    def clock(self, line: int) -> datetime | None:
        """When a line was marked; None if it is not."""
        return self._at.get(line)

    def toggle(self, line: int, now: datetime) -> bool:
        """Mark a line, or take its mark away; whether it is marked now."""
        if self._at.pop(line, None) is not None:
            return False
        self._at[line] = now
        return True

    def next_from(self, line: int, direction: int) -> int | None:
        """The next mark behind (1) or before (-1) a line; round the end to the other one. None if there is none."""
        ordered = list(self)
        if not ordered:
            return None
        if direction > 0:
            return next((mark for mark in ordered if mark > line), ordered[0])
        return next((mark for mark in reversed(ordered) if mark < line), ordered[-1])

    def between(self, line: int, stop: int) -> bool:
        """Whether one of the lines `line` to `stop - 1` is marked."""
        return any(line <= mark < stop for mark in self._at)

    def forget_behind(self, line: int) -> int:
        """Lines behind this one are others now: drop their marks; gives how many."""
        gone = [mark for mark in self._at if mark > line]
        for mark in gone:
            del self._at[mark]
        return len(gone)
