"""What a table shows: columns of fixed width and rows of cells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from rich.text import Text

from jobistemer_tui.settings.quick_dataclass import dataclass

from .fitting import fit


@dataclass(frozen=True, slots=True)
class Column:
    """A column of `width` cells; one cell of space follows it."""

    key: str
    label: str
    width: int


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that keeps its identity over time by `key`."""

    key: str
    cells: tuple[Text, ...]


class LazyRows:
    """The rows with these keys, in order, each made by `make` from its number when it is first asked for."""

    def __init__(self, keys: Sequence[str], make: Callable[[int], TableRow]) -> None:
        self.keys = keys
        self._make = cache(make)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, number: int) -> TableRow:
        return self._make(number)


def flexible(columns: Sequence[Column], total: int, *, flex: str, least: int) -> tuple[Column, ...]:
    """The columns with the one called `flex` as wide as the `total` cells allow, but at least `least`."""
    taken = sum(column.width + 1 for column in columns if column.key != flex)
    width = max(least, total - taken - 1)
    return tuple(Column(column.key, column.label, width if column.key == flex else column.width) for column in columns)


def without(columns: Sequence[Column], names: Sequence[str]) -> tuple[Column, ...]:
    """The columns but those of these names (as in their heads, whatever the case); the widest left takes their room.

    The first two, which say what a row is and how it stands, are never left out.
    """
    unwanted = {name.strip().lower() for name in names}
    kept = [*columns[:2], *(one for one in columns[2:] if one.label.lower() not in unwanted)]
    room = sum(one.width + 1 for one in columns) - sum(one.width + 1 for one in kept)
    widest = max(kept, key=lambda column: column.width, default=None)
    return tuple(replace(one, width=one.width + room) if one is widest else one for one in kept)


def cell(text: str, width: int, style: str = "") -> Text:
    """A cell of our own text, cut to its column."""
    return Text(fit(text, width), style, no_wrap=True, end="")


def row_text(row: TableRow, columns: Sequence[Column]) -> Text:
    """A row as a line of text, where there is no table for it."""
    text = Text(no_wrap=True, end="")
    for cell_text, column in zip(row.cells, columns, strict=True):
        text.append_text(cell_text).append(" " * (column.width + 1 - cell_text.cell_len))
    text.rstrip()
    return text


def heads_text(columns: Sequence[Column]) -> Text:
    """The names of the columns as a line over a table without a header: figures have theirs at the right."""
    words = [column.label.ljust(column.width) if index < 2 else column.label.rjust(column.width)
             for index, column in enumerate(columns)]  # fmt: skip
    return Text(" ".join(words), no_wrap=True, end="")
