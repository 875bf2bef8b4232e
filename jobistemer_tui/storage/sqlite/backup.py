"""A consistent copy of a database, written by SQLite itself (https://sqlite.org/lang_vacuum.html#vacuuminto)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from jobistemer_tui.storage.sqlite.connect import connect, disconnect
from jobistemer_tui.storage.sqlite.failures import opening_error


def write_backup(path: Path, target: Path) -> None:
    """Write one state of the database to a new file. Raises HomeNotWritable, StoreUnavailable and StoreFull."""
    try:
        connection = connect(path)
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            disconnect(path, [connection])
    except sqlite3.Error as error:
        raise opening_error(error, path) from error
