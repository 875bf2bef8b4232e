"""Opening: what is made, what is refused, and in which words."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from jobistemer_tui.errors import HomeNotWritable, NetworkFileSystem, StoreTooNew, StoreUnavailable
from jobistemer_tui.storage import file_system
from jobistemer_tui.storage.sqlite import SqliteStore
from jobistemer_tui.storage.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION, ensure_schema
from jobistemer_tui.storage.tables import JOBS, JOBS_BY_KEY, NODES_BY_START, PAUSES_BY_JOB
from tests.support.racing_store import ROOT
from tests.support.sample_records import sample_job
from tests.support.store_work import insert_job


def change(path: Path, *statements: str) -> None:
    """Change a database from outside."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def make(path: Path) -> None:
    SqliteStore.open(path).close()


def test_only_the_owner_may_read_what_is_made(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        store = SqliteStore.open(tmp_path / "home" / "store.db")
    finally:
        os.umask(before)
    store.write(insert_job(1))
    modes = {file.name: file.stat().st_mode & 0o777 for file in (tmp_path / "home").iterdir()}
    store.close()
    assert modes == dict.fromkeys(("store.db", "store.db-wal", "store.db-shm", "store.db.checkpoint"), 0o600)
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_a_name_that_is_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    store = SqliteStore.open(tmp_path / "link" / "store.db")
    assert store.files_are_ours()
    store.close()
    assert (tmp_path / "real" / "store.db").exists()


def test_settings(connection: sqlite3.Connection) -> None:
    names = ("journal_mode", "synchronous", "busy_timeout", "mmap_size", "foreign_keys", "wal_autocheckpoint")
    values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    assert values == ["wal", 2, 30000, 0, 1, 0]


def test_a_newer_version_is_refused_and_left_alone(path: Path) -> None:
    make(path)
    change(path, f"PRAGMA user_version = {SCHEMA_VERSION + 1}", "CREATE TABLE later (a)")
    with pytest.raises(StoreTooNew, match="newer version") as caught:
        SqliteStore.open(path)
    assert caught.value.hint
    change(path, "DROP TABLE later")


def test_a_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    change(path, "CREATE TABLE theirs (a)")
    with pytest.raises(StoreUnavailable, match="another program"):
        SqliteStore.open(path)
    change(path, "DROP TABLE theirs", "PRAGMA application_id = 7")
    with pytest.raises(StoreUnavailable, match="another program"):
        SqliteStore.open(path)


def test_what_is_no_database_is_refused(path: Path) -> None:
    path.write_text("not a database, and long enough to be looked at as one" * 100)
    with pytest.raises(StoreUnavailable, match="no SQLite database") as caught:
        SqliteStore.open(path)
    assert str(path) in caught.value.message
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_a_lost_id_is_told(path: Path) -> None:
    make(path)
    change(path, "DELETE FROM store")
    with pytest.raises(StoreUnavailable, match="lost its id"):
        SqliteStore.open(path)


def test_a_damaged_row_is_told(path: Path) -> None:
    make(path)
    change(path, "INSERT INTO pause (job_id, begin_at) VALUES (x'00', 1)")
    store = SqliteStore.open(path)
    with pytest.raises(StoreUnavailable, match="Pause that cannot be read") as caught:
        store.read(lambda r: r.scan(PAUSES_BY_JOB))
    store.close()
    assert caught.value.__cause__ is not None


def test_a_table_that_is_gone_is_told(path: Path) -> None:
    make(path)
    change(path, "DROP TABLE job_file", "DROP TABLE node")
    store = SqliteStore.open(path)
    with pytest.raises(StoreUnavailable, match="no such table") as caught:
        store.read(lambda r: r.scan(NODES_BY_START))
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    with pytest.raises(StoreUnavailable, match="no such table"):
        store.write(lambda t: t.scan(NODES_BY_START))
    store.close()


@pytest.mark.parametrize("folder", ["/proc/jobistemer", "/sys/kernel"])
def test_a_folder_that_cannot_be_written(folder: str) -> None:
    with pytest.raises(HomeNotWritable) as caught:
        SqliteStore.open(Path(folder, "store.db"))
    assert folder in caught.value.message
    assert caught.value.__cause__ is not None


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeNotWritable):
        SqliteStore.open(tmp_path / "file" / "store.db")


def test_a_database_that_is_a_folder(path: Path) -> None:
    path.mkdir()
    with pytest.raises(HomeNotWritable):
        SqliteStore.open(path)


@pytest.mark.parametrize("magic", file_system.NETWORK_MAGIC)
def test_network_file_systems_are_refused(path: Path, magic: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_system, "is_surely_local", lambda folder: False)
    monkeypatch.setattr(file_system, "file_system_magic", lambda folder: magic)
    with pytest.raises(NetworkFileSystem, match="network file system") as caught:
        SqliteStore.open(path)
    assert caught.value.hint
    assert not path.exists()


def test_the_kind_of_a_file_system() -> None:
    proc_magic = 0x9FA0
    assert file_system.file_system_magic(Path("/proc")) == proc_magic
    with pytest.raises(FileNotFoundError):
        file_system.file_system_magic(Path("/nowhere/at/all"))


@pytest.mark.parametrize(
    ("mounts", "is_local"),
    [
        (["8 1 0:5 / / rw shared:1 - ext4 /dev/sda1 rw", "7 8 0:50 / /home rw - nfs4 host:/x rw"], False),
        (["8 1 0:5 / / rw shared:1 - nfs4 host:/x rw", "7 8 8:1 / /home rw - xfs /dev/sdb1 rw"], True),
        (["77 1 8:1 / / rw - ext4 /dev/sda1 rw"], False),
        (["7 1 0:50 / / rw - fuse.sshfs host: rw"], False),
        (["7 1 0:50 / /mnt/a\fb rw - fuse.sshfs host:\r7\u20287\v7 rw"], False),
        ([], False),
    ],
    ids=["network", "local", "not told", "fuse", "odd names", "empty"],
)
def test_the_table_of_mounts(
    mounts: list[str], is_local: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"fdinfo": "pos:\t0\nflags:\t012000000\nmnt_id:\t7\nino:\t1\n", "self": "\n".join(mounts)}
    monkeypatch.setattr(Path, "read_bytes", lambda path: told[path.parent.name].encode())
    assert file_system.is_surely_local(tmp_path) is is_local


def test_what_the_table_of_mounts_calls_local_is_local(tmp_path: Path) -> None:
    assert not file_system.is_surely_local(Path("/proc"))
    assert not file_system.is_surely_local(tmp_path) or (
        file_system.file_system_magic(tmp_path) not in file_system.NETWORK_MAGIC
    )
    with pytest.raises(FileNotFoundError):
        file_system.is_surely_local(Path("/nowhere/at/all"))


def test_a_rollback_journal_is_turned_into_a_wal(path: Path) -> None:
    make(path)
    change(path, "PRAGMA journal_mode = DELETE")
    store = SqliteStore.open(path)
    store.write(insert_job(1))
    assert Path(f"{path}-wal").exists()
    store.close()


def test_the_id_of_the_application_is_written(path: Path) -> None:
    make(path)
    header = path.read_bytes()[:100]
    assert int.from_bytes(header[68:72]) == APPLICATION_ID
    assert int.from_bytes(header[60:64]) == SCHEMA_VERSION


def test_opening_what_is_there_imports_no_sqlite_utils(path: Path) -> None:
    make(path)
    script = "import sys; from jobistemer_tui.storage.open import open_store; open_store(sys.argv[1]).close(); "
    script += "sys.exit('sqlite_utils' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script, f"sqlite:{path}"], cwd=ROOT, check=False).returncode == 0


def test_a_commit_of_our_own_process_over_another_connection(path: Path) -> None:
    first, second = SqliteStore.open(path), SqliteStore.open(path)
    token = second.change_token()
    first.write(insert_job(1))
    assert second.change_token() != token
    assert second.read(lambda r: r.get(JOBS, sample_job().id)) == sample_job()
    first.close()
    assert second.read(lambda r: r.count(JOBS_BY_KEY)) == 1
    second.close()


def test_what_a_killed_process_left_half_made_is_finished(path: Path) -> None:
    change(
        path,
        "PRAGMA journal_mode = WAL",
        f"PRAGMA application_id = {APPLICATION_ID}",
        "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    )
    store = SqliteStore.open(path)
    assert store.write(insert_job(1)) is True
    store.close()


def test_where_there_can_be_no_wal(path: Path) -> None:
    path.touch()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(StoreUnavailable, match="write-ahead log"):
        ensure_schema(connection, path)
    connection.close()


def test_a_folder_that_is_gone_at_the_end(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "home" / "store.db")
    store.write(insert_job(1))
    shutil.rmtree(tmp_path / "home")
    assert not store.files_are_ours()
    store.close()


def test_what_only_reads_starts_no_thread_that_writes(tmp_path: Path) -> None:
    SqliteStore.open(tmp_path / "store.db").close()
    before = set(threading.enumerate())
    store = SqliteStore.open(tmp_path / "store.db")
    assert store.read(lambda reader: reader.count(JOBS_BY_KEY)) == 0
    assert set(threading.enumerate()) == before
    assert store.write(lambda transaction: transaction.insert(JOBS, sample_job()))
    assert {thread.name for thread in set(threading.enumerate()) - before} == {"store-writer"}
    store.close()
    with pytest.raises(StoreUnavailable):
        store.write(lambda transaction: transaction.insert(JOBS, sample_job(2)))


def test_a_store_that_was_only_read_takes_no_write_once_it_is_closed(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "store.db")
    store.close()
    with pytest.raises(StoreUnavailable):
        store.write(lambda transaction: transaction.insert(JOBS, sample_job()))
    assert not [thread for thread in threading.enumerate() if thread.name == "store-writer"]
