"""Unique indexes and parents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import MissedRange, Pause
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.errors import StoreError, StoreUnavailable
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, JOB_VERSIONS, JOBS, MISSED_RANGES, OCCURRENCES, PAUSES, TASK_RUNS
from tests.support.sample_records import (
    NOW,
    sample_attempt,
    sample_job,
    sample_occurrence,
    sample_task_run,
    sample_version,
)

OCCURRENCE = sample_occurrence()
TASK_RUN = sample_task_run(OCCURRENCE)
ATTEMPT = sample_attempt(TASK_RUN)
PAUSE = Pause(sample_job().id, NOW, None, None)
RANGE = MissedRange(sample_job().id, NOW, NOW, 3, Reason.DOWNTIME)

CHAIN: list[tuple[Any, Any]] = [
    (JOBS, sample_job()),
    (JOB_VERSIONS, sample_version()),
    (OCCURRENCES, OCCURRENCE),
    (TASK_RUNS, TASK_RUN),
    (ATTEMPTS, ATTEMPT),
    (PAUSES, PAUSE),
    (MISSED_RANGES, RANGE),
]


def insert_chain(transaction: Transaction) -> None:
    for table, record in CHAIN:
        assert transaction.insert(table, record)


@pytest.mark.parametrize(("table", "record"), CHAIN[1:], ids=lambda value: getattr(value, "name", "")[:12])
def test_a_child_needs_its_parent(store: Store, table: Any, record: Any) -> None:
    with pytest.raises(StoreError) as caught:
        store.write(lambda t: t.insert(table, record))
    assert not isinstance(caught.value, StoreUnavailable)
    assert store.read(lambda r: r.get(table, *(getattr(record, name) for name in table.key))) is None


def test_each_parent_of_an_attempt_is_needed(store: Store) -> None:
    store.write(insert_chain)
    with pytest.raises(StoreError):
        store.write(lambda t: t.insert(ATTEMPTS, replace(ATTEMPT, id=UUID(int=1), task_run_id=UUID(int=2))))
    with pytest.raises(StoreError):
        store.write(lambda t: t.insert(ATTEMPTS, replace(ATTEMPT, id=UUID(int=1), occurrence_id=UUID(int=2))))


def test_a_replacement_needs_its_parent_too(store: Store) -> None:
    store.write(insert_chain)
    with pytest.raises(StoreError):
        store.write(lambda t: t.replace(OCCURRENCES, OCCURRENCE, replace(OCCURRENCE, job_id=UUID(int=1))))
    assert store.read(lambda r: r.get(OCCURRENCES, OCCURRENCE.id)) == OCCURRENCE


@pytest.mark.parametrize("parent", [(JOBS, sample_job().id), (OCCURRENCES, OCCURRENCE.id), (TASK_RUNS, TASK_RUN.id)])
def test_a_parent_cannot_go_before_its_children(store: Store, parent: tuple[Any, UUID]) -> None:
    store.write(insert_chain)
    with pytest.raises(StoreError):
        store.write(lambda t: t.delete(*parent))
    assert store.read(lambda r: r.get(*parent)) is not None


def test_children_first_everything_can_go(store: Store) -> None:
    store.write(insert_chain)

    def delete_all(transaction: Transaction) -> list[bool]:
        return [transaction.delete(t, *(getattr(r, name) for name in t.key)) for t, r in reversed(CHAIN)]

    assert all(store.write(delete_all))


def refused(store: Store, work: Callable[[Transaction], Any]) -> None:
    with pytest.raises(StoreError) as caught:
        store.write(work)
    assert not isinstance(caught.value, StoreUnavailable)


def test_a_unique_index_refuses_another_row(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job(1)))
    refused(store, lambda t: t.insert(JOBS, sample_job(2, key="job-1")))
    store.write(lambda t: t.insert(JOBS, sample_job(2)))
    refused(store, lambda t: t.replace(JOBS, sample_job(2), sample_job(2, key="job-1")))
    assert store.read(lambda r: r.get(JOBS, sample_job(2).id)) == sample_job(2)


def test_none_is_not_unique(store: Store) -> None:
    def work(transaction: Transaction) -> list[bool]:
        transaction.insert(JOBS, sample_job())
        return [transaction.insert(OCCURRENCES, sample_occurrence(n, request_id=None)) for n in range(3)]

    assert store.write(work) == [True] * 3


def test_a_value_is_free_again_once_its_row_has_moved_on(store: Store) -> None:
    def work(transaction: Transaction) -> list[bool]:
        return [
            transaction.insert(JOBS, sample_job(1)),
            transaction.replace(JOBS, sample_job(1), sample_job(1, key="renamed")),
            transaction.insert(JOBS, sample_job(2, key="job-1")),
        ]

    assert store.write(work) == [True] * 3
