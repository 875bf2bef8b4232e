"""What is opened, what is refused and with which words; layouts of other versions."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import lmdb
import pytest

from jobistemer_tui.errors import (
    HomeNotWritable,
    JobistemerError,
    NetworkFileSystem,
    StoreDamaged,
    StoreError,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
    UsageError,
)
from jobistemer_tui.storage import embedded, file_system
from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.lmdb import LmdbStore, layout
from jobistemer_tui.storage.lmdb.environment import open_environment, release
from jobistemer_tui.storage.lmdb.failures import opening_error, store_error
from jobistemer_tui.storage.lmdb.keys import PATHS, keys_of_indexes
from jobistemer_tui.storage.lmdb.layout import our_layout
from jobistemer_tui.storage.lmdb.row_bytes import row_bytes, values_of
from jobistemer_tui.storage.open import open_store
from jobistemer_tui.storage.tables import NODES, NODES_BY_START, TABLES, indexes_of
from tests.support.sample_records import sample_node
from tests.support.store_work import insert_job

from .conftest import Open


def rewrite(path: Path, change: Callable[[lmdb.Transaction[bytes]], None]) -> None:
    """Change a store behind the program's back."""
    environment = open_environment(path)
    environment.write(change)
    release(environment)


def test_files_are_made_for_the_user_alone(lmdb_store: LmdbStore, path: Path) -> None:
    for file in (path, Path(f"{path}-lock")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_that_was_replaced_or_removed_is_noticed(open_lmdb: Open, path: Path) -> None:
    store = open_lmdb()
    assert store.files_are_ours()
    copy = path.with_name("copy")
    copy.write_bytes(path.read_bytes())
    copy.rename(path)
    assert not store.files_are_ours()
    path.unlink()
    assert not store.files_are_ours()


def test_a_file_of_another_program_is_refused_and_left_as_it_is(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"not a database" * 999)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match=r"store\.lmdb is damaged, or a file of another program"):
        LmdbStore.open(path)
    assert path.read_bytes() == before
    other = tmp_path / "other.lmdb"
    with closing(lmdb.open(str(other), subdir=False, lib_version=0)) as opened, opened.begin(write=True) as writer:
        writer.put(b"a", b"b")
    with pytest.raises(StoreUnavailable, match="a file of another program"):
        LmdbStore.open(other)


def test_where_one_may_not_write(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeNotWritable):
        LmdbStore.open(tmp_path / "file" / "store.lmdb")
    (tmp_path / "folder").mkdir()
    with pytest.raises(HomeNotWritable, match="folder"):
        LmdbStore.open(tmp_path / "folder")


def test_network_file_systems_are_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_system, "is_surely_local", lambda folder: False)
    monkeypatch.setattr(file_system, "file_system_magic", lambda folder: 0x6969)
    with pytest.raises(NetworkFileSystem, match="NFS"):
        LmdbStore.open(path)


def test_without_the_package_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jobistemer_tui.storage.lmdb", None)
    with pytest.raises(UsageError) as caught:
        open_store(f"lmdb:{path}")
    assert "jobistemer-tui[lmdb]" in caught.value.hint


@pytest.mark.parametrize("cut", [1, 4096, 20_000])
def test_a_file_that_was_cut_short_is_refused(open_lmdb: Open, path: Path, cut: int) -> None:
    store = open_lmdb()
    store.write(insert_job(1))
    store.close()
    os.truncate(path, path.stat().st_size - cut)
    with pytest.raises(StoreUnavailable, match=r"store\.lmdb is damaged"):
        LmdbStore.open(path)


def test_an_emptied_file_is_not_begun_anew(path: Path) -> None:
    LmdbStore.open(path).close()
    Path(f"{path}.nodes").mkdir()
    Path(f"{path}.nodes", "engine.lock").touch()
    os.truncate(path, 0)
    with pytest.raises(StoreUnavailable, match="is empty"):
        LmdbStore.open(path)
    assert path.stat().st_size == 0


def failure(number: int) -> lmdb.Error:
    """An error of the system, as LMDB gives it on."""
    error = lmdb.Error("x")
    error.code = number  # type: ignore[misc]  # only LMDB itself makes such errors
    return error


def set_format(number: bytes) -> Callable[[lmdb.Transaction[bytes]], None]:
    def change(transaction: lmdb.Transaction[bytes]) -> None:
        transaction.put(b"meta/format", number)
        transaction.put(b"meta/digest", b"another")

    return change


def with_layout(change: Callable[[dict[str, Any]], None]) -> Callable[[lmdb.Transaction[bytes]], None]:
    """Let the store say that it was laid out by another version."""

    def rewritten(transaction: lmdb.Transaction[bytes]) -> None:
        theirs = our_layout()
        change(theirs)
        transaction.put(b"meta/layout", json.dumps(theirs).encode())
        transaction.put(b"meta/digest", b"another")

    return rewritten


@pytest.mark.parametrize(
    "change",
    [
        set_format(b"9"),
        with_layout(lambda theirs: theirs["tables"]["job"].append("mood")),
        with_layout(lambda theirs: theirs["tables"].update(moods=["id"])),
        with_layout(lambda theirs: theirs["indexes"].append("job_by_mood")),
    ],
    ids=["format", "column", "table", "index"],
)
def test_a_newer_one_is_refused_whole(
    open_lmdb: Open, path: Path, change: Callable[[lmdb.Transaction[bytes]], None]
) -> None:
    open_lmdb().close()
    rewrite(path, change)
    with pytest.raises(StoreTooNew, match="newer version"):
        LmdbStore.open(path)


def test_one_that_is_changed_under_an_open_store_is_refused(lmdb_store: LmdbStore, path: Path) -> None:
    rewrite(path, with_layout(lambda theirs: theirs["tables"]["job"].append("mood")))
    with pytest.raises(StoreTooNew, match="meanwhile"):
        lmdb_store.write(insert_job(1))
    with pytest.raises(StoreTooNew, match="meanwhile"):
        lmdb_store.read(lambda r: None)


def test_an_older_one_is_not_changed_to_be_looked_at(open_lmdb: Open, path: Path) -> None:
    open_lmdb().close()
    layout_of = json.dumps({**our_layout(), "indexes": []}).encode()

    def older(transaction: lmdb.Transaction[bytes]) -> None:
        transaction.put(b"meta/layout", layout_of)
        transaction.put(b"meta/digest", b"another")

    rewrite(path, older)
    before = path.read_bytes()
    with pytest.raises(StoreUnavailable, match="of an older version"):
        open_store(f"lmdb:{path}", as_is=True)
    assert path.read_bytes() == before


def test_an_older_one_gets_what_it_lacks(open_lmdb: Open, path: Path) -> None:
    """Its nodes have no `trouble` and no index; other tables are not touched."""
    rows = [sample_node(number) for number in range(20)]
    store = open_lmdb()
    store.write(lambda t: [t.insert(NODES, row) for row in rows])
    store.close()
    columns = codec_of(NODES).columns
    last = len(columns) - 1

    def older(transaction: lmdb.Transaction[bytes]) -> None:
        for keys in keys_of_indexes(NODES):
            for row in rows:
                place = b"node/" + row.id.bytes
                if keys.prefix == b"node_by_started_at/":
                    shorter = values_of(transaction.get(place, b""), place)[:last]
                    transaction.put(place, row_bytes(columns[:last], tuple(shorter), place))
        with_layout(lambda theirs: theirs["tables"]["node"].pop())(transaction)

    rewrite(path, older)
    again = open_lmdb()
    assert again.read(lambda r: r.scan(NODES_BY_START)) == rows
    again.check(thorough=True)


def test_a_missing_index_is_built(open_lmdb: Open, path: Path) -> None:
    row = sample_node(1)
    store = open_lmdb()
    store.write(lambda t: [insert_job(1)(t), t.insert(NODES, row)])
    store.close()
    there, lost = (keys.prefix for keys in keys_of_indexes(TABLES[0])[:2])

    def without(transaction: lmdb.Transaction[bytes]) -> None:
        with transaction.cursor() as cursor:
            gone = [key for key, _ in cursor if key.startswith(lost)]
        assert gone
        assert all(transaction.delete(key) for key in gone)
        with_layout(lambda theirs: theirs["indexes"].remove(lost[:-1].decode()))(transaction)

    rewrite(path, without)
    again = open_lmdb()
    again.check(thorough=True)
    assert there != lost


def test_every_table_has_an_index_to_find_its_rows_by() -> None:
    assert all(indexes_of(table) for table in TABLES)
    for name in PATHS:
        (table,) = (table for table in TABLES if table.name == name)
        assert any(index.columns == table.key for index in indexes_of(table))


def test_a_lost_id(open_lmdb: Open, path: Path) -> None:
    open_lmdb().close()
    rewrite(path, putting(b"meta/id"))
    with pytest.raises(StoreUnavailable, match="lost its id"):
        LmdbStore.open(path)
    rewrite(path, putting(b"meta/layout", b"meta/digest"))
    with pytest.raises(StoreUnavailable, match="damaged"):
        LmdbStore.open(path)


def putting(*keys: bytes) -> Callable[[lmdb.Transaction[bytes]], None]:
    """Write nonsense over some keys."""

    def change(transaction: lmdb.Transaction[bytes]) -> None:
        for key in keys:
            transaction.put(key, b"{}")

    return change


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (lmdb.MapFullError("x"), StoreFull),
        (failure(28), StoreFull),
        (lmdb.CorruptedError("x"), StoreDamaged),
        (lmdb.ReadersFullError("x"), StoreUnavailable),
        (failure(5), StoreUnavailable),
    ],
)
def test_errors(error: lmdb.Error, kind: type[StoreError]) -> None:
    assert type(store_error(error)) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (failure(13), HomeNotWritable),
        (lmdb.VersionMismatchError("x"), StoreUnavailable),
        (failure(28), StoreFull),
    ],
)
def test_errors_of_opening_name_the_file(error: lmdb.Error, kind: type[JobistemerError]) -> None:
    meant = opening_error(error, Path("/a/b"))
    assert type(meant) is kind
    assert "/a/b" in meant.message


def spoil(path: Path, text: bytes) -> None:
    """Change a byte of a row's text in the file."""
    data = bytearray(path.read_bytes())
    place = data.rindex(text)
    data[place] ^= 1
    path.write_bytes(data)


def test_a_byte_of_a_row_that_changed_is_found(open_lmdb: Open, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_lmdb()
    store.write(lambda t: t.insert(NODES, sample_node(1, host="findable")))
    store.close()
    spoil(path, b"findable")
    again = open_lmdb()
    with pytest.raises(StoreUnavailable, match=r"store\.lmdb is damaged: .*checksum"):
        again.check(thorough=False)
    with pytest.raises(StoreUnavailable, match="checksum"):
        again.read(lambda r: r.get(NODES, sample_node(1).id))
    monkeypatch.setattr(embedded, "ALWAYS_READ_BYTES", 0)
    again.check(thorough=False)


@pytest.mark.parametrize("what", ["entry", "row", "stray"])
def test_rows_and_indexes_that_disagree_are_found(open_lmdb: Open, path: Path, what: str) -> None:
    store = open_lmdb()
    store.write(lambda t: t.insert(NODES, sample_node(1)))
    store.close()

    def change(transaction: lmdb.Transaction[bytes]) -> None:
        with transaction.cursor() as cursor:
            (entry,) = (key for key, _ in cursor if key.startswith(b"node_by"))
        if what == "entry":
            transaction.delete(entry)
        elif what == "row":
            transaction.delete(b"node/" + sample_node(1).id.bytes)
        else:
            transaction.put(b"stray", b"")

    rewrite(path, change)
    again = open_lmdb()
    with pytest.raises(StoreUnavailable, match="damaged"):
        again.check(thorough=True)
    if what == "row":
        with pytest.raises(StoreUnavailable, match="not there"):
            again.read(lambda r: r.scan(NODES_BY_START))


def test_the_number_of_the_format_is_in_every_store(lmdb_store: LmdbStore, path: Path) -> None:
    environment = open_environment(path)
    assert environment.read(layout.format_of) == layout.FORMAT
    release(environment)
