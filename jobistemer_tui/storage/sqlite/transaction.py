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
        row = self._stored(table, codec.encode_key(key))
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
        scan = scan_of(index, equal, low=low, high=high, reverse=reverse, limit=limit)
        table = table_of(index)
        rows = self._ask(table, statements.scan_text(scan), statements.scan_values(scan))
        self._saw(table, rows)
        decode = codec_of(table).decode
        return [decode(row) for row in rows]

    def count(self, index: Index[Any], *equal: Any) -> int:
        scan = scan_of(index, equal)
        values = [value for value in scan.equal if value is not None]
        return int(self._ask(table_of(index), statements.count_text(scan), values)[0][0])

    def _stored(self, table: Table[Any], key: Row) -> Row | None:
        rows = self._rows(statements.get_text(table), key)
        return rows[0] if rows else None

    def _saw(self, table: Table[Any], rows: list[Row]) -> None:
        """These rows were read."""

    def _ask(self, table: Table[Any], text: str, values: Sequence[Any]) -> list[Row]:
        """The answer to a question about a table."""
        return self._rows(text, values)

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error) from error


class SqliteTransaction(SqliteReader):
    """See `contract.Transaction`.

    It remembers the rows it has read and written, and the answers about tables that it has not written since: nobody
    else writes meanwhile, and each statement costs a good part of a transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.failure: StoreError | None = None
        self._known: dict[tuple[str, Row], Row] = {}
        self._answers: dict[str, dict[tuple[str, Row], list[Row]]] = {}

    def insert(self, table: Table[R], record: R) -> bool:
        row = self._encode(table, record)
        inserted = self._run(statements.insert_text(table), row).rowcount == 1
        if inserted:
            self._wrote(table)
            self._saw(table, [row])
        return inserted

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        """Only columns that change are written, which spares the other indexes."""
        codec = codec_of(table)
        before, after = self._encode(table, old), self._encode(table, new)
        key = tuple(before[codec.places[name]] for name in table.key)
        if key != tuple(after[codec.places[name]] for name in table.key):
            raise ValueError(f"a replacement keeps the key of its {table.name}")
        stored = self._stored(table, key)
        guards = [codec.places[name] for name in table.guard]
        if stored is None or any(stored[place] != before[place] for place in guards):
            return False
        changed = [place for place, value in enumerate(after) if value != stored[place]]
        if changed:
            text = statements.update_text(table, tuple(codec.names[place] for place in changed))
            self._run(text, (*(after[place] for place in changed), *key))
            self._wrote(table)
            self._known[table.name, key] = after
        return True

    def delete(self, table: Table[Any], *key: Any) -> bool:
        values = codec_of(table).encode_key(key)
        self._wrote(table)
        self._known.pop((table.name, values), None)
        return self._run(statements.delete_text(table), values).rowcount == 1

    def append(self, event: Event) -> int:
        places = codec_of(EVENTS).places
        row = self._encode(EVENTS, event)
        values = tuple(row[places[name]] for name in statements.event_columns())
        sequence = self._run(statements.append_text(), values).lastrowid
        self._wrote(EVENTS)
        assert sequence is not None, "an INSERT into a rowid table sets lastrowid"
        return sequence

    def finish(self) -> None:
        """Refuse any further use."""
        self.failure = self.failure or StoreError("a transaction was used after its end")

    def _stored(self, table: Table[Any], key: Row) -> Row | None:
        if self.failure is not None:
            raise self.failure
        known = self._known.get((table.name, key))
        if known is None and (known := super()._stored(table, key)) is not None:
            self._known[table.name, key] = known
        return known

    def _ask(self, table: Table[Any], text: str, values: Sequence[Any]) -> list[Row]:
        if self.failure is not None:
            raise self.failure
        answers = self._answers.setdefault(table.name, {})
        question = text, tuple(values)
        if question not in answers:
            answers[question] = self._rows(text, values)
        return answers[question]

    def _wrote(self, table: Table[Any]) -> None:
        """What was answered about the table is true no more."""
        self._answers.pop(table.name, None)

    def _saw(self, table: Table[Any], rows: list[Row]) -> None:
        key_of = codec_of(table).key_of
        self._known.update(((table.name, key_of(row)), row) for row in rows)

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
