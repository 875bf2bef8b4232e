"""Whether a database is what it was: read through for damage."""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from pathlib import Path
from typing import Final

from jobistemer_tui.storage import embedded
from jobistemer_tui.storage.embedded import damaged
from jobistemer_tui.storage.sqlite.failures import opening_error
from jobistemer_tui.storage.tables import TABLES

MADE_AS: Final = "bd6ae859e6f78bd1"
"""What `made_as` gives for a sound database of the present schema; the test of this file tells a new one."""
_MADE = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"


def find_damage(connection: sqlite3.Connection, path: Path, *, thorough: bool) -> None:
    """Read the whole database once, if it is small or that is wished. Raises StoreUnavailable for damage."""
    is_small = os.stat(path).st_size <= embedded.ALWAYS_READ_BYTES
    if not (thorough or is_small):
        return
    check = "integrity_check" if is_small else "quick_check"  # the one that compares indexes takes some times as long
    try:
        (word,) = connection.execute(f"PRAGMA {check}(1)").fetchone()
        stray = connection.execute("PRAGMA foreign_key_check").fetchone() if word == "ok" else None
        made = made_as(connection) if word == "ok" else MADE_AS
    except sqlite3.Error as error:
        raise opening_error(error, path) from error
    except ValueError as error:
        raise damaged(path, error) from error
    if word != "ok":
        raise damaged(path, word)
    if stray is not None:  # a wrong byte inside a value, which SQLite cannot know
        raise damaged(path, f"a row of {stray[0]} refers to a {stray[2]} that is not there")
    if made != MADE_AS:  # a wrong byte in a condition, for instance, by which every row would be refused
        raise damaged(path, "its tables are not as this program made them")


def made_as(connection: sqlite3.Connection) -> str:
    """A digest of what made our tables, without spaces and quotes; what others have added does not count."""
    ours = {table.name for table in TABLES}
    texts = [re.sub(r'[\s"]', "", sql) for name, sql in connection.execute(_MADE) if name in ours]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
