"""SQLite's codes as our errors, with the cause kept."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from jobistemer_tui.errors import (
    HomeNotWritable,
    JobistemerError,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreUnavailable,
)
from jobistemer_tui.storage.embedded import folder_error
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.connect import connect, disconnect
from jobistemer_tui.storage.sqlite.failures import opening_error, store_error
from jobistemer_tui.storage.sqlite.readers import Readers

CODES = [
    (sqlite3.SQLITE_CONSTRAINT_UNIQUE, StoreError),
    (sqlite3.SQLITE_FULL, StoreFull),
    (sqlite3.SQLITE_IOERR_SHMSIZE, StoreFull),
    (sqlite3.SQLITE_IOERR_FSYNC, StoreUnavailable),
    (sqlite3.SQLITE_BUSY, StoreUnavailable),
    (sqlite3.SQLITE_BUSY_SNAPSHOT, StoreUnavailable),
    (sqlite3.SQLITE_CORRUPT, StoreDamaged),
    (sqlite3.SQLITE_NOTADB, StoreDamaged),
    (sqlite3.SQLITE_READONLY_DBMOVED, StoreUnavailable),
]


def failure(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("what SQLite said")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(("code", "kind"), CODES)
def test_statements(code: int, kind: type[StoreError]) -> None:
    meant = store_error(failure(code))
    assert type(meant) is kind
    assert "what SQLite said" in meant.message


def test_an_error_of_the_module_itself() -> None:
    assert type(store_error(sqlite3.ProgrammingError("Cannot operate on a closed database."))) is StoreUnavailable


def test_text_that_is_not_utf8_is_damage_and_is_not_repeated() -> None:
    connection = sqlite3.connect(":memory:")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("SELECT CAST(x'70617373776f7264ff' AS TEXT)").fetchall()
    connection.close()
    meant = store_error(caught.value)
    assert type(meant) is StoreDamaged
    assert "cannot be read" in meant.message
    assert "password" not in meant.message
    assert meant.hint is not None
    assert "backup" in meant.hint


@pytest.mark.parametrize("code", [sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM])
def test_opening_where_one_may_not(code: int) -> None:
    assert type(opening_error(failure(code), Path("/a/b"))) is HomeNotWritable


def test_opening_otherwise_says_where() -> None:
    meant = opening_error(failure(sqlite3.SQLITE_FULL), Path("/a/b"))
    assert type(meant) is StoreFull
    assert meant.message.startswith("/a/b: ")


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, StoreFull), (errno.EMFILE, StoreUnavailable), (errno.EACCES, HomeNotWritable)],
)
def test_folders(number: int, kind: type[JobistemerError]) -> None:
    assert type(folder_error(OSError(number, "what the system said"), Path("/a/b"))) is kind


@pytest.mark.parametrize("error", [failure(sqlite3.SQLITE_CANTOPEN), OSError(errno.EROFS, "Read-only file system")])
@pytest.mark.parametrize(("as_is", "hint"), [(True, "copy {}"), (False, "make {} a folder that you may write")])
def test_who_only_looks_is_told_to_look_at_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, as_is: bool, hint: str
) -> None:
    def refused(_: Path) -> sqlite3.Connection:
        raise error

    monkeypatch.setattr("jobistemer_tui.storage.sqlite.store.connect", refused)
    with pytest.raises(HomeNotWritable) as caught:
        SqliteStore.open(tmp_path / "a.db", as_is=as_is)
    assert caught.value.hint.startswith(hint.format(tmp_path.resolve()))


def test_upgrading_a_read_fails_at_once_so_writes_begin_immediate(connection: sqlite3.Connection, path: Path) -> None:
    """SQLITE_BUSY_SNAPSHOT does not wait for the busy timeout."""
    other = connect(path)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM node").fetchone()
    other.execute("INSERT INTO job_file VALUES ('a', '', 'loaded', '', 0, '[]', '[]', '[]', NULL)")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("DELETE FROM job_file")
    assert caught.value.sqlite_errorcode == sqlite3.SQLITE_BUSY_SNAPSHOT
    connection.execute("ROLLBACK")
    disconnect(path, [other])


def test_a_reader_cannot_write(connection: sqlite3.Connection, path: Path) -> None:
    readers = Readers(path)
    with readers.snapshot() as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM job_file")
    readers.close()


def test_a_reader_that_cannot_be_opened(tmp_path: Path) -> None:
    readers = Readers(tmp_path / "nowhere" / "store.db")
    with pytest.raises(StoreUnavailable), readers.snapshot():
        raise AssertionError("not reached")


def test_a_reader_whose_connection_fails(connection: sqlite3.Connection, path: Path) -> None:
    readers = Readers(path)
    with readers.snapshot() as reader:
        pass
    reader.close()
    with pytest.raises(StoreUnavailable), readers.snapshot():
        raise AssertionError("not reached")
    readers.data_version()
    assert readers._watch is not None
    readers._watch.close()
    with pytest.raises(StoreUnavailable):
        readers.data_version()
    readers.close()


def test_connections_are_used_again(connection: sqlite3.Connection, path: Path) -> None:
    readers = Readers(path)
    with readers.snapshot() as first, readers.snapshot() as second:
        assert first is not second
    with readers.snapshot() as third:
        assert third in (first, second)
    readers.close()
