"""Reads and writes over one session that is inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

import psycopg

from jobistemer_tui.domain.records import Event
from jobistemer_tui.storage.codec import Row
from jobistemer_tui.storage.postgres.connect import Connection
from jobistemer_tui.storage.postgres.failures import store_error
from jobistemer_tui.storage.sql.statements import Statements
from jobistemer_tui.storage.sql.transaction import SqlReader, SqlTransaction
from jobistemer_tui.storage.tables import EVENTS, Table

R = TypeVar("R")
STATEMENTS = Statements(mark="%s", no_limit=None, nulls_last=True)


class PostgresReader(SqlReader):
    """See `contract.Reader`."""

    statements = STATEMENTS

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        try:
            return _execute(self._connection, text, values).fetchall()
        except psycopg.Error as error:
            raise store_error(error) from error


class PostgresTransaction(SqlTransaction):
    """See `contract.Transaction`. The caller holds the gate, so `last_event` is ours to count on from.

    `wrote` says whether there is anything to commit.
    """

    statements = STATEMENTS

    def __init__(self, connection: Connection, last_event: int) -> None:
        super().__init__()
        self._connection = connection
        self.last_event = last_event
        self.wrote = False

    def insert(self, table: Table[R], record: R) -> bool:
        inserted = super().insert(table, record)
        if inserted and isinstance(record, Event):
            self.last_event = max(self.last_event, record.sequence)
        return inserted

    def append(self, event: Event) -> int:
        sequence = self.last_event + 1
        self.insert(EVENTS, replace(event, sequence=sequence))
        return sequence

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        return self._tried(text, values).fetchall()

    def _run(self, text: str, values: Sequence[Any]) -> psycopg.Cursor[Row]:
        cursor = self._tried(text, values)
        self.wrote = self.wrote or cursor.rowcount > 0
        return cursor

    def _tried(self, text: str, values: Sequence[Any]) -> psycopg.Cursor[Row]:
        if self.failure is not None:
            raise self.failure
        try:
            return _execute(self._connection, text, values)
        except psycopg.Error as error:
            self._fail(error)

    def _fail(self, error: psycopg.Error) -> NoReturn:
        self.failure = store_error(error)
        raise self.failure from error


def _execute(connection: Connection, text: str, values: Sequence[Any]) -> psycopg.Cursor[Row]:
    return connection.execute(text, values, binary=True)
