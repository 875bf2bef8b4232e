"""Closing finishes what was submitted and lets go."""

from __future__ import annotations

import threading

import pytest

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS, JOBS_BY_KEY
from tests.support.sample_records import sample_job
from tests.support.store_backends import Place
from tests.support.store_work import append_event


def test_closing_twice_is_harmless(store: Store) -> None:
    store.close()
    store.close()


def test_what_was_submitted_is_finished(store: Store) -> None:
    futures = [store.submit(append_event(str(number))) for number in range(300)]
    store.close()
    assert [future.result(0) for future in futures] == list(range(1, 301))


def test_a_closed_store_is_unavailable(store: Store) -> None:
    store.close()
    assert isinstance(store.submit(lambda t: None).exception(20), StoreUnavailable)
    with pytest.raises(StoreUnavailable, match="closed"):
        store.write(lambda t: t.insert(JOBS, sample_job()))
    with pytest.raises(StoreUnavailable, match="closed"):
        store.read(lambda r: r.count(JOBS_BY_KEY))
    with pytest.raises(StoreUnavailable, match="closed"):
        store.change_token()


def test_durable_or_not(place: Place) -> None:
    store = place.fresh()
    store.write(lambda t: t.insert(JOBS, sample_job()))
    store.close()
    again = place.reopen()
    found = again.read(lambda r: r.get(JOBS, sample_job().id))
    assert found == (sample_job() if again.capabilities.durable else None)


def test_a_read_that_is_under_way_ends_well(store: Store) -> None:
    begun, closing = threading.Event(), threading.Event()
    counts: list[int] = []

    def slow(reader: Reader) -> int:
        begun.set()
        closing.wait(0.2)
        return reader.count(EVENTS_BY_SEQUENCE)

    thread = threading.Thread(target=lambda: counts.append(store.read(slow)))
    thread.start()
    begun.wait(60)
    store.close()
    closing.set()
    thread.join()
    assert counts == [0]
