"""Damage of a SQLite database: found when it is looked for, and an emptied file is not begun anew."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage import embedded
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.damage import MADE_AS, made_as
from jobistemer_tui.storage.tables import OCCURRENCES
from tests.support.sample_records import sample_occurrence
from tests.support.store_work import insert_job


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database in which an engine has worked."""
    path = tmp_path / "store.db"
    SqliteStore.open(path).close()
    Path(f"{path}.nodes").mkdir()
    Path(f"{path}.nodes", "engine.lock").touch()
    return path


def spoil(path: Path) -> None:
    """Write nonsense over a page that no statement of the start reads."""
    data = bytearray(path.read_bytes())
    data[-4096:] = b"\x5a" * 4096
    path.write_bytes(data)


def test_wrong_bytes_are_found_and_the_hint_says_what_to_do(path: Path) -> None:
    spoil(path)
    with closing(SqliteStore.open(path)) as store, pytest.raises(StoreUnavailable, match="damaged") as caught:
        store.check(thorough=False)
    assert caught.value.hint is not None
    assert "backup" in caught.value.hint


def test_a_large_one_is_read_only_thoroughly(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(path)
    monkeypatch.setattr(embedded, "ALWAYS_READ_BYTES", 0)
    with closing(SqliteStore.open(path)) as store:
        store.check(thorough=False)
        with pytest.raises(StoreUnavailable):
            store.check(thorough=True)


def test_an_emptied_file_is_refused_and_left_as_it_is(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StoreUnavailable, match="is empty"):
        SqliteStore.open(path)
    assert path.read_bytes() == b""


def test_a_missing_file_is_made(path: Path) -> None:
    path.unlink()
    SqliteStore.open(path).close()
    assert path.stat().st_size > 0


def test_an_empty_file_of_a_start_that_was_cut_short_is_made(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.touch()
    SqliteStore.open(path).close()
    assert path.stat().st_size > 0


def test_a_row_whose_parent_is_gone_is_found(path: Path) -> None:
    """A wrong byte inside a value leaves a database that is sound for SQLite itself."""
    with closing(SqliteStore.open(path)) as store:
        store.write(insert_job(1))
        store.write(lambda tx: tx.insert(OCCURRENCES, sample_occurrence(job=1)))
        store._connection.execute("PRAGMA foreign_keys = OFF")
        store._connection.execute("DELETE FROM job")
        with pytest.raises(StoreUnavailable, match="a row of occurrence refers to a job that is not there"):
            store.check(thorough=False)


def test_the_digest_of_the_tables_is_the_present_one(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        assert made_as(store._connection) == MADE_AS


@pytest.mark.parametrize("wrong", [b"'gjven_up'", b"'g\xffven_up'"])
def test_a_wrong_byte_in_the_condition_of_a_table_is_found(path: Path, wrong: bytes) -> None:
    data = path.read_bytes()
    assert b"'given_up'" in data
    path.write_bytes(data.replace(b"'given_up'", wrong))
    with (
        closing(SqliteStore.open(path)) as store,
        pytest.raises(StoreUnavailable, match=r"tables are not as|not UTF-8"),
    ):
        store.check(thorough=False)


def test_an_index_of_somebody_else_is_no_damage(path: Path) -> None:
    with closing(SqliteStore.open(path)) as store:
        store._connection.execute("CREATE INDEX theirs ON job(key)")
        store._connection.execute("CREATE TABLE theirs_too (a)")
        store.check(thorough=True)


def test_an_index_that_says_something_else_than_its_table_is_found(path: Path) -> None:
    """Else the engine would serve until it comes to change that row."""
    with closing(SqliteStore.open(path)) as store:
        store.write(insert_job(1))
        connection = store._connection
        (page,) = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'job_by_key'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (key,) = connection.execute("SELECT key FROM job").fetchone()
    data = path.read_bytes()
    at = data.index(key.encode(), (page - 1) * size, page * size)
    path.write_bytes(data[:at] + b"~" + data[at + 1 :])
    with closing(SqliteStore.open(path)) as store, pytest.raises(StoreUnavailable, match="damaged"):
        store.check(thorough=False)
