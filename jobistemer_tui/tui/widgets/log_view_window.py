"""Which rows stand on the screen, where a row of the log may take several when long lines are broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Place(NamedTuple):
    """A screen row: the row of the log, and which of its broken parts."""

    row: int
    part: int


class Window:
    """The part of the log on the screen. `height_of(row)` says how many screen rows a row of the log takes."""

    def __init__(self, height_of: Callable[[int], int]) -> None:
        self._height_of = height_of
        self.top = Place(0, 0)
        self.height = 1
        self.row_count = 0

    def visible(self) -> list[Place]:
        """The places on the screen, from the top; fewer than `height` if the log ends before."""
        places: list[Place] = []
        row, part = self.top
        while row < self.row_count and len(places) < self.height:
            parts = self._height_of(row)
            places += [Place(row, number) for number in range(part, parts)]
            row, part = row + 1, 0
        return places[: self.height]

    def bottom(self) -> Place:
        """The top with which the last row stands at the bottom."""
        room = self.height
        row = self.row_count
        while row > 0:
            row -= 1
            parts = self._height_of(row)
            if parts >= room:
                return Place(row, parts - room)
            room -= parts
        return Place(0, 0)

    def go(self, row: int, part: int = 0) -> None:
        """Put this place at the top, or as near as the ends allow."""
        self.top = max(min(Place(row, part), self.bottom()), Place(0, 0))

    def go_to_bottom(self) -> None:
        """Show the end."""
        self.top = self.bottom()

    def move(self, screen_rows: int) -> None:
        """Scroll down (or, below zero, up) by so many screen rows."""
        row, part = self.top
        part += screen_rows
        while part < 0 and row > 0:
            row -= 1
            part += self._height_of(row)
        while row < self.row_count and part >= (parts := self._height_of(row)):
            row, part = row + 1, part - parts
        self.go(row, max(part, 0))

    def reveal(self, row: int) -> None:
        """Scroll only if the row is not on the screen; it then stands a third from the top."""
        if not any(place.row == row for place in self.visible()):
            self.go(row)
            if self.top.row == row:
                self.move(-(self.height // 3))

    def at_bottom(self) -> bool:
        """Whether the end is on the screen."""
        return self.top >= self.bottom()
