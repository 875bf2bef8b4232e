"""The map grows as it must, in every process; readers that were killed leave nothing that stays."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
from dataclasses import replace
from pathlib import Path

import lmdb
import pytest

from jobistemer_tui.errors import StoreDamaged, StoreError, StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.lmdb import LmdbStore, environment
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS, NODES, NODES_BY_START
from tests.support.racing_store import ROOT, race
from tests.support.sample_records import sample_job, sample_node
from tests.support.store_work import append_event, insert_job

from .conftest import Open

SMALL = 256 * 1024


@pytest.fixture(autouse=True)
def small_map(monkeypatch: pytest.MonkeyPatch) -> None:
    """A map that is soon full."""
    monkeypatch.setattr(environment, "FIRST_MAP_BYTES", SMALL)


def fill(transaction: Transaction) -> int:
    return sum(transaction.insert(NODES, sample_node(number, host="x" * 100_000)) for number in range(30))


def test_work_that_finds_the_map_full_is_done_in_a_larger_one(lmdb_store: LmdbStore, path: Path) -> None:
    assert lmdb_store.write(fill) == 30
    assert path.stat().st_size > SMALL
    assert lmdb_store.read(lambda r: r.count(NODES_BY_START)) == 30


def test_a_group_that_finds_it_full_loses_and_repeats_nothing(lmdb_store: LmdbStore) -> None:
    gate = threading.Event()
    first = lmdb_store.submit(lambda t: gate.wait(60))
    futures = [lmdb_store.submit(append_event("x" * 20_000)) for _ in range(60)]
    gate.set()
    assert first.result(60) is True
    assert [future.result(60) for future in futures] == list(range(1, 61))
    assert lmdb_store.read(lambda r: r.count(EVENTS_BY_SEQUENCE)) == 60


def test_readers_are_let_finish_before_it_grows(lmdb_store: LmdbStore) -> None:
    begun, go_on = threading.Event(), threading.Event()
    counts: list[int] = []

    def slow(reader: Reader) -> None:
        begun.set()
        go_on.wait(60)
        counts.append(reader.count(NODES_BY_START))

    thread = threading.Thread(target=lambda: lmdb_store.read(slow))
    thread.start()
    begun.wait(60)
    future = lmdb_store.submit(fill)
    go_on.set()
    thread.join()
    assert counts == [0]
    assert future.result(60) == 30


def test_what_another_process_made_of_it_is_adopted(lmdb_store: LmdbStore, path: Path) -> None:
    lmdb_store.write(insert_job(1))
    script = f"""
        from jobistemer_tui.storage.open import open_store
        from jobistemer_tui.storage.tables import NODES
        from tests.support.sample_records import sample_node
        store = open_store("lmdb:{path}")
        store.write(lambda t: [t.insert(NODES, sample_node(n, host="x" * 100_000)) for n in range(30)])
        store.close()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(script)], cwd=ROOT, check=True, timeout=100)
    assert lmdb_store.read(lambda r: r.count(NODES_BY_START)) == 30
    assert lmdb_store.write(insert_job(2)) is True


def test_a_disk_that_is_full_is_said_and_nothing_is_written(path: Path) -> None:
    """A limit on the size of files stands for it; it ends a write in the middle, as a full disk does."""
    script = f"""
        import resource, sys
        from jobistemer_tui.errors import StoreUnavailable
        from jobistemer_tui.storage.lmdb import failures
        from jobistemer_tui.storage.open import open_store
        from jobistemer_tui.storage.tables import NODES, NODES_BY_START
        from tests.support.sample_records import sample_node
        failures._SCARCE_BYTES = 2**62
        store = open_store("lmdb:{path}")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, before[1]))
        work = [lambda t, n=n: t.insert(NODES, sample_node(n, host="x" * 100_000)) for n in range(30)]
        errors = {{type(future.exception()).__name__ for future in [store.submit(one) for one in work]}}
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        there = store.read(lambda r: r.count(NODES_BY_START))
        again = store.write(lambda t: t.insert(NODES, sample_node(99)))
        store.check(thorough=True)
        store.close()
        print(sorted(errors), there, again)
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)
    words, there, again = done.stdout.rsplit(maxsplit=2)
    assert words == "['NoneType', 'StoreFull']"
    assert 0 < int(there) < 30
    assert again == "True"


def read_and_be_killed(path: Path, *, readers: int) -> None:
    """Another process begins two reads of the table of so many, and is killed."""
    script = f"""
        import os, signal, lmdb
        opened = lmdb.open({str(path)!r}, subdir=False, max_readers={readers}, lib_version=0)
        held = [opened.begin() for _ in range(2)]
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL


def test_the_file_does_not_grow_for_a_killed_reader(lmdb_store: LmdbStore, path: Path) -> None:
    """Regression: all pages that it might have seen were kept until somebody opened the store anew."""
    job = sample_job(1)
    lmdb_store.write(insert_job(1))
    read_and_be_killed(path, readers=1024)
    before = path.stat().st_size
    for rev in range(1, 41):
        old, job = job, replace(job, rev=rev)
        assert lmdb_store.write(lambda t, old=old, new=job: t.replace(JOBS, old, new))  # type: ignore[misc]  # bound
    assert path.stat().st_size < before + 20 * 4096


def test_what_a_killed_reader_left_is_cleared_when_the_table_is_full(
    monkeypatch: pytest.MonkeyPatch, open_lmdb: Open, path: Path
) -> None:
    monkeypatch.setattr(environment, "_MAX_READERS", 3)
    store = open_lmdb()
    store.write(insert_job(1))
    read_and_be_killed(path, readers=3)
    outcomes: list[object] = []

    def read_two_at_once(reader: Reader) -> None:
        inner = threading.Thread(target=lambda: outcomes.append(store.read(lambda r: r.get(JOBS, sample_job(1).id))))
        inner.start()
        inner.join(60)

    store.read(read_two_at_once)
    assert outcomes == [sample_job(1)]


def test_too_many_readers_are_told(monkeypatch: pytest.MonkeyPatch, open_lmdb: Open) -> None:
    monkeypatch.setattr(environment, "_MAX_READERS", 1)
    store = open_lmdb()
    told: list[BaseException] = []

    def nested(reader: Reader) -> None:
        def ask() -> None:
            try:
                store.read(lambda r: None)
            except StoreUnavailable as error:
                told.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(60)

    store.read(nested)
    assert len(told) == 1
    assert "too many processes" in str(told[0])


def test_a_process_that_was_forked_may_not_use_it(path: Path) -> None:
    script = f"""
        import os
        from jobistemer_tui.errors import StoreUnavailable
        from jobistemer_tui.storage.open import open_store
        from tests.support.store_work import insert_job
        store = open_store("lmdb:{path}")
        store.write(insert_job(1))
        child = os.fork()
        if child == 0:
            try:
                store.read(lambda r: None)
            except StoreUnavailable:
                os._exit(7)
            os._exit(8)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), store.write(insert_job(2)))
        store.close()
    """
    command = [sys.executable, "-W", "ignore", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True)
    assert done.stdout.split() == ["7", "True"]


def test_two_stores_over_one_file_share_it_and_the_last_closes_it(open_lmdb: Open) -> None:
    first, second = open_lmdb(), open_lmdb()
    first.write(insert_job(1))
    first.close()
    assert second.read(lambda r: r.get(JOBS, sample_job(1).id)) is not None
    second.close()
    third = open_lmdb()
    assert third.read(lambda r: r.get(JOBS, sample_job(1).id)) is not None


def test_an_error_of_lmdb_ends_the_work_even_if_it_is_caught(
    lmdb_store: LmdbStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoil(self: object, table: object, row: object) -> bytes:
        raise lmdb.BadTxnError("as if")

    def stubborn(transaction: Transaction) -> str:
        for _ in range(2):
            with pytest.raises(StoreError, match="as if"):
                transaction.insert(JOBS, sample_job(2))
        return "done"

    with monkeypatch.context() as patch:
        patch.setattr("jobistemer_tui.storage.lmdb.rows.LmdbRows._place_of", spoil)
        with pytest.raises(StoreUnavailable, match="as if"):
            lmdb_store.write(stubborn)
        gate = threading.Event()
        lmdb_store.submit(lambda t: gate.wait(60))
        futures = [lmdb_store.submit(work) for work in (stubborn, append_event("beside"), insert_job(3))]
        gate.set()
        kinds = [type(future.exception(60)) for future in futures]
    assert kinds == [StoreDamaged] * 3
    assert lmdb_store.write(insert_job(2)) is True


def test_racing_processes_grow_it_together(path: Path) -> None:
    assert sum(race("insert", f"lmdb:{path}", processes=2, count=50)) == 50
