"""Rows in dictionaries, with sorted lists as indexes and a list of what to undo."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from operator import itemgetter
from typing import Any

from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.tables import INDEXES, TABLES, Index, Table, indexes_of, order_of, table_of

Entry = tuple[Any, ...]
_TOP = (2,)
"""Sorts behind every value of `sortable`."""


def sortable(value: Any) -> tuple[bool, Any]:
    """A value that sorts: None first, then by value."""
    return (value is not None, value)


class Order:
    """The keys of a table's rows in the order of one index."""

    def __init__(self, index: Index[Any]) -> None:
        codec = codec_of(table_of(index))
        positions = [codec.names.index(name) for name in order_of(index)]
        # One position twice, so that what is got is a tuple in any case.
        self._values: Callable[[Row], Row] = itemgetter(*positions, positions[-1])
        self._first: Callable[[Row], Any] = itemgetter(positions[0])
        self._width = len(index.columns)
        self._entries: list[Entry] = []
        self._firsts: dict[Any, int] = {}
        """How many rows have each value in the first column: most scans are for a value that none has."""

    def note(self, before: Row | None, after: Row | None, key: Row) -> None:
        """Note a new row, one that has changed, or one that is gone (`after` None)."""
        if before is not None and after is not None and self._values(before) == self._values(after):
            return
        if before is not None:
            del self._entries[bisect_left(self._entries, self._entry(before, key))]
            self._count(self._first(before), -1)
        if after is not None:
            insort(self._entries, self._entry(after, key))
            self._count(self._first(after), 1)

    def clash(self, row: Row, key: Row) -> bool:
        """Whether another row has the same values, none of them None."""
        values = self._entry(row, key)[: self._width]
        if any(value is None for _, value in values):
            return False
        return any(entry[-1][1] != key for entry in self._entries[self._begin(values) : self._end(values)])

    def keys(self, scan: Scan[Any]) -> list[Row]:
        """The keys of the rows of a scan."""
        if scan.equal and scan.equal[0] not in self._firsts:
            return []
        equal = tuple([(value is not None, value) for value in scan.equal])
        if scan.low is not None:
            start = self._begin((*equal, sortable(scan.low)))
        else:
            start = self._begin(equal) if scan.high is None else self._end((*equal, sortable(None)))
        end = self._end(equal if scan.high is None else (*equal, sortable(scan.high)))
        end = max(start, end)
        if scan.limit is not None:
            start, end = (max(start, end - scan.limit), end) if scan.reverse else (start, min(end, start + scan.limit))
        keys = [entry[-1][1] for entry in self._entries[start:end]]
        if scan.reverse:
            keys.reverse()
        return keys

    def count(self, equal: Row) -> int:
        """How many rows have these values in the first columns."""
        if len(equal) == 1 or (equal and equal[0] not in self._firsts):
            return self._firsts.get(equal[0], 0)
        values = tuple([(value is not None, value) for value in equal])
        return self._end(values) - self._begin(values)

    def _count(self, first: Any, change: int) -> None:
        number = self._firsts.pop(first, 0) + change
        if number:
            self._firsts[first] = number

    def _begin(self, values: Entry) -> int:
        """Where the entries begin that begin with these values."""
        return bisect_left(self._entries, values)

    def _end(self, values: Entry) -> int:
        """Where they end."""
        return bisect_left(self._entries, (*values, _TOP))

    def _entry(self, row: Row, key: Row) -> Entry:
        """All that it is ordered by, then its key, each as `sortable` has it."""
        return (*[(value is not None, value) for value in self._values(row)[:-1]], (True, key))


class MemoryRows:
    """See `row_transaction.Rows`: the rows of all tables; `rollback` undoes every change since `begin`."""

    def __init__(self) -> None:
        self._rows: dict[str, dict[Row, Row]] = {table.name: {} for table in TABLES}
        self._orders = {index.name: Order(index) for index in INDEXES}
        self._of_table = {table.name: [self._orders[index.name] for index in indexes_of(table)] for table in TABLES}
        self._undo: list[tuple[Table[Any], Row, Row | None]] = []
        self._last_sequence = 0
        self._sequence_before = 0

    def begin(self) -> None:
        """Start a transaction."""
        self._undo.clear()
        self._sequence_before = self._last_sequence

    def rollback(self) -> None:
        """Put back what was there at `begin`."""
        for table, key, row in reversed(self._undo):
            self._place(table, key, row)
        self._undo.clear()
        self._last_sequence = self._sequence_before

    @property
    def changed(self) -> bool:
        """Whether anything was put since `begin`."""
        return bool(self._undo)

    def get(self, table: Table[Any], key: Row) -> Row | None:
        """The row with this key."""
        return self._rows[table.name].get(key)

    def scan(self, scan: Scan[Any]) -> list[Row]:
        """The rows of a scan, in its order."""
        rows = self._rows[scan.index.table]
        return [rows[key] for key in self._orders[scan.index.name].keys(scan)]

    def count(self, scan: Scan[Any]) -> int:
        """How many rows a scan without bounds and limit would give."""
        return self._orders[scan.index.name].count(scan.equal)

    def clash(self, index: Index[Any], row: Row, key: Row) -> bool:
        """Whether another row has the same values in a unique index."""
        return self._orders[index.name].clash(row, key)

    def put(self, table: Table[Any], key: Row, row: Row | None) -> None:
        """Set the row with this key; None removes it."""
        self._undo.append((table, key, self.get(table, key)))
        self._place(table, key, row)

    def note_sequence(self, sequence: int) -> None:
        """Never give this sequence number again."""
        self._last_sequence = max(self._last_sequence, sequence)

    def next_sequence(self) -> int:
        """The next sequence number of the audit."""
        return self._last_sequence + 1

    def _place(self, table: Table[Any], key: Row, row: Row | None) -> None:
        rows = self._rows[table.name]
        before = rows.pop(key, None)
        for order in self._of_table[table.name]:
            order.note(before, row, key)
        if row is not None:
            rows[key] = row
