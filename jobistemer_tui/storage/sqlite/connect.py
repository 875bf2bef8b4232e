"""The only place that opens the database, and the only one that closes it.

Closing any descriptor of the database file drops every lock this process holds on it, so nothing else may open
these files. The last connection to close checkpoints whatever its settings say, hence only under the lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from pathlib import Path

from jobistemer_tui.storage.sqlite.checkpoint_lock import checkpoint_lock

BUSY_TIMEOUT_S = 30.0
_STATEMENTS = 256
_READER_CACHE_KIB = 512  # what is read again and again is small, and the system keeps the file's pages anyway

_SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA wal_autocheckpoint = 0",
    "PRAGMA mmap_size = 0",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)


def connect(path: Path) -> sqlite3.Connection:
    """A connection without implicit transactions that any thread may use, one at a time. Raises sqlite3.Error."""
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=_STATEMENTS
    )
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
    except sqlite3.Error:
        disconnect(path, [connection])
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """The same, for reading only."""
    connection = connect(path)
    connection.execute("PRAGMA query_only = ON")
    connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
    return connection


def disconnect(path: Path, connections: Iterable[sqlite3.Connection]) -> None:
    """Close connections under the checkpoint lock."""
    with ExitStack() as stack:
        with suppress(FileNotFoundError):  # the folder is gone and the database with it, so nothing is at stake
            stack.enter_context(checkpoint_lock(path))
        for connection in connections:
            connection.close()
