"""Sessions for reading: each used by one thread at a time, in short transactions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, LiteralString

import psycopg

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.failures import store_error

_KEPT = 4
_BEGIN: LiteralString = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_PATIENT: LiteralString = "SET idle_in_transaction_session_timeout = 0"
"""A reader keeps nobody waiting, and one of two stores that are compared waits long for the other."""


class Readers:
    """A pool that grows to as many sessions as threads read at once, and keeps a few."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A session in a transaction that reads one state. Raises StoreUnavailable."""
        connection = self._execute_on_one(_BEGIN)
        try:
            yield connection
        finally:
            with suppress(psycopg.Error):  # then it is lost, and not kept
                connection.execute("COMMIT")  # after a ROLLBACK psycopg forgets all that it has prepared
            self._give_back(connection)

    def ask(self, text: LiteralString) -> tuple[Any, ...] | None:
        """The first row of the answer to one question. Raises StoreUnavailable."""
        connection = self._execute_on_one("")
        try:
            return connection.execute(text, binary=True).fetchone()
        except psycopg.Error as error:
            raise store_error(error) from error
        finally:
            self._give_back(connection)

    def close(self) -> None:
        """End the idle sessions now and the others when they come back."""
        with self._lock:
            self._closed = True
            connections, self._idle = self._idle, []
        for connection in connections:
            connection.close()

    def _execute_on_one(self, text: LiteralString) -> Connection:
        """A session that has executed this: one that was kept unless it turns out to be lost, else a new one."""
        while (connection := self._kept()) is not None:
            try:
                connection.execute(text)
            except psycopg.Error:
                connection.close()
            else:
                return connection
        connection = connect(self._address)
        try:
            connection.execute(_PATIENT)
            connection.execute(text)
        except psycopg.Error as error:
            connection.close()
            raise store_error(error) from error
        return connection

    def _kept(self) -> Connection | None:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the store is closed")
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: Connection) -> None:
        with self._lock:
            if not self._closed and not connection.closed and len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()
