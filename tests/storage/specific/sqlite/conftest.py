"""Fixtures for what only the SQLite backend promises."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.connect import connect, disconnect
from jobistemer_tui.storage.sqlite.group_commit import GroupCommit
from jobistemer_tui.storage.sqlite.schema import ensure_schema

Open = Callable[[], SqliteStore]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of this test is."""
    return tmp_path / "store.db"


@pytest.fixture
def open_sqlite(path: Path) -> Iterator[Open]:
    """Opens the database, as often as wanted."""
    stores: list[SqliteStore] = []

    def open_it() -> SqliteStore:
        stores.append(SqliteStore.open(path))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def sqlite_store(open_sqlite: Open) -> SqliteStore:
    """An open store."""
    return open_sqlite()


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    """A bare connection to a database with our schema."""
    connection = connect(path)
    ensure_schema(connection, path)
    yield connection
    disconnect(path, [connection])


@pytest.fixture
def group_commit(connection: sqlite3.Connection) -> GroupCommit:
    """Commits over `connection`."""
    return GroupCommit(connection, NestingGuard())
