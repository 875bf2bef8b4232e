"""What writes: imported with the first write."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.sqlite.checkpoint import Checkpointer
from jobistemer_tui.storage.sqlite.failures import store_error
from jobistemer_tui.storage.sqlite.group_commit import GroupCommit
from jobistemer_tui.storage.writer import Writer


def start_writer(
    connection: sqlite3.Connection, path: Path, nesting: NestingGuard, committed: Callable[[], None]
) -> Writer:
    """The thread that writes over this connection. Raises StoreError."""
    try:
        checkpointer = Checkpointer(connection, path)
    except sqlite3.Error as error:
        raise store_error(error) from error
    return Writer(GroupCommit(connection, nesting).commit, nesting, committed, checkpointer.try_to_run)
