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
from jobistemer_tui.storage.postgres.pipelined import Pipelined
from jobistemer_tui.storage.sql.memory import Memory
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
            return self._connection.execute(text, values, binary=True).fetchall()
        except psycopg.Error as error:
            raise store_error(error) from error


class PostgresTransaction(SqlTransaction):
    """See `contract.Transaction`. The caller holds the gate, so `last_event` is ours to count on from.

    `wrote` says whether there is anything to commit, `is_broken` whether the server has refused a statement, be it
    one that was sent by the work before this one.
    """

    statements = STATEMENTS

    def __init__(self, session: Pipelined, last_event: int, memory: Memory) -> None:
        super().__init__(memory)
        self._session = session
        self.last_event = last_event
        self.wrote = self.is_broken = False

    def insert(self, table: Table[R], record: R) -> bool:
        inserted = super().insert(table, record)
        if inserted and isinstance(record, Event):
            self.last_event = max(self.last_event, record.sequence)
        return inserted

    def append(self, event: Event) -> int:
        sequence = self.last_event + 1
        row = self._encode(EVENTS, replace(event, sequence=sequence))
        self._send(self.statements.insert_text(EVENTS), row)
        self._wrote(EVENTS, None, row)
        self.last_event = sequence
        return sequence

    def _rows(self, text: str, values: Sequence[Any]) -> list[Row]:
        return self._answered(text, values)[1]

    def _run(self, text: str, values: Sequence[Any]) -> psycopg.Cursor[Row]:
        cursor, rows = self._answered(f"{text} RETURNING true", values)  # an answer without rows cannot be waited for
        self.wrote = self.wrote or bool(rows)
        return cursor

    def _answered(self, text: str, values: Sequence[Any]) -> tuple[psycopg.Cursor[Row], list[Row]]:
        if self.failure is not None:
            raise self.failure
        try:
            cursor = self._session.send(text, values)
            return cursor, cursor.fetchall()
        except psycopg.Error as error:
            self._fail(error)

    def _send(self, text: str, values: Sequence[Any]) -> None:
        if self.failure is not None:
            raise self.failure
        try:
            self._session.send(text, values)
        except psycopg.Error as error:
            self._fail(error)
        self.wrote = True

    def _fail(self, error: psycopg.Error) -> NoReturn:
        self.is_broken = True
        self.failure = store_error(error)
        raise self.failure from error
