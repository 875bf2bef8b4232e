"""A database of every schema version opens, keeps its rows and ends up with the present schema."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.schema import SCHEMA_VERSION
from jobistemer_tui.storage.tables import TABLES
from tests.storage.migrations.make_old import ROWS, SINCE, make, old_database
from tests.support.sqlite_schema import describe

VERSIONS = range(1, SCHEMA_VERSION + 1)


def open_rows(path: Path) -> list[object]:
    with closing(SqliteStore.open(path)) as store:
        return store.read(lambda r: [r.get(t, *(getattr(row, name) for name in t.key)) for t, row in ROWS])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_old_database_opens(tmp_path: Path, version: int) -> None:
    path = tmp_path / "store.db"
    shutil.copy(old_database(version), path)
    there = [row if SINCE.get(table, 1) <= version else None for table, row in ROWS]
    assert open_rows(path) == there


def test_an_old_database_is_not_brought_up_to_date_to_be_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    shutil.copy(old_database(SCHEMA_VERSION - 1), path)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="of an older version"):
        open_store(f"sqlite:{path}", as_is=True)
    assert path.read_bytes() == before
    open_store(f"sqlite:{path}").close()
    open_store(f"sqlite:{path}", as_is=True).close()


@pytest.mark.parametrize("version", VERSIONS)
def test_a_migrated_schema_equals_a_fresh_one(tmp_path: Path, version: int) -> None:
    old, fresh = tmp_path / "old.db", tmp_path / "fresh.db"
    shutil.copy(old_database(version), old)
    open_rows(old)
    make(fresh)
    with closing(sqlite3.connect(old)) as one, closing(sqlite3.connect(fresh)) as other:
        assert describe(one) == describe(other)


def test_the_maker_fills_every_table(tmp_path: Path) -> None:
    assert {table for table, _ in ROWS} == set(TABLES)
    make(tmp_path / "new.db")
    assert [file.name for file in tmp_path.iterdir()] == ["new.db"]
    assert open_rows(tmp_path / "new.db") == [row for _, row in ROWS]
