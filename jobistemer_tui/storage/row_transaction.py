"""Reads and checked writes for backends that keep rows themselves: what a database's constraints do elsewhere."""

from __future__ import annotations

from dataclasses import replace as with_values
from typing import Any, NoReturn, Protocol, TypeVar

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import Scan, scan_of
from jobistemer_tui.storage.tables import EVENTS, Index, Table, children_of, indexes_of, table_named, table_of

R = TypeVar("R")


class Rows(Protocol):
    """Rows of plain values (`codec`) with their indexes, inside one transaction of a backend."""

    def get(self, table: Table[Any], key: Row) -> Row | None:
        """The row with this key."""

    def scan(self, scan: Scan[Any]) -> list[Row]:
        """The rows of a scan, in its order."""

    def count(self, scan: Scan[Any]) -> int:
        """How many rows a scan without bounds and limit would give."""

    def clash(self, index: Index[Any], row: Row, key: Row) -> bool:
        """Whether another row has the same values in a unique index."""

    def put(self, table: Table[Any], key: Row, row: Row | None) -> None:
        """Set the row with this key, and what its indexes say of it; None removes it."""

    def note_sequence(self, sequence: int) -> None:
        """Never give this sequence number again."""

    def next_sequence(self) -> int:
        """The next sequence number of the audit."""


class RowReader:
    """See `contract.Reader`."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def get(self, table: Table[R], *key: Any) -> R | None:
        self._check()
        codec = codec_of(table)
        row = self._rows.get(table, codec.encode_key(key))
        return None if row is None else codec.decode(row)

    def scan(
        self,
        index: Index[R],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        self._check()
        rows = self._rows.scan(scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit))
        if not rows:
            return []
        decode = codec_of(table_of(index)).decode
        return [decode(row) for row in rows]

    def scan_part(
        self,
        part: Table[R],
        index: Index[Any],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        self._check()
        whole, codec = codec_of(table_of(index)), codec_of(part)
        rows = self._rows.scan(scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit))
        return [codec.decode(whole.some_of(row, codec.names)) for row in rows]

    def count(self, index: Index[Any], *equal: Any) -> int:
        self._check()
        return self._rows.count(scan_of(index, equal))

    def _check(self) -> None:
        """Whether it may still be used; a reader always may."""


class RowTransaction(RowReader):
    """See `contract.Transaction`."""

    def __init__(self, rows: Rows) -> None:
        super().__init__(rows)
        self.failure: StoreError | None = None

    def insert(self, table: Table[R], record: R) -> bool:
        self._check()
        row = self._encode(table, record)
        key = codec_of(table).key_of(row)
        if self._rows.get(table, key) is not None:
            return False
        self._check_parents(table, row)
        self._check_unique(table, row, key)
        self._put(table, key, row)
        return True

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        self._check()
        codec, after = codec_of(table), self._encode(table, new)
        key = codec.key_of(after)
        if key != codec.encode_some(old, table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        stored = self._rows.get(table, key)
        if stored is None or codec.encode_some(old, table.guard) != codec.some_of(stored, table.guard):
            return False
        self._check_parents(table, after)
        self._check_unique(table, after, key)
        if after != stored:
            self._put(table, key, after)
        return True

    def delete(self, table: Table[Any], *key: Any) -> bool:
        self._check()
        values = codec_of(table).encode_key(key)
        if self._rows.get(table, values) is None:
            return False
        if any(self.count(index, *key) for index in children_of(table)):
            self._fail(f"a {table.name} cannot be deleted while other rows refer to it")
        self._rows.put(table, values, None)
        return True

    def append(self, event: Event) -> int:
        self._check()
        sequence = self._rows.next_sequence()
        row = self._encode(EVENTS, with_values(event, sequence=sequence))
        self._put(EVENTS, (sequence,), row)
        return sequence

    def finish(self) -> None:
        """Refuse any further use."""
        self.failure = self.failure or StoreError("a transaction was used after its end")

    def _encode(self, table: Table[R], record: R) -> Row:
        try:
            return codec_of(table).encode(record)
        except StoreError as error:
            self.failure = error
            raise

    def _put(self, table: Table[Any], key: Row, row: Row) -> None:
        self._rows.put(table, key, row)
        if table is EVENTS:
            self._rows.note_sequence(key[0])

    def _check(self) -> None:
        if self.failure is not None:
            raise self.failure

    def _check_parents(self, table: Table[Any], row: Row) -> None:
        for column, parent in table.parents.items():
            value = row[codec_of(table).places[column]]
            if value is not None and self._rows.get(table_named(parent), (value,)) is None:
                self._fail(f"a {table.name} needs its {parent} ({column}) to be there first")

    def _check_unique(self, table: Table[Any], row: Row, key: Row) -> None:
        for index in indexes_of(table):
            if index.unique and self._rows.clash(index, row, key):
                self._fail(f"another {table.name} has the same {', '.join(index.columns)}")

    def _fail(self, message: str) -> NoReturn:
        self.failure = StoreError(message)
        raise self.failure
