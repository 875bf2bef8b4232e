"""Which version of our schema a database has, and making it when it has none or an old one."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jobistemer_tui.errors import StoreTooNew, StoreUnavailable
from jobistemer_tui.storage.read_only import not_as_is
from jobistemer_tui.storage.sqlite.checkpoint_lock import checkpoint_lock

APPLICATION_ID: Final = 0x4A6F6273
"""`Jobs` in ASCII; says whose database it is (https://sqlite.org/pragma.html#pragma_application_id)."""

SCHEMA_VERSION: Final = 2
"""The number of the newest file in `migrations/`, kept in `PRAGMA user_version`."""


def ensure_schema(connection: sqlite3.Connection, path: Path, *, as_is: bool = False) -> None:
    """Make or migrate the schema unless it is current; `as_is`: refuse one that is not.

    Raises StoreTooNew, StoreUnavailable for a database that is not ours, sqlite3.Error and OSError.
    """
    if _is_current(connection, path):
        return
    if as_is:
        raise not_as_is(path)
    with checkpoint_lock(path):  # of several processes that come first together, one makes it
        if not _is_current(connection, path):
            _make(connection, path)


def store_id(connection: sqlite3.Connection) -> UUID:
    """The id that was made with the store. Raises StoreUnavailable if it is lost."""
    row = connection.execute("SELECT id FROM store").fetchone()
    if row is None:
        raise StoreUnavailable("the store has lost its id", hint="restore it from a backup")
    return UUID(bytes=row[0])


def _is_current(connection: sqlite3.Connection, path: Path) -> bool:
    version = _pragma(connection, "user_version")
    owner = _pragma(connection, "application_id")
    if owner not in (0, APPLICATION_ID) or (owner == 0 and _has_tables(connection)):
        raise StoreUnavailable(
            f"{path} is a database of another program", hint="name another store, or move that file away"
        )
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{path} was made by a newer version of this program (schema {version}, this one knows {SCHEMA_VERSION})",
            hint="install that version again, or name another store",
        )
    return bool((owner, version) == (APPLICATION_ID, SCHEMA_VERSION) and _pragma(connection, "journal_mode") == "wal")


def _make(connection: sqlite3.Connection, path: Path) -> None:
    # Importing sqlite-utils takes a third of a second, which a command must not pay each time it starts.
    from jobistemer_tui.storage.sqlite.migrate import migrate

    if _pragma(connection, "application_id") == 0:
        with suppress(PermissionError):  # the file of somebody else, who gave us leave to write it
            path.chmod(0o600)
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise StoreUnavailable(f"{path} cannot have a write-ahead log there", hint="name a store on another disk")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")  # first, so that a half-made one is known as ours
    migrate(connection)


def _has_tables(connection: sqlite3.Connection) -> bool:
    return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is not None


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return value
