"""Commits of other processes: a notice is the hint, a look each second the guarantee."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress

import psycopg
from psycopg.sql import SQL, Identifier

from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.own_commits import OwnCommits

LOOK_EVERY_S = 1.0
PAUSE_S = 0.05
"""From one look to the next, however many notices come: they come with every commit of every engine."""
PATIENCE_S = 2.0
"""For so long at the most who closes the store waits for an answer of the server."""

_log = logging.getLogger(__name__)


class Watcher:
    """A thread with a session of its own that calls `changed` after commits that are not this process's."""

    def __init__(self, address: Address, own: OwnCommits, changed: Callable[[], None]) -> None:
        self._address = address
        self._own = own
        self._changed = changed
        self._lost = False
        self._readable, self._writable = os.pipe()
        self._thread = threading.Thread(target=self._run, name="store-watcher", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread and its session; if the server does not answer, with the process at the latest."""
        os.close(self._writable)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        try:
            self._watch_until_closed()
        finally:
            os.close(self._readable)

    def _watch_until_closed(self) -> None:
        while not self._is_ending(0.0):
            try:
                with connect(self._address) as connection:
                    self._watch(connection)
            except (StoreError, psycopg.Error) as error:
                if not self._lost:
                    _log.warning("the store cannot be watched: %s", self._address.masked(str(error)))
                self._lost = True
                if self._is_ending(LOOK_EVERY_S):
                    return

    def _watch(self, connection: Connection) -> None:
        """Until the end. Raises StoreError and psycopg.Error."""
        with suppress(psycopg.errors.ReadOnlySqlTransaction):  # a standby has no notices: the look each second will do
            connection.execute(SQL("LISTEN {}").format(Identifier(self._address.schema)))
        if self._lost:  # something may have been committed meanwhile
            self._lost = False
            self._changed()
        self._own.start_at(_newest(connection))
        while not self._is_ending(LOOK_EVERY_S, connection.fileno()):
            with suppress(StopIteration):
                next(connection.notifies(timeout=0))
            if self._own.others_since(_newest(connection)):
                self._changed()
            if self._is_ending(PAUSE_S):
                return

    def _is_ending(self, seconds: float, *others: int) -> bool:
        """Wait so long, or until one of the others can be read; whether we are closed."""
        ready, _, _ = select.select([self._readable, *others], [], [], seconds)
        return self._readable in ready


def _newest(connection: Connection) -> int:
    row = connection.execute("SELECT commits FROM store").fetchone()
    return 0 if row is None else int(row[0])
