"""Checkpoints happen under their lock only, and never hold a commit up."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite import checkpoint_lock as lock_module
from jobistemer_tui.storage.sqlite.checkpoint import Checkpointer
from jobistemer_tui.storage.sqlite.checkpoint_lock import checkpoint_lock, checkpoint_lock_if_free, lock_path
from jobistemer_tui.storage.sqlite.connect import connect, connect_reader, disconnect
from jobistemer_tui.storage.tables import JOBS_BY_KEY, NODES
from tests.support.sample_records import sample_job, sample_node
from tests.support.store_work import insert_job
from tests.support.wait_until import wait_until


def wal_bytes(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def grow(connection: sqlite3.Connection) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO job_file VALUES (hex(randomblob(8)), '', 'loaded', '', 0, '[]', '[]', '[]', NULL)"
    )


def test_nothing_checkpoints_by_itself(connection: sqlite3.Connection, path: Path) -> None:
    reader = connect_reader(path)
    assert connection.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    assert reader.execute("PRAGMA wal_autocheckpoint").fetchone() == (0,)
    disconnect(path, [reader])


def test_a_wal_that_has_grown_is_emptied(connection: sqlite3.Connection, path: Path) -> None:
    checkpointer = Checkpointer(connection, path, pages=4)
    while not checkpointer.run_if_due():
        grow(connection)
    assert wal_bytes(path) == 0
    assert connection.execute("PRAGMA busy_timeout").fetchone() == (30000,)


def test_not_before_it_is_due(connection: sqlite3.Connection, path: Path) -> None:
    grow(connection)
    assert Checkpointer(connection, path).run_if_due() is False
    assert wal_bytes(path) > 0


def test_no_wal_is_not_due(tmp_path: Path) -> None:
    bare = connect(tmp_path / "bare.db")
    assert Checkpointer(bare, tmp_path / "bare.db").run_if_due() is False
    disconnect(tmp_path / "bare.db", [bare])


def test_while_another_process_checkpoints_nothing_is_done(connection: sqlite3.Connection, path: Path) -> None:
    checkpointer = Checkpointer(connection, path, pages=1)
    grow(connection)
    size = wal_bytes(path)
    with checkpoint_lock(path):
        assert checkpointer.run_if_due() is False
    assert wal_bytes(path) == size


def test_a_reader_puts_it_off_by_a_step(connection: sqlite3.Connection, path: Path) -> None:
    reader = connect_reader(path)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM job").fetchone()
    checkpointer = Checkpointer(connection, path, pages=1)
    grow(connection)
    assert checkpointer.run_if_due() is False
    reader.execute("COMMIT")
    assert checkpointer.run_if_due() is False, "it is tried again only when the WAL has grown on"
    while not checkpointer.run_if_due():
        grow(connection)
    assert wal_bytes(path) == 0
    disconnect(path, [reader])


def test_the_lock_excludes_threads_and_processes(path: Path) -> None:
    with checkpoint_lock_if_free(path) as first, checkpoint_lock_if_free(path) as second:
        assert (first, second) == (True, False)
    with checkpoint_lock_if_free(path) as again:
        assert again is True
    assert lock_path(path).stat().st_mode & 0o777 == 0o600


def test_a_close_waits_for_the_lock(sqlite_store: SqliteStore, path: Path) -> None:
    """The last one to close checkpoints, whatever its settings are."""
    sqlite_store.write(insert_job(1))
    closer = threading.Thread(target=sqlite_store.close)
    with checkpoint_lock(path):
        closer.start()
        closer.join(0.2)
        assert closer.is_alive()
        assert wal_bytes(path) > 0
    closer.join()
    assert not Path(f"{path}-wal").exists()


def test_the_writer_checkpoints_when_the_wal_has_grown(
    sqlite_store: SqliteStore, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def insert_much(transaction: Transaction) -> bool:
        return transaction.insert(NODES, sample_node(host="x" * 5_000_000))

    sqlite_store.write(insert_much)
    wait_until(lambda: wal_bytes(path) == 0)
    assert sqlite_store.write(insert_job(1)) is True
    assert not caplog.records


def test_a_checkpoint_that_fails_is_logged_and_harms_nothing(
    sqlite_store: SqliteStore, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(Checkpointer, "run_if_due", fail)
    with caplog.at_level(logging.WARNING):
        sqlite_store.write(insert_job(1))
        assert sqlite_store.write(insert_job(2)) is True
    assert "WAL" in caplog.text


def test_reads_go_on_during_a_checkpoint(sqlite_store: SqliteStore, path: Path) -> None:
    """An open snapshot survives commits and a checkpoint beside it."""
    sqlite_store.write(insert_job(1))

    def look(reader: Reader) -> tuple[int, int]:
        first = reader.count(JOBS_BY_KEY)
        writer = threading.Thread(target=lambda: sqlite_store.write(write_much))
        writer.start()
        writer.join()
        return first, reader.count(JOBS_BY_KEY)

    def write_much(transaction: Transaction) -> None:
        insert_job(2)(transaction)
        transaction.insert(NODES, sample_node(host="x" * 5_000_000))

    assert sqlite_store.read(look) == (1, 1)
    assert sqlite_store.read(lambda r: [job.key for job in r.scan(JOBS_BY_KEY)]) == [
        sample_job(1).key,
        sample_job(2).key,
    ]


def test_an_error_puts_it_off_by_a_step(
    connection: sqlite3.Connection, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    checkpointer = Checkpointer(connection, path, pages=1)
    grow(connection)
    monkeypatch.setattr(checkpointer, "_truncate", fail)
    with pytest.raises(sqlite3.OperationalError):
        checkpointer.run_if_due()
    assert checkpointer.run_if_due() is False


def test_every_connection_is_closed_under_the_lock(
    path: Path, monkeypatch: pytest.MonkeyPatch, sqlite_store: SqliteStore
) -> None:
    held: list[Path] = []

    @contextmanager
    def noted(database: Path) -> Iterator[None]:
        held.append(database)
        with lock_module.checkpoint_lock(database):
            yield

    monkeypatch.setattr("jobistemer_tui.storage.sqlite.connect.checkpoint_lock", noted)
    sqlite_store.read(lambda r: r.count(JOBS_BY_KEY))
    sqlite_store.close()
    assert set(held) == {path}
