"""SQLite's result codes (https://sqlite.org/rescode.html) as our errors."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from jobistemer_tui.errors import JobistemerError, StoreDamaged, StoreError, StoreUnavailable
from jobistemer_tui.storage.embedded import full, not_writable

_IOERR_SHMSIZE = sqlite3.SQLITE_IOERR_SHMSIZE  # the -shm file cannot grow, mostly for want of space
_PRIMARY = 0xFF
_RESTORE = "restore it from a backup, or name another store"
_NOT_UTF8 = "Could not decode to UTF-8"  # Python's own words, which go on with the whole text


def store_error(error: sqlite3.Error) -> StoreError:
    """What a failed statement means; raise it `from` the error."""
    code = _code(error)
    match code & _PRIMARY:
        case sqlite3.SQLITE_CONSTRAINT:
            return StoreError(f"a row does not fit the others: {error}")
        case sqlite3.SQLITE_FULL:
            return full(error)
        case sqlite3.SQLITE_IOERR if code == _IOERR_SHMSIZE:
            return full(error)
        case sqlite3.SQLITE_BUSY:
            return StoreUnavailable(f"the store stayed busy: {error}", hint="another process holds it; try again")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreDamaged(
                f"the store is damaged or no SQLite database: {error}",
                hint=_RESTORE,
            )
        case 0 if str(error).startswith(_NOT_UTF8):
            return StoreDamaged(
                "the store is damaged: it holds text that cannot be read, as it is not UTF-8", hint=_RESTORE
            )
        case _:
            return StoreUnavailable(f"the store failed: {error}")


def opening_error(error: sqlite3.Error, path: Path) -> JobistemerError:
    """What a failure to open the database at `path` means; raise it `from` the error."""
    if _code(error) & _PRIMARY in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return not_writable(path, error)
    meant = store_error(error)
    return type(meant)(f"{path}: {meant.message}", hint=meant.hint)


def _code(error: sqlite3.Error) -> int:
    """The extended result code; 0 for errors of the Python module itself."""
    return getattr(error, "sqlite_errorcode", 0)
