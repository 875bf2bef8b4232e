"""Submitted work: in order, resolved after the commit, run even if nobody waits."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest

from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS
from tests.support.sample_records import sample_job
from tests.support.store_work import append_event, insert_job
from tests.support.wait_until import wait_until


def test_the_future_has_the_result(store: Store) -> None:
    assert store.submit(lambda t: "result").result(60) == "result"


def test_a_future_that_is_done_is_committed(store: Store) -> None:
    """Whoever is told looks at once, from the thread that tells, over a connection of its own."""
    seen: list[bool] = []

    def look(future: Future[bool]) -> None:
        seen.append(store.read(lambda r: r.get(JOBS, sample_job().id)) is not None)

    def slow(transaction: Transaction) -> bool:
        begun.wait(60)
        return transaction.insert(JOBS, sample_job())

    begun = threading.Event()
    submitter = threading.Thread(target=lambda: store.submit(slow).add_done_callback(look))
    submitter.start()
    begun.set()
    submitter.join()
    wait_until(lambda: seen)
    assert seen == [True]


def test_work_runs_in_the_order_of_submission(store: Store) -> None:
    futures = [store.submit(append_event(str(number))) for number in range(600)]
    assert [future.result(60) for future in futures] == list(range(1, 601))
    events = store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))
    assert [int(event.kind) for event in events] == list(range(600))


def test_a_cancelled_waiter_does_not_take_the_work_back(store: Store) -> None:
    gate = threading.Event()
    futures: list[Future[bool]] = []

    def work(transaction: Transaction) -> bool:
        gate.wait(60)
        return transaction.insert(JOBS, sample_job())

    submitter = threading.Thread(target=lambda: futures.append(store.submit(work)))
    submitter.start()
    gate.set()
    submitter.join()
    futures[0].cancel()
    wait_until(lambda: store.read(lambda r: r.get(JOBS, sample_job().id)))
    assert futures[0].result(60) is True


def test_cancelled_before_it_ran_it_runs_all_the_same(store: Store) -> None:
    gate = threading.Event()
    holder = threading.Thread(target=lambda: store.submit(lambda t: gate.wait(60)))
    holder.start()
    cancelled: list[bool] = []

    def submit_and_cancel() -> None:
        cancelled.append(store.submit(lambda t: t.insert(JOBS, sample_job())).cancel())

    submitter = threading.Thread(target=submit_and_cancel)
    submitter.start()
    gate.set()
    holder.join()
    submitter.join()
    wait_until(lambda: store.read(lambda r: r.get(JOBS, sample_job().id)))
    assert cancelled == [False]


def test_many_threads_write_at_once(store: Store) -> None:
    wins: list[int] = []

    def insert_all() -> None:
        wins.append(sum(store.write(insert_job(number)) for number in range(50)))

    threads = [threading.Thread(target=insert_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(wins) == 50


def test_write_raises_what_the_work_raised(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.write(lambda t: 1 // 0)
