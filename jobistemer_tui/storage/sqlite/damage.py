"""Whether a database is what it was: read through for damage, and never begun anew where one was emptied."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.sqlite.failures import opening_error

ALWAYS_READ_BYTES = 4 * 1024 * 1024
"""Up to this size a database is read through at each start of an engine; a larger one only after one was cut short."""
_HINT = "restore it from a backup; or, to begin with nothing, move it and the folder {}.nodes away"


def refuse_emptied(path: Path) -> None:
    """Raise StoreUnavailable for a file without content in which an engine has worked: SQLite would begin anew."""
    if path.exists() and os.stat(path).st_size == 0 and Path(f"{path}.nodes", "engine.lock").exists():
        raise StoreUnavailable(f"{path} is empty, and an engine has worked with it before", hint=_HINT.format(path))


def find_damage(connection: sqlite3.Connection, path: Path, *, thorough: bool) -> None:
    """Read the whole database once, if it is small or that is wished. Raises StoreUnavailable for damage."""
    if not thorough and os.stat(path).st_size > ALWAYS_READ_BYTES:
        return
    try:
        (word,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise opening_error(error, path) from error
    except ValueError as error:
        raise damaged(path, error) from error
    if word != "ok":
        raise damaged(path, word)


def damaged(path: Path, why: object) -> StoreUnavailable:
    """What to say of a damaged database. Its words may be nonsense that Python cannot even decode."""
    return StoreUnavailable(f"{path} is damaged: {why}", hint=_HINT.format(path))
