"""Rows and their index entries in one LMDB transaction.

An entry's key is what its row is ordered by; its value says where the row lies, after a byte that says whether the
key holds only the beginning of a long text. Among those the order of keys is not the order of the rows, so a scan that
meets one reads all of its range and sorts the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from itertools import islice, takewhile
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import lmdb

from jobistemer_tui.errors import StoreError, StoreUnavailable
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.lmdb.failures import store_error
from jobistemer_tui.storage.lmdb.keys import (
    LONG,
    PATHS,
    PRESENT,
    IndexKeys,
    after,
    beginning,
    direct_key,
    index_keys,
    keys_of_indexes,
    packed,
)
from jobistemer_tui.storage.lmdb.layout import LAST_SEQUENCE
from jobistemer_tui.storage.lmdb.row_bytes import HINT, row_bytes, row_of
from jobistemer_tui.storage.scans import Scan
from jobistemer_tui.storage.tables import Index, Table, indexes_of, table_named, table_of

P = ParamSpec("P")
T = TypeVar("T")
Entry = tuple[bytes, bytes]
_Method: TypeAlias = Callable[Concatenate["LmdbRows", P], T]
_Placed = tuple[Row, bytes]
"""A row and where it lies."""


def _lasting(method: _Method[P, T]) -> _Method[P, T]:
    """Let a failure of LMDB end the transaction: whatever is asked after it fails in the same way."""

    @wraps(method)
    def guarded(self: LmdbRows, /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self.failure is not None:
            raise self.failure
        try:
            return method(self, *args, **kwargs)
        except lmdb.Error as error:
            self.cause, self.failure = error, store_error(error)
            raise self.failure from error
        except StoreError as error:
            self.failure = error
            raise

    return guarded


class LmdbRows:
    """See `row_transaction.Rows`. `cause` is the error of LMDB that has spoilt the transaction, if one has."""

    def __init__(self, transaction: lmdb.Transaction[bytes]) -> None:
        self.cause: lmdb.Error | None = None
        self.failure: StoreError | None = None
        self._transaction = transaction
        self._known: dict[tuple[str, Row], Row] = {}
        """Rows read and written: nobody else writes meanwhile."""

    @_lasting
    def get(self, table: Table[Any], key: Row) -> Row | None:
        known = self._known.get((table.name, key))
        if known is not None:
            return known
        place = self._place(table, key)
        stored = None if place is None else self._transaction.get(place)
        if place is None or stored is None:
            return None
        return self._read(table, place, stored)

    @_lasting
    def scan(self, scan: Scan[Any]) -> list[Row]:
        keys, table = index_keys(scan.index), table_of(scan.index)
        start, end = _bounds(keys, scan)
        entries = list(islice(self._entries(start, end, reverse=scan.reverse), scan.limit))
        if not any(value.startswith(LONG) for _, value in entries):
            return [self._at(table, value[1:]) for _, value in entries]
        rows = [self._at(table, value[1:]) for _, value in self._entries(start, end)]
        fitting = sorted((row for row in rows if _fits(keys, scan, row)), key=lambda row: _sortable(keys.values(row)))
        return (fitting[::-1] if scan.reverse else fitting)[: scan.limit]

    @_lasting
    def count(self, scan: Scan[Any]) -> int:
        start = index_keys(scan.index).beginning(scan.equal)
        end = after(start)
        with self._transaction.cursor() as cursor:
            if not cursor.set_range(start):
                return 0
            return sum(1 for _ in takewhile(lambda key: key < end, cursor.iternext(keys=True, values=False)))

    @_lasting
    def clash(self, index: Index[Any], row: Row, key: Row) -> bool:
        keys = index_keys(index)
        values = keys.values(row)[: keys.width]
        if any(value is None for value in values):
            return False
        start, own = keys.beginning(values), keys.entry(row)
        return any(entry != own for entry, _ in self._entries(start, after(start)))

    @_lasting
    def put(self, table: Table[Any], key: Row, row: Row | None) -> None:
        before = self._placed(table, key)
        now = None if row is None else (row, self._place_of(table, row))
        if before is not None and (now is None or before[1] != now[1]):
            self._transaction.delete(before[1])
        if now is not None:
            self._transaction.put(now[1], row_bytes(codec_of(table).columns, *now))
        for keys in keys_of_indexes(table):
            self._note(keys, before, now)
        self._known.pop((table.name, key), None)
        if row is not None:
            self._known[table.name, key] = row

    @_lasting
    def note_sequence(self, sequence: int) -> None:
        if sequence >= self.next_sequence():
            self._transaction.put(LAST_SEQUENCE, b"%d" % sequence)

    @_lasting
    def next_sequence(self) -> int:
        return int(self._transaction.get(LAST_SEQUENCE, b"0")) + 1

    def _note(self, keys: IndexKeys, before: _Placed | None, now: _Placed | None) -> None:
        """Write what an index says of a row that was there `before` and is there `now`."""
        old = None if before is None else keys.entry_of(*before)
        new = None if now is None else keys.entry_of(*now)
        if old == new:
            return
        if old is not None and (new is None or old[0] != new[0]):
            self._transaction.delete(old[0])
        if new is not None:
            self._transaction.put(*new)

    def _placed(self, table: Table[Any], key: Row) -> _Placed | None:
        """The row with a key and where it lies."""
        row = self.get(table, key)
        place = None if row is None else self._place(table, key)
        return None if row is None or place is None else (row, place)

    def _place(self, table: Table[Any], key: Row) -> bytes | None:
        """Where the row with a key lies, as far as that can be said without the row."""
        if table.name not in PATHS:
            return direct_key(table, key)
        by_key = next(index for index in indexes_of(table) if index.columns == table.key)
        value = self._transaction.get(index_keys(by_key).beginning(key))
        return None if value is None else bytes(value[1:])

    def _place_of(self, table: Table[Any], row: Row) -> bytes:
        """Where a row is to lie; its parents are there."""
        codec = codec_of(table)
        key = codec.key_of(row)
        if table.name not in PATHS:
            return direct_key(table, key)
        column, before, behind = PATHS[table.name]
        above = self._place(table_named(table.parents[column]), (row[codec.places[column]],))
        if above is None:
            raise StoreUnavailable(f"the {table.parents[column]} of a {table.name} cannot be found", hint=HINT)
        return above + before + packed(codec.by_name[table.key[0]], key[0]) + behind

    def _at(self, table: Table[Any], place: bytes) -> Row:
        stored = self._transaction.get(place)
        if stored is None:
            raise StoreUnavailable(f"a {table.name} that an index knows is not there", hint=HINT)
        return self._read(table, place, stored)

    def _read(self, table: Table[Any], place: bytes, stored: bytes) -> Row:
        codec = codec_of(table)
        row = row_of(codec.columns, stored, place)
        self._known[table.name, codec.key_of(row)] = row
        return row

    def _entries(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterable[Entry]:
        """The entries from `start` to before `end`."""
        with self._transaction.cursor() as cursor:
            if reverse:
                there = cursor.prev() if cursor.set_range(end) else cursor.last()
                if there:
                    yield from takewhile(lambda entry: entry[0] >= start, cursor.iterprev())
            elif cursor.set_range(start):
                yield from takewhile(lambda entry: entry[0] < end, cursor.iternext())


def _bounds(keys: IndexKeys, scan: Scan[Any]) -> Entry:
    """The keys between which the entries of a scan lie, and of long texts perhaps a few more."""
    prefix = keys.beginning(scan.equal)
    if not scan.bounded:
        return prefix, after(prefix)
    column = keys.columns[len(scan.equal)]
    present = prefix + PRESENT
    start = present if scan.low is None else present + beginning(column, scan.low)
    end = after(present) if scan.high is None else after(present + beginning(column, scan.high))
    return start, end


def _fits(keys: IndexKeys, scan: Scan[Any], row: Row) -> bool:
    """Whether a row is within the bounds of a scan."""
    if not scan.bounded:
        return True
    value = keys.values(row)[len(scan.equal)]
    return (scan.low is None or value >= scan.low) and (scan.high is None or value <= scan.high)


def _sortable(values: Row) -> list[tuple[bool, Any]]:
    return [(value is not None, value) for value in values]
