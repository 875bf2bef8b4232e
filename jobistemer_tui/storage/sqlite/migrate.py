"""Applies the numbered files of `migrations/`, each in a transaction of its own.

Imported only when a schema must be made or migrated. A file that has been released is never changed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database, Migrations

from jobistemer_tui.domain.identity import new_store_id

FOLDER = Path(__file__).with_name("migrations")
_FILE = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is pending. The caller holds a lock over all processes. Raises sqlite3.Error."""
    connection.create_function("new_store_id", 0, lambda: new_store_id().bytes)
    database = Database(connection, recursive_triggers=False, execute_plugins=False)
    migrations().apply(database)


def migrations() -> Migrations:
    """All migrations, by number."""
    known = Migrations("jobistemer")
    for file in migration_files():
        _register(known, file)
    return known


def migration_files() -> list[Path]:
    """The files in order; their numbers run from 1 without gaps."""
    files = sorted(FOLDER.glob("*.sql"))
    numbers = [_number(file) for file in files]
    if numbers != list(range(1, len(files) + 1)):
        raise RuntimeError(f"the migrations are not numbered 1, 2, 3, ...: {[file.name for file in files]}")
    return files


def _register(known: Migrations, file: Path) -> None:
    @known(name=file.stem)
    def apply(database: Database) -> None:
        for statement in _statements(file.read_text(encoding="utf-8")):
            database.conn.execute(statement)
        database.conn.execute(f"PRAGMA user_version = {_number(file)}")


def _number(file: Path) -> int:
    match = _FILE.fullmatch(file.name)
    if match is None:
        raise RuntimeError(f"a migration is named like 0001_first.sql, not {file.name}")
    return int(match[1])


def _statements(text: str) -> Iterator[str]:
    """The statements of a file; `executescript` would commit the transaction first."""
    statement = ""
    for line in text.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        raise RuntimeError(f"a statement without an end: {statement.strip()[:80]}")
