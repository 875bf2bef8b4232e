"""Connections for reading: each used by one thread at a time, in short transactions."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.sqlite.connect import connect_reader, disconnect
from jobistemer_tui.storage.sqlite.failures import store_error


class Readers:
    """A pool that grows to as many connections as threads read at once; and one that only watches for commits."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._watching = threading.Lock()
        self._watch: sqlite3.Connection | None = None
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction that reads one state. Raises StoreUnavailable."""
        connection = self._take()
        try:
            _execute(connection, "BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    _execute(connection, "ROLLBACK")
        finally:
            self._give_back(connection)

    def data_version(self) -> int:
        """A number that differs after any commit by any other connection, in whatever process.

        It comes from a connection that never writes and never keeps a transaction, for an open one freezes it.
        """
        try:
            with self._watching:
                self._check_open()
                if self._watch is None:
                    self._watch = self._connect()
                return int(self._watch.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.Error as error:
            raise store_error(error) from error
        finally:
            if self._closed:
                self._end_watch()

    def close(self) -> None:
        """Close what is idle now and the others when they come back."""
        with self._lock:
            self._closed = True
            connections, self._idle = self._idle, []
        disconnect(self._path, connections)
        self._end_watch()

    def _end_watch(self) -> None:
        """Unless somebody waits for its answer, who ends it then."""
        if self._watching.acquire(blocking=False):
            watch, self._watch = self._watch, None
            self._watching.release()
            if watch is not None:
                disconnect(self._path, [watch])

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            self._check_open()
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(connection)
                return
        disconnect(self._path, [connection])

    def _connect(self) -> sqlite3.Connection:
        try:
            return connect_reader(self._path)
        except sqlite3.Error as error:
            raise store_error(error) from error

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")


def _execute(connection: sqlite3.Connection, text: str) -> None:
    try:
        connection.execute(text)
    except sqlite3.Error as error:
        raise store_error(error) from error
