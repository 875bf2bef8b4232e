"""Reads see one state of the store, with everything committed before them."""

from __future__ import annotations

import threading

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import JOBS, JOBS_BY_KEY
from tests.support.sample_records import sample_job
from tests.support.store_work import insert_job


def test_a_read_sees_every_earlier_commit(store: Store) -> None:
    for number in range(20):
        store.write(insert_job(number))
        assert store.read(lambda r: r.count(JOBS_BY_KEY)) == number + 1


def test_one_read_sees_one_state(store: Store) -> None:
    """A commit that another thread makes meanwhile either waits or is not seen."""
    store.write(lambda t: t.insert(JOBS, sample_job(1)))
    begun, written = threading.Event(), threading.Event()

    def write_beside() -> None:
        begun.wait(60)
        store.write(lambda t: t.insert(JOBS, sample_job(2)))
        written.set()

    def look_twice(reader: Reader) -> tuple[list[Job], list[Job]]:
        first = reader.scan(JOBS_BY_KEY)
        begun.set()
        written.wait(0.2)
        return first, reader.scan(JOBS_BY_KEY)

    writer = threading.Thread(target=write_beside)
    writer.start()
    first, second = store.read(look_twice)
    writer.join()
    assert first == second == [sample_job(1)]
    assert store.read(lambda r: r.count(JOBS_BY_KEY)) == 2


def test_reads_of_several_threads(store: Store) -> None:
    store.write(lambda t: [t.insert(JOBS, sample_job(number)) for number in range(10)])
    counts: list[int] = []

    def read_often() -> None:
        counts.extend(store.read(lambda r: r.count(JOBS_BY_KEY)) for _ in range(20))

    threads = [threading.Thread(target=read_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [10] * 80


def test_a_read_raises_what_its_work_raises(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.read(lambda r: 1 // 0)
    assert store.read(lambda r: r.count(JOBS_BY_KEY)) == 0
