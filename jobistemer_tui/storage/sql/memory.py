"""What a transaction has read and written: nobody else writes meanwhile, so the database is not asked again."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.tables import Index, Table, order_of, table_of

_Answers = dict[tuple[str, Row], Any]
"""By the statement and its values: the number of rows, or their keys in order."""


class Known:
    """A row as it is stored now (None: there is none), and its record if anybody has asked for it."""

    __slots__ = ("record", "row")

    def __init__(self, row: Row | None) -> None:
        self.row = row
        self.record: Any = None


class Memory:
    """Of one transaction of a database, which may hold several pieces of work; forget it when any of them is undone.

    A write changes the numbers of rows that were counted. What a scan gave is forgotten if the row is, or was, one of
    those with the values that it asked for, and has another place among them now.
    """

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Row], Known] = {}
        self._answers: dict[str, dict[tuple[Index[Any], int], dict[Row, _Answers]]] = {}

    def answers(self, index: Index[Any], equal: Row) -> _Answers:
        """What is known of the rows that have these values in the first columns of an index."""
        of_table = self._answers.setdefault(index.table, {})
        return of_table.setdefault((index, len(equal)), {}).setdefault(equal, {})

    def seen(self, table: Table[Any], rows: Sequence[Row]) -> list[Row]:
        """The keys of rows that were read, which are known from now on."""
        key_of, known = codec_of(table).key_of, self.rows
        keys = [key_of(row) for row in rows]
        for key, row in zip(keys, rows, strict=True):
            known.setdefault((table.name, key), Known(row))
        return keys

    def wrote(self, table: Table[Any], old: Row | None, new: Row | None) -> None:
        """A row is there now, or is no more, or has other values."""
        row = new or old
        assert row is not None, "there is no write of nothing"
        self.rows[table.name, codec_of(table).key_of(row)] = Known(new)
        for (index, count), asked in self._answers.get(table.name, {}).items():
            equal, order = _places(index, count)
            was, now = _values(old, equal), _values(new, equal)
            if was != now:
                _count(asked, was, -1)
                _count(asked, now, 1)
            elif _values(old, order) != _values(new, order):
                _count(asked, now, 0)

    def forget(self, table: Table[Any]) -> None:
        """A row was written that nobody has looked at."""
        self._answers.pop(table.name, None)


def _count(asked: dict[Row, _Answers], equal: Row | None, more: int) -> None:
    """So many more rows have these values; in which order is not known."""
    if equal is not None and equal in asked:
        numbers = {question: answer for question, answer in asked[equal].items() if isinstance(answer, int)}
        asked[equal] = {question: number + more for question, number in numbers.items()}


def _values(row: Row | None, places: tuple[int, ...]) -> Row | None:
    return None if row is None else tuple([row[place] for place in places])


@cache
def _places(index: Index[Any], count: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where in a row the first columns of an index are, and where all that order it."""
    places = codec_of(table_of(index)).places
    order = tuple(places[name] for name in order_of(index))
    return order[:count], order
