"""Which version of our tables a schema has, and making them when it has none or an old one."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import UUID

from psycopg import errors
from psycopg.sql import SQL, Identifier

from jobistemer_tui.domain.identity import new_store_id
from jobistemer_tui.errors import StoreTooNew, StoreUnavailable
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection
from jobistemer_tui.storage.read_only import not_as_is

FOLDER = Path(__file__).with_name("migrations")
SCHEMA_VERSION: Final = 1
"""The number of the newest file in `migrations/`, kept in the table `store`. A released file is never changed."""
_LOCK = 0x4A6F6273
"""`Jobs` in ASCII: the advisory lock under which tables are made."""


def ensure_schema(connection: Connection, address: Address, *, as_is: bool = False) -> None:
    """Make or migrate the tables unless they are current; a user without that right can open those that are.

    `as_is`: refuse those that are not.

    Raises StoreTooNew, StoreUnavailable for a schema that is not ours, and psycopg.Error.
    """
    if _version(connection, address) == SCHEMA_VERSION:
        return
    if as_is:
        raise not_as_is(address.shown)
    with connection.transaction():  # of several processes that come first together, one makes them
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        version = _version(connection, address)
        if version == 0:
            connection.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(Identifier(address.schema)))
        for file in migration_files()[version:]:
            connection.execute(file.read_text(encoding="utf-8"), prepare=False)
        if version == 0:
            connection.execute("INSERT INTO store VALUES (1, %s, 0, 0, 0)", (new_store_id().bytes,))
        connection.execute("UPDATE store SET schema_version = %s", (SCHEMA_VERSION,))


def store_id(connection: Connection) -> UUID:
    """The id that was made with the store. Raises StoreUnavailable if it is lost, and psycopg.Error."""
    row = connection.execute("SELECT id FROM store", binary=True).fetchone()
    if row is None:
        raise StoreUnavailable("the store has lost its id", hint="restore it from a backup")
    return UUID(bytes=row[0])


def migration_files() -> list[Path]:
    """The files in order: that of version 1 first."""
    return sorted(FOLDER.glob("*.sql"))


def _version(connection: Connection, address: Address) -> int:
    """0 where there is nothing yet."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace(%s) AND relkind = 'r'",
        (f'"{address.schema}"',),
    ).fetchall()
    if not tables:
        return 0
    try:
        row = connection.execute("SELECT schema_version FROM store").fetchone()
    except (errors.UndefinedTable, errors.UndefinedColumn) as error:
        raise StoreUnavailable(
            f"the schema {address.schema} of {address.shown} belongs to another program",
            hint="name another one with ?schema=NAME",
        ) from error
    version = 0 if row is None else int(row[0])
    if version > SCHEMA_VERSION:
        raise StoreTooNew(
            f"{address.shown} was made by a newer version of this program "
            f"(schema {version}, this one knows {SCHEMA_VERSION})",
            hint="install that version again, or name another store",
        )
    return version
