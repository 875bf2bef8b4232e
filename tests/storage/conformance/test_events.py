"""The audit: numbered in commit order, never twice."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import EVENTS, EVENTS_BY_JOB, EVENTS_BY_OCCURRENCE, EVENTS_BY_SEQUENCE
from tests.support.sample_records import sample_event, sample_job, sample_occurrence
from tests.support.store_backends import Place


def append(store: Store, kind: str = "tested") -> int:
    return store.write(lambda t: t.append(sample_event(kind)))


def test_numbers_grow(store: Store) -> None:
    numbers = [append(store) for _ in range(3)]
    assert numbers == sorted(set(numbers))
    assert [event.sequence for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))] == numbers


def test_the_number_that_is_handed_in_is_not_looked_at(store: Store) -> None:
    first = append(store)
    second = store.write(lambda t: t.append(sample_event(sequence=first)))
    assert second > first
    event = store.read(lambda r: r.get(EVENTS, second))
    assert event == sample_event(sequence=second)


def test_several_in_one_transaction(store: Store) -> None:
    def work(transaction: Transaction) -> list[int]:
        return [transaction.append(sample_event(str(number))) for number in range(3)]

    assert store.write(work) == store.write(lambda t: [e.sequence for e in t.scan(EVENTS_BY_SEQUENCE)])


def test_a_deleted_number_is_not_given_again(store: Store) -> None:
    last = [append(store) for _ in range(3)][-1]
    assert store.write(lambda t: t.delete(EVENTS, last)) is True
    assert append(store) > last


def test_a_number_that_is_inserted_is_not_given_again(store: Store) -> None:
    assert store.write(lambda t: t.insert(EVENTS, sample_event(sequence=500))) is True
    assert store.write(lambda t: t.insert(EVENTS, sample_event("other", sequence=500))) is False
    assert append(store) > 500


def test_work_that_fails_leaves_no_event_behind(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):
        store.write(lambda t: (t.append(sample_event()), 1 // 0))
    number = append(store, "kept")
    assert [(e.sequence, e.kind) for e in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))] == [(number, "kept")]


def test_events_of_a_job_and_of_an_occurrence(store: Store) -> None:
    job, occurrence = sample_job().id, sample_occurrence().id
    mine = sample_event(job_id=job, occurrence_id=occurrence, reason=Reason.USER, detail={"who": "me"})
    number = store.write(lambda t: (t.append(sample_event()), t.append(mine)))[1]
    of_job, of_occurrence = store.read(lambda r: (r.scan(EVENTS_BY_JOB, job), r.scan(EVENTS_BY_OCCURRENCE, occurrence)))
    for (found,) in (of_job, of_occurrence):
        assert (found.sequence, found.detail, found.reason) == (number, {"who": "me"}, Reason.USER)


def test_numbers_go_on_after_reopening(place: Place) -> None:
    store = place.fresh()
    last = append(store)
    store.write(lambda t: t.delete(EVENTS, last))
    store.close()
    again = place.reopen()
    expected = last + 1 if again.capabilities.durable else 1
    assert append(again) == expected
