"""Scans: order, bounds, None, reverse, limit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Occurrence, OccurrenceInShort
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import (
    JOBS,
    JOBS_BY_KEY,
    NODES,
    NODES_BY_START,
    OCCURRENCES,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_HANDLED,
    OCCURRENCES_BY_JOB,
    OCCURRENCES_BY_JOB_STATE,
    OCCURRENCES_BY_OWNER,
    OCCURRENCES_IN_SHORT,
    Index,
)
from tests.support.sample_records import NOW, instant, sample_job, sample_node, sample_occurrence


def fill(store: Store, *occurrences: Occurrence) -> None:
    def work(transaction: Transaction) -> None:
        for number in (1, 2):
            transaction.insert(JOBS, sample_job(number))
        for occurrence in occurrences:
            transaction.insert(OCCURRENCES, occurrence)

    store.write(work)


def scan(store: Store, index: Index[Any], *equal: Any, **options: Any) -> list[Any]:
    return store.read(lambda reader: reader.scan(index, *equal, **options))


def test_rows_come_in_the_order_of_the_columns(store: Store) -> None:
    rows = [sample_occurrence(number) for number in range(10)]
    fill(store, *rows[5:], *rows[:5])
    assert scan(store, OCCURRENCES_BY_JOB, sample_job().id) == rows


def test_equal_columns_are_ordered_by_key(store: Store) -> None:
    rows = [sample_node(number, started_at=NOW) for number in (9, 1, 300, 4)]
    store.write(lambda t: [t.insert(NODES, row) for row in rows])
    assert [row.id.int for row in scan(store, NODES_BY_START)] == [1, 4, 9, 300]
    assert [row.id.int for row in scan(store, NODES_BY_START, reverse=True)] == [300, 9, 4, 1]


def test_bounds_are_inclusive(store: Store) -> None:
    rows = [sample_occurrence(number) for number in range(6)]
    fill(store, *rows)
    of = sample_job().id
    assert scan(store, OCCURRENCES_BY_JOB, of, low=instant(2), high=instant(4)) == rows[2:5]
    assert scan(store, OCCURRENCES_BY_JOB, of, low=instant(4)) == rows[4:]
    assert scan(store, OCCURRENCES_BY_JOB, of, high=instant(1)) == rows[:2]
    assert scan(store, OCCURRENCES_BY_JOB, of, low=instant(4), high=instant(2)) == []
    assert scan(store, OCCURRENCES_BY_JOB, of, low=instant(3), high=instant(3)) == rows[3:4]


def test_reverse_and_limit_take_the_latest(store: Store) -> None:
    rows = [sample_occurrence(number) for number in range(6)]
    fill(store, *rows)
    of = sample_job().id
    assert scan(store, OCCURRENCES_BY_JOB, of, high=instant(4), reverse=True, limit=2) == [rows[4], rows[3]]
    assert scan(store, OCCURRENCES_BY_JOB, of, low=instant(2), limit=2) == rows[2:4]
    assert scan(store, OCCURRENCES_BY_JOB, of, limit=0) == []


def test_none_sorts_first_and_matches_no_bound(store: Store) -> None:
    planned = sample_occurrence(1)
    early, late = (sample_occurrence(n, handled_at=instant(n)) for n in (2, 3))
    fill(store, late, planned, early)
    assert scan(store, OCCURRENCES_BY_HANDLED) == [planned, early, late]
    assert scan(store, OCCURRENCES_BY_HANDLED, reverse=True) == [late, early, planned]
    assert scan(store, OCCURRENCES_BY_HANDLED, high=instant(2)) == [early]
    assert scan(store, OCCURRENCES_BY_HANDLED, low=instant(0)) == [early, late]


def test_none_is_a_value_to_be_equal_to(store: Store) -> None:
    free, owned = sample_occurrence(1), sample_occurrence(2, owner=UUID(int=1))
    fill(store, free, owned)
    assert scan(store, OCCURRENCES_BY_OWNER, None) == [free]
    assert scan(store, OCCURRENCES_BY_OWNER, None, OccurrenceState.PLANNED) == [free]
    assert scan(store, OCCURRENCES_BY_OWNER, UUID(int=1)) == [owned]
    assert store.read(lambda r: r.count(OCCURRENCES_BY_OWNER, None)) == 1


def test_text_is_ordered_by_code_point(store: Store) -> None:
    keys = ["B", "a", "a.b", "aa", "é", "z", "ﬀ", "𝒳"]
    jobs = [sample_job(number, key=key) for number, key in enumerate(keys)]
    store.write(lambda t: [t.insert(JOBS, job) for job in reversed(jobs)])
    assert [job.key for job in scan(store, JOBS_BY_KEY)] == sorted(keys)
    assert [job.key for job in scan(store, JOBS_BY_KEY, low="aa", high="z")] == ["aa", "z"]


def test_times_before_1970_sort_before_those_after(store: Store) -> None:
    rows = [sample_node(number, started_at=NOW.replace(year=year)) for number, year in enumerate((1969, 1970, 2400))]
    store.write(lambda t: [t.insert(NODES, row) for row in reversed(rows)])
    assert scan(store, NODES_BY_START) == rows


def test_count_is_the_number_of_rows(store: Store) -> None:
    running = OccurrenceState.RUNNING
    fill(store, sample_occurrence(1), sample_occurrence(2, state=running), sample_occurrence(3, 2, state=running))

    def counts(*equal: Any) -> int:
        return store.read(lambda r: r.count(OCCURRENCES_BY_JOB_STATE, *equal))

    assert [counts(), counts(sample_job().id), counts(sample_job().id, running)] == [3, 2, 1]


def test_a_transaction_scans_its_own_writes(store: Store) -> None:
    def work(transaction: Transaction) -> tuple[int, list[Occurrence]]:
        transaction.insert(JOBS, sample_job())
        transaction.insert(OCCURRENCES, sample_occurrence(1))
        transaction.insert(OCCURRENCES, sample_occurrence(2))
        transaction.delete(OCCURRENCES, sample_occurrence(1).id)
        left = transaction.scan(OCCURRENCES_BY_DUE, OccurrenceState.PLANNED)
        return transaction.count(OCCURRENCES_BY_DUE, OccurrenceState.PLANNED), left

    assert store.write(work) == (1, [sample_occurrence(2)])


def in_short(row: Occurrence) -> OccurrenceInShort:
    return OccurrenceInShort(
        row.id, row.job_id, row.scheduled_at, row.state, row.reason, row.detail, row.started_at, row.finished_at
    )


def test_a_part_of_the_columns_is_of_the_same_rows(store: Store) -> None:
    rows = [
        sample_occurrence(1, handled_at=instant(1), started_at=instant(2), state=OccurrenceState.RUNNING),
        sample_occurrence(2, handled_at=instant(2), reason=Reason.DOWNTIME, state=OccurrenceState.MISSED),
        sample_occurrence(3),
    ]
    fill(store, *rows)
    options: dict[str, Any] = {"low": instant(0), "reverse": True, "limit": 2}
    part = store.read(lambda r: r.scan_part(OCCURRENCES_IN_SHORT, OCCURRENCES_BY_HANDLED, **options))
    assert part == [in_short(row) for row in scan(store, OCCURRENCES_BY_HANDLED, **options)]
    assert [row.id for row in part] == [rows[1].id, rows[0].id]


def test_a_transaction_scans_a_part_of_its_own_writes(store: Store) -> None:
    before, after = sample_occurrence(1), sample_occurrence(1, state=OccurrenceState.PENDING)
    fill(store, before)

    def work(transaction: Transaction) -> tuple[list[OccurrenceInShort], Occurrence | None]:
        transaction.replace(OCCURRENCES, before, after)
        part = transaction.scan_part(OCCURRENCES_IN_SHORT, OCCURRENCES_BY_JOB, before.job_id)
        return part, transaction.get(OCCURRENCES, before.id)

    assert store.write(work) == ([in_short(after)], after)


@pytest.mark.parametrize(
    ("equal", "options"),
    [((1, 2, 3), {}), ((OccurrenceState.PLANNED, NOW), {"low": NOW}), ((), {"limit": -1})],
    ids=["values", "bound", "limit"],
)
def test_more_than_the_index_has_is_refused(store: Store, equal: tuple[Any, ...], options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"columns|limit"):
        scan(store, OCCURRENCES_BY_DUE, *equal, **options)
