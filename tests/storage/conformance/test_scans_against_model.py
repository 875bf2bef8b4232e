"""Any scan over any rows gives what a naive sort and filter gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import INDEXES, JOBS, OCCURRENCES, Index, order_of
from tests.support.sample_records import instant, sample_job, sample_occurrence

OCCURRENCE_INDEXES = [index for index in INDEXES if index.table == "occurrence"]

instants = st.integers(-2, 2).map(instant)
uuids = st.integers(0, 3).map(lambda number: UUID(int=number))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "job_id": st.sampled_from([sample_job(1).id, sample_job(2).id]),
    "scheduled_at": instants,
    "due_at": instants,
    "state": st.sampled_from([OccurrenceState.PLANNED, OccurrenceState.RUNNING, OccurrenceState.FAILED]),
    "owner": st.none() | uuids,
    "sequence": st.integers(-1, 2),
    "request_id": st.none() | st.uuids(),
    "handled_at": st.none() | instants,
    "finished_at": st.none() | instants,
    "rank": st.integers(-1, 1),
    "group_name": st.none() | st.sampled_from(["a", "b"]),
    "replay_of": st.none() | uuids,
}
ASKED = {**VALUES, "id": st.uuids()}
ROWS = st.lists(
    st.builds(lambda id, values: sample_occurrence(id=id, **values), st.uuids(), st.fixed_dictionaries(VALUES)),
    max_size=12,
    unique_by=(lambda row: row.id, lambda row: row.request_id or row.id),
)


class Undo(Exception):
    """Leaves the store as it was for the next example."""


@st.composite
def scans(draw: st.DrawFn) -> tuple[Index[Occurrence], list[Any], dict[str, Any]]:
    """An index, equal values for some of its columns, perhaps bounds for the next, and the other options."""
    index = draw(st.sampled_from(OCCURRENCE_INDEXES))
    equal = [draw(ASKED[name]) for name in index.columns[: draw(st.integers(0, len(index.columns)))]]
    options: dict[str, Any] = {"reverse": draw(st.booleans()), "limit": draw(st.none() | st.integers(0, 5))}
    if len(equal) < len(index.columns):
        bound = ASKED[index.columns[len(equal)]]
        options |= {"low": draw(st.none() | bound), "high": draw(st.none() | bound)}
    return index, equal, options


def expected(rows: list[Occurrence], index: Index[Any], equal: list[Any], options: dict[str, Any]) -> list[Occurrence]:
    """What the contract says, read literally."""
    low, high = options.get("low"), options.get("high")
    kept = [row for row in rows if [getattr(row, name) for name in index.columns[: len(equal)]] == equal]
    if low is not None or high is not None:
        column = index.columns[len(equal)]
        kept = [row for row in kept if getattr(row, column) is not None]
        kept = [row for row in kept if low is None or getattr(row, column) >= low]
        kept = [row for row in kept if high is None or getattr(row, column) <= high]

    def position(row: Occurrence) -> list[tuple[bool, Any]]:
        values = (getattr(row, name) for name in order_of(index))
        return [(value is not None, value) for value in values]

    return sorted(kept, key=position, reverse=options["reverse"])[: options["limit"]]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, request=scans())
def test_scan_and_count(
    store: Store, rows: list[Occurrence], request: tuple[Index[Occurrence], list[Any], dict[str, Any]]
) -> None:
    index, equal, options = request
    seen: list[tuple[list[Occurrence], int]] = []

    def work(transaction: Transaction) -> None:
        for number in (1, 2):
            transaction.insert(JOBS, sample_job(number))
        for row in rows:
            assert transaction.insert(OCCURRENCES, row)
        seen.append((transaction.scan(index, *equal, **options), transaction.count(index, *equal)))
        raise Undo

    with pytest.raises(Undo):
        store.write(work)
    assert seen[0][0] == expected(rows, index, equal, options)
    assert seen[0][1] == len(expected(rows, index, equal, {"reverse": False, "limit": None}))


CHANGES = st.fixed_dictionaries({}, optional={name: VALUES[name] for name in ("state", "due_at", "owner", "rank")})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, request=scans(), changes=st.lists(CHANGES, max_size=12), gone=st.sets(st.integers(0, 11)))
def test_an_answer_follows_each_write(
    store: Store,
    rows: list[Occurrence],
    request: tuple[Index[Occurrence], list[Any], dict[str, Any]],
    changes: list[dict[str, Any]],
    gone: set[int],
) -> None:
    """A backend may remember what it was asked, and has to know which write makes it untrue."""
    index, equal, options = request
    wrong: list[tuple[Any, Any]] = []

    def work(transaction: Transaction) -> None:
        there: dict[UUID, Occurrence] = {}

        def ask() -> None:
            found = transaction.scan(index, *equal, **options), transaction.count(index, *equal)
            now, everything = list(there.values()), {"reverse": False, "limit": None}
            right = expected(now, index, equal, options), len(expected(now, index, equal, everything))
            wrong.extend([(found, right)] if found != right else [])

        for number in (1, 2):
            transaction.insert(JOBS, sample_job(number))
        for row in rows:
            assert transaction.get(OCCURRENCES, row.id) is None
            assert transaction.insert(OCCURRENCES, row)
            there[row.id] = row
            ask()
        for row, change in zip(rows, changes, strict=False):
            changed = replace(row, **change)
            assert transaction.replace(OCCURRENCES, row, changed)
            there[row.id] = changed
            ask()
        for number, row in enumerate(rows):
            if number in gone:
                assert transaction.delete(OCCURRENCES, row.id)
                assert transaction.get(OCCURRENCES, row.id) is None
                del there[row.id]
                ask()
        raise Undo

    with pytest.raises(Undo):
        store.write(work)
    assert wrong == []
