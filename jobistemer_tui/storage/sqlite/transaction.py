"""Reads and writes over one connection that is inside a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any, NoReturn

from jobistemer_tui.domain.records import Event
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.codec import Row, codec_of
from jobistemer_tui.storage.sql.statements import Statements, event_columns
from jobistemer_tui.storage.sql.transaction import SqlReader, SqlTransaction
from jobistemer_tui.storage.sqlite.failures import store_error
from jobistemer_tui.storage.tables import EVENTS

STATEMENTS = Statements(mark="?", no_limit=-1, nulls_last=False)


class SqliteReader(SqlReader):
    """See `contract.Reader`."""

    statements = STATEMENTS

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        try:
            return self._connection.execute(text, values).fetchall()
        except sqlite3.Error as error:
            raise store_error(error) from error


class SqliteTransaction(SqlTransaction):
    """See `contract.Transaction`."""

    statements = STATEMENTS

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__()
        self._connection = connection

    def append(self, event: Event) -> int:
        places = codec_of(EVENTS).places
        row = self._encode(EVENTS, event)
        values = tuple(row[places[name]] for name in event_columns())
        sequence = self._run(self.statements.append_text, values).lastrowid
        self.has_written = True
        self._memory.forget(EVENTS)
        assert sequence is not None, "an INSERT into a rowid table sets lastrowid"
        return sequence

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
