"""Moves the WAL into the database when it has grown."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from jobistemer_tui.storage.sqlite.checkpoint_lock import checkpoint_lock_if_free
from jobistemer_tui.storage.sqlite.connect import BUSY_TIMEOUT_S

CHECKPOINT_PAGES = 1000

_log = logging.getLogger(__name__)


class Checkpointer:
    """Used by the writer thread alone, between its transactions."""

    def __init__(self, connection: sqlite3.Connection, path: Path, *, pages: int = CHECKPOINT_PAGES) -> None:
        (page_size,) = connection.execute("PRAGMA page_size").fetchone()
        self._connection = connection
        self._path = path
        self._wal = f"{path}-wal"
        self._step = pages * page_size
        self._due_bytes = self._step

    def try_to_run(self) -> None:
        """The same; a failure is logged: what was committed is safe in the WAL, and the next commit tries again."""
        try:
            self.run_if_due()
        except (sqlite3.Error, OSError):
            _log.warning("the store's WAL could not be moved into the database", exc_info=True)

    def run_if_due(self) -> bool:
        """Checkpoint if the WAL has grown enough and nobody else does; whether it was emptied.

        Where readers, another process or an error keep it from being emptied, it is tried again a step of growth later.
        Raises sqlite3.Error and OSError.
        """
        size = self._size()
        if size < self._due_bytes:
            return False
        self._due_bytes = size + self._step
        with checkpoint_lock_if_free(self._path) as held:
            emptied = held and self._truncate()
        if emptied:
            self._due_bytes = self._step
        return emptied

    def _size(self) -> int:
        try:
            return os.stat(self._wal).st_size
        except FileNotFoundError:
            return 0

    def _truncate(self) -> bool:
        """Empty the WAL without waiting for anybody: commits must not queue behind a long reader."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        try:
            busy, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
        return not busy
