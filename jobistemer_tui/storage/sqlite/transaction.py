"""Reads and writes over one connection that is inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreError, StoreUnavailable
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.scans import scan_of
from jobistemer_tui.storage.sqlite import statements
from jobistemer_tui.storage.sqlite.failures import store_error
from jobistemer_tui.storage.tables import EVENTS, Index, Table, table_of

R = TypeVar("R")


class SqliteReader:
    """See `contract.Reader`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def get(self, table: Table[R], *key: Any) -> R | None:
        codec = codec_of(table)
        rows = self._rows(statements.get_text(table), codec.encode_key(key))
        return codec.decode(rows[0]) if rows else None

    def scan(
        self,
        index: Index[R],
        *equal: Any,
        low: Any = None,
        high: Any = None,
        reverse: bool = False,
        limit: int | None = None,
    ) -> list[R]:
        scan = scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit)
        decode = codec_of(table_of(index)).decode
        return [decode(row) for row in self._rows(statements.scan_text(scan), statements.scan_values(scan))]

    def count(self, index: Index[Any], *equal: Any) -> int:
        scan = scan_of(index, equal)
        values = [value for value in scan.equal if value is not None]
        return int(self._rows(statements.count_text(scan), values)[0][0])

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error) from error


class SqliteTransaction(SqliteReader):
    """See `contract.Transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.failure: StoreError | None = None

    def insert(self, table: Table[R], record: R) -> bool:
        return self._run(statements.insert_text(table), self._encode(table, record)).rowcount == 1

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Only columns that change are written, which spares the other indexes."""
        codec = codec_of(table)
        before, after = self._encode(table, old), self._encode(table, new)
        key = tuple(before[codec.places[name]] for name in table.key)
        if key != tuple(after[codec.places[name]] for name in table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        rows = self._rows(statements.get_text(table), key)
        guards = [codec.places[name] for name in table.guard]
        if not rows or any(rows[0][place] != before[place] for place in guards):
            return False
        (stored,) = rows
        changed = [place for place, value in enumerate(after) if value != stored[place]]
        if changed:
            text = statements.update_text(table, tuple(codec.names[place] for place in changed))
            self._run(text, (*(after[place] for place in changed), *key))
        return True

    def delete(self, table: Table[Any], *key: Any) -> bool:
        return self._run(statements.delete_text(table), codec_of(table).encode_key(key)).rowcount == 1

    def append(self, event: Event) -> int:
        places = codec_of(EVENTS).places
        row = self._encode(EVENTS, event)
        values = tuple(row[places[name]] for name in statements.event_columns())
        sequence = self._run(statements.append_text(), values).lastrowid
        assert sequence is not None, "an INSERT into a rowid table sets lastrowid"
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

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._run(text, values).fetchall()
        except sqlite3.Error as error:
            self._fail(error)

    def _run(self, text: str, values: Sequence[Any]) -> sqlite3.Cursor:
        """Execute a statement inside the transaction.

        An error may already have rolled everything back; a statement after it would commit by itself.
        """
        if self.failure is not None:
            raise self.failure
        try:
            if not self._connection.in_transaction:
                raise StoreUnavailable("the transaction is gone")
            return self._connection.execute(text, values)
        except sqlite3.Error as error:
            self._fail(error)

    def _fail(self, error: sqlite3.Error) -> NoReturn:
        self.failure = store_error(error)
        raise self.failure from error
