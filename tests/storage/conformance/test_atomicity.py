"""All of a transaction or nothing of it, whatever happens beside it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import Any

import pytest

from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.contract import Reader, Store, Transaction
from jobistemer_tui.storage.tables import (
    EVENTS_BY_SEQUENCE,
    JOBS,
    JOBS_BY_KEY,
    OCCURRENCES,
    OCCURRENCES_BY_DUE,
    PAUSES_BY_JOB,
)
from tests.support.sample_records import sample_event, sample_job, sample_occurrence


class Oops(Exception):
    """What the work raises."""


def contents(store: Store) -> list[Any]:
    return store.read(everything)


def everything(reader: Reader) -> list[Any]:
    return [reader.scan(index) for index in (JOBS_BY_KEY, OCCURRENCES_BY_DUE, EVENTS_BY_SEQUENCE)]


def change_everything_then_fail(transaction: Transaction) -> None:
    transaction.insert(JOBS, sample_job(2))
    transaction.delete(OCCURRENCES, sample_occurrence().id)
    transaction.replace(JOBS, sample_job(), sample_job(name="other", rev=1))
    transaction.append(sample_event())
    raise Oops("no")


def fill(transaction: Transaction) -> None:
    transaction.insert(JOBS, sample_job())
    transaction.insert(OCCURRENCES, sample_occurrence())
    transaction.append(sample_event("first"))


def test_an_exception_undoes_everything(store: Store) -> None:
    store.write(fill)
    before = contents(store)
    with pytest.raises(Oops, match="no"):
        store.write(change_everything_then_fail)
    assert contents(store) == before


def test_the_store_is_as_good_as_before(store: Store) -> None:
    store.write(fill)
    with pytest.raises(Oops):
        store.write(change_everything_then_fail)
    assert store.write(lambda t: t.insert(JOBS, sample_job(2))) is True
    assert store.write(lambda t: t.append(sample_event("second"))) == 2


def test_even_an_exit_is_only_the_works_own(store: Store) -> None:
    def leave(transaction: Transaction) -> None:
        transaction.insert(JOBS, sample_job())
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        store.write(leave)
    assert contents(store) == [[], [], []]
    assert store.write(lambda t: t.insert(JOBS, sample_job())) is True


def test_neighbours_are_not_affected(store: Store) -> None:
    """Several pieces of work wait while one holds the store up, so that a backend may commit them together."""
    gate = threading.Event()

    def hold(transaction: Transaction) -> None:
        gate.wait(60)

    holder = threading.Thread(target=store.submit, args=(hold,))
    holder.start()
    futures: list[Future[Any]] = []

    def submit_all() -> None:
        futures.append(store.submit(fill))
        futures.append(store.submit(change_everything_then_fail))
        futures.append(store.submit(everything))
        futures.append(store.submit(lambda t: t.insert(OCCURRENCES, sample_occurrence(1, job=9))))
        futures.append(store.submit(lambda t: t.append(sample_event("last"))))

    submitter = threading.Thread(target=submit_all)
    submitter.start()
    gate.set()
    holder.join()
    submitter.join()
    errors = [future.exception(20) for future in futures]
    assert [type(error) for error in errors] == [type(None), Oops, type(None), StoreError, type(None)]
    assert futures[2].result()[:2] == [[sample_job()], [sample_occurrence()]], "it saw what was undone"
    jobs, occurrences, events = contents(store)
    assert (jobs, occurrences) == ([sample_job()], [sample_occurrence()])
    assert [(event.kind, event.sequence) for event in events] == [("first", 1), ("last", 2)]


def test_a_store_error_cannot_be_swallowed(store: Store) -> None:
    def stubborn(transaction: Transaction) -> str:
        transaction.insert(JOBS, sample_job(1))
        with pytest.raises(StoreError):
            transaction.insert(JOBS, sample_job(2, key=sample_job(1).key))
        with pytest.raises(StoreError):
            transaction.insert(JOBS, sample_job(3))
        return "done"

    with pytest.raises(StoreError):
        store.write(stubborn)
    assert contents(store)[0] == []


def test_work_that_raises_after_a_store_error_shows_its_own_exception(store: Store) -> None:
    def work(transaction: Transaction) -> None:
        try:
            transaction.insert(OCCURRENCES, sample_occurrence())
        except StoreError as error:
            raise Oops("no job") from error

    with pytest.raises(Oops) as caught:
        store.write(work)
    assert isinstance(caught.value.__cause__, StoreError)


def test_a_transaction_is_of_no_use_after_its_end(store: Store) -> None:
    kept: list[Transaction] = []
    store.write(kept.append)
    with pytest.raises(StoreError, match="after its end"):
        kept[0].insert(JOBS, sample_job())
    with pytest.raises(StoreError, match="after its end"):
        kept[0].scan(PAUSES_BY_JOB)
    assert contents(store)[0] == []
