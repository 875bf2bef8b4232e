"""What can be told of a database without opening it as a store: nothing is made, migrated or repaired."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """`schema` is that of the database (None: it is none of ours), `known` the newest that this program knows."""

    schema: int | None
    known: int


def schema_standing(url: str) -> Standing:
    """How a database and this program stand to each other. Raises StoreUnavailable where it cannot be read."""
    scheme, _, path = url.partition(":")
    return _lmdb_standing(Path(path)) if scheme == "lmdb" else _sqlite_standing(path)


def _lmdb_standing(path: Path) -> Standing:
    import lmdb

    from jobistemer_tui.storage.lmdb.failures import opening_error
    from jobistemer_tui.storage.lmdb.glance import KNOWN, format_at

    try:
        return Standing(format_at(path), KNOWN)
    except lmdb.Error as error:
        raise StoreUnavailable(opening_error(error, path).message) from error


def _sqlite_standing(path: str) -> Standing:
    from jobistemer_tui.storage.glance import glance_at_versions
    from jobistemer_tui.storage.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION

    try:
        owner, version = glance_at_versions(path)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{path} cannot be read: {error}") from error
    return Standing(version if owner == APPLICATION_ID else None, SCHEMA_VERSION)


def network_file_system(folder: Path) -> str | None:
    """The kind of the network file system that a folder (or the nearest one above it) is on; None for a local one."""
    from jobistemer_tui.storage.file_system import NETWORK_MAGIC, file_system_magic

    nearest = next(above for above in (folder, *folder.parents) if above.exists())
    with suppress(OSError, AttributeError):
        return NETWORK_MAGIC.get(file_system_magic(nearest))
    return None
