"""Replace writes only over the state that the writer saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOBS, NODES, OCCURRENCES, OCCURRENCES_BY_DUE
from tests.support.sample_records import NOW, instant, sample_job, sample_node, sample_occurrence
from tests.support.store_work import replace_row

OWNED: dict[str, Any] = {"state": OccurrenceState.RUNNING, "owner": UUID(int=5), "epoch": 3}


def put(store: Store, occurrence: Occurrence) -> None:
    store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(OCCURRENCES, occurrence)])


def stored(store: Store) -> Occurrence | None:
    return store.read(lambda r: r.get(OCCURRENCES, sample_occurrence().id))


def test_the_row_is_replaced_as_a_whole(store: Store) -> None:
    old = sample_occurrence()
    new = replace(old, **OWNED, reason=Reason.PROMOTED, detail={"a": [1]}, handled_at=NOW, due_at=instant(9))
    put(store, old)
    assert store.write(lambda t: t.replace(OCCURRENCES, old, new)) is True
    assert stored(store) == new


@pytest.mark.parametrize(
    "moved",
    [{"state": OccurrenceState.CANCELING}, {"owner": UUID(int=6)}, {"owner": None}, {"epoch": 4}],
    ids=lambda moved: next(iter(moved)),
)
def test_each_guard_column_refuses_a_row_that_moved_on(store: Store, moved: dict[str, Any]) -> None:
    seen = sample_occurrence(**OWNED)
    there = replace(seen, **moved)
    put(store, there)
    assert store.write(lambda t: t.replace(OCCURRENCES, seen, replace(seen, version=9))) is False
    assert stored(store) == there


def test_a_guard_that_was_none_refuses_a_value(store: Store) -> None:
    put(store, sample_occurrence(owner=UUID(int=1)))
    seen = sample_occurrence(owner=None)
    assert store.write(lambda t: t.replace(OCCURRENCES, seen, replace(seen, epoch=1))) is False


def test_two_that_saw_the_same_row_cannot_both_win(store: Store) -> None:
    old = sample_occurrence()
    put(store, old)
    claims = [replace(old, state=OccurrenceState.RUNNING, owner=UUID(int=n), epoch=1) for n in (1, 2)]
    assert [store.write(replace_row(OCCURRENCES, old, claim)) for claim in claims] == [True, False]
    assert stored(store) == claims[0]


def test_columns_that_are_no_guards_are_overwritten(store: Store) -> None:
    put(store, sample_occurrence(version=7))
    seen = sample_occurrence(version=1)
    assert store.write(lambda t: t.replace(OCCURRENCES, seen, replace(seen, sequence=4))) is True
    assert stored(store) == sample_occurrence(version=1, sequence=4)


def test_a_row_that_is_gone_is_not_made_anew(store: Store) -> None:
    store.write(lambda t: t.insert(JOBS, sample_job()))
    assert store.write(lambda t: t.replace(OCCURRENCES, sample_occurrence(), sample_occurrence(epoch=1))) is False
    assert stored(store) is None


def test_a_table_without_guards_only_wants_the_row(store: Store) -> None:
    store.write(lambda t: t.insert(NODES, sample_node()))
    swept = sample_node(swept_at=instant(60))
    assert store.write(lambda t: t.replace(NODES, sample_node(host="was otherwise"), swept)) is True
    assert store.read(lambda r: r.get(NODES, swept.id)) == swept


def test_nothing_to_change_is_a_success(store: Store) -> None:
    put(store, sample_occurrence())
    assert store.write(lambda t: t.replace(OCCURRENCES, sample_occurrence(), sample_occurrence())) is True


def test_the_key_cannot_change(store: Store) -> None:
    put(store, sample_occurrence())
    with pytest.raises(ValueError, match="key"):
        store.write(lambda t: t.replace(OCCURRENCES, sample_occurrence(0), sample_occurrence(1)))


def test_indexes_follow(store: Store) -> None:
    old = sample_occurrence()
    new = replace(old, state=OccurrenceState.PENDING, due_at=instant(5))
    put(store, old)
    store.write(lambda t: t.replace(OCCURRENCES, old, new))
    assert store.read(lambda r: r.scan(OCCURRENCES_BY_DUE, OccurrenceState.PLANNED)) == []
    assert store.read(lambda r: r.scan(OCCURRENCES_BY_DUE, OccurrenceState.PENDING, low=instant(5))) == [new]
