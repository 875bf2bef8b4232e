"""Several processes over one store: every race has one winner and nothing is lost."""

from __future__ import annotations

from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, JOBS, JOBS_BY_KEY
from tests.support.racing_store import race
from tests.support.sample_records import sample_job
from tests.support.store_backends import Place

PROCESSES = 4


def test_each_key_is_won_once(place: Place) -> None:
    """The store is not there when they start, so that they race to make it as well."""
    wins = race("insert", place.url, processes=PROCESSES, count=300)
    store = place.reopen()
    if store.capabilities.processes:
        assert sum(wins) == 300
        assert store.read(lambda r: r.count(JOBS_BY_KEY)) == 300
    else:
        assert wins == [300] * PROCESSES
        assert store.read(lambda r: r.count(JOBS_BY_KEY)) == 0


def test_compare_and_set_loses_nothing(place: Place) -> None:
    store = place.fresh()
    store.write(lambda t: t.insert(JOBS, sample_job()))
    if not store.capabilities.processes:
        other = place.reopen()
        assert other.read(lambda r: r.get(JOBS, sample_job().id)) is None
        return
    race("increment", place.url, processes=PROCESSES, count=50)
    job = store.read(lambda r: r.get(JOBS, sample_job().id))
    assert job is not None
    assert job.rev == PROCESSES * 50


def test_events_of_all_processes_are_numbered_once(place: Place) -> None:
    store = place.fresh()
    race("append", place.url, processes=2, count=100)
    numbers = [event.sequence for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    assert numbers == (list(range(1, 201)) if store.capabilities.processes else [])
