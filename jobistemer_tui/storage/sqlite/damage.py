"""Whether a database is what it was: read through for damage."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from jobistemer_tui.storage import embedded
from jobistemer_tui.storage.embedded import damaged
from jobistemer_tui.storage.sqlite.failures import opening_error


def find_damage(connection: sqlite3.Connection, path: Path, *, thorough: bool) -> None:
    """Read the whole database once, if it is small or that is wished. Raises StoreUnavailable for damage."""
    if not thorough and os.stat(path).st_size > embedded.ALWAYS_READ_BYTES:
        return
    try:
        (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        stray = connection.execute("PRAGMA foreign_key_check").fetchone() if word == "ok" else None
    except sqlite3.Error as error:
        raise opening_error(error, path) from error
    except ValueError as error:
        raise damaged(path, error) from error
    if word != "ok":
        raise damaged(path, word)
    if stray is not None:  # a wrong byte inside a value, which quick_check cannot know
        raise damaged(path, f"a row of {stray[0]} refers to a {stray[2]} that is not there")
