"""What is written is what is read, for every table and every kind of value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobistemer_tui.domain.instants import from_microseconds, to_microseconds
from jobistemer_tui.domain.records import FileState, JobFile, MissedRange, Pause
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    JOB_FILES,
    JOB_VERSIONS,
    JOBS,
    MISSED_RANGES,
    NODES,
    OCCURRENCES,
    PAUSES,
    TASK_RUNS,
    Table,
)
from tests.support.sample_records import (
    NOW,
    instant,
    sample_attempt,
    sample_job,
    sample_node,
    sample_occurrence,
    sample_task_run,
    sample_version,
)

LAST = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
OCCURRENCE = sample_occurrence()
TASK_RUN = sample_task_run(OCCURRENCE)

ROWS: list[tuple[Table[Any], Any]] = [
    (JOBS, sample_job(paused_at=NOW, pause_reason="holidays", error="bad", stopped=True, rev=-3)),
    (JOB_VERSIONS, sample_version()),
    (OCCURRENCES, OCCURRENCE),
    (TASK_RUNS, TASK_RUN),
    (ATTEMPTS, sample_attempt(TASK_RUN, exit_code=-(2**63) + 1, signal=9, counted=False, reason=Reason.SPAWN)),
    (NODES, sample_node(stopped_at=NOW)),
    (PAUSES, Pause(sample_job().id, NOW, None, "")),
    (MISSED_RANGES, MissedRange(sample_job().id, NOW, instant(1), 2**63 - 1, Reason.ASLEEP)),
    (
        JOB_FILES,
        JobFile("a", "", FileState.REFUSED, "", NOW, ["x", "y"], [{"line": 1, "text": None}], ["aa"], "as read"),
    ),
]

TEXTS = [
    "",
    " ",
    "'; DROP TABLE job; --",
    "?1 :a @b $c",
    "a\nb\tc",
    "\x1b[31m[bold]red",
    "ünï𝒞øde",
    "NULL",
    "0",
    "a" * 70000,
]
DETAILS: list[dict[str, Any]] = [
    {}, {"a": {"b": [1, 2.5, None, True, "x"]}}, {"ü": "\ud800"}, {"": ""}, {"n": 10**30}
]  # fmt: skip


def test_every_table(store: Store) -> None:
    def work(transaction: Transaction) -> list[Any]:
        assert all(transaction.insert(table, record) for table, record in ROWS)
        return [transaction.get(table, *(getattr(record, name) for name in table.key)) for table, record in ROWS]

    assert store.write(work) == [record for _, record in ROWS]


def test_types_are_kept(store: Store) -> None:
    store.write(lambda t: [t.insert(table, record) for table, record in ROWS])
    job = store.read(lambda r: r.get(JOBS, sample_job().id))
    assert job is not None
    assert job.stopped is True
    assert job.scheduled is False
    assert job.published_at.tzinfo is UTC


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:10]))
def test_text(store: Store, text: str) -> None:
    node = sample_node(host=text)
    store.write(lambda t: t.insert(NODES, node))
    assert store.read(lambda r: r.get(NODES, node.id)) == node


@pytest.mark.parametrize("detail", DETAILS, ids=str)
def test_objects(store: Store, detail: dict[str, Any]) -> None:
    row = sample_occurrence(detail=detail)
    store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(OCCURRENCES, row)])
    assert store.read(lambda r: r.get(OCCURRENCES, row.id)) == row


def test_objects_are_copies(store: Store) -> None:
    detail: dict[str, Any] = {"list": [1]}
    row = sample_occurrence(detail=detail)
    store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(OCCURRENCES, row)])
    detail["list"].append(2)
    assert store.read(lambda r: r.get(OCCURRENCES, row.id)) == sample_occurrence(detail={"list": [1]})


@pytest.mark.parametrize("state", OccurrenceState)
def test_occurrence_states(store: Store, state: OccurrenceState) -> None:
    row = sample_occurrence(state=state, trigger=list(Trigger)[len(state) % len(Trigger)])
    store.write(lambda t: [t.insert(JOBS, sample_job()), t.insert(OCCURRENCES, row)])
    assert store.read(lambda r: r.get(OCCURRENCES, row.id)) == row


def test_all_other_words(store: Store) -> None:
    runs = [sample_task_run(OCCURRENCE, n, state=state) for n, state in enumerate(TaskRunState)]
    attempts = [sample_attempt(runs[0], n, state=state) for n, state in enumerate(AttemptState)]
    ranges = [MissedRange(sample_job().id, instant(n), NOW, 1, reason) for n, reason in enumerate(Reason)]

    def work(transaction: Transaction) -> list[bool]:
        transaction.insert(JOBS, sample_job())
        transaction.insert(OCCURRENCES, OCCURRENCE)
        return [
            *(transaction.insert(TASK_RUNS, row) for row in runs),
            *(transaction.insert(ATTEMPTS, row) for row in attempts),
            *(transaction.insert(MISSED_RANGES, row) for row in ranges),
        ]

    assert all(store.write(work))
    assert store.read(lambda r: [r.get(TASK_RUNS, row.id) for row in runs]) == runs
    assert store.read(lambda r: [r.get(ATTEMPTS, row.id) for row in attempts]) == attempts


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, to_microseconds(LAST)).map(from_microseconds))
def test_instants_to_the_microsecond(store: Store, at: datetime) -> None:
    node = sample_node(started_at=at)
    assert store.write(lambda t: [t.delete(NODES, node.id), t.insert(NODES, node), t.get(NODES, node.id)])[2] == node


def test_another_zone_is_the_same_instant(store: Store) -> None:
    there = sample_node(started_at=NOW.astimezone(timezone(timedelta(hours=5, minutes=45))))
    store.write(lambda t: t.insert(NODES, there))
    stored = store.read(lambda r: r.get(NODES, there.id))
    assert stored is not None
    assert stored.started_at == NOW
    assert stored.started_at.tzinfo is UTC


@pytest.mark.parametrize(
    "changes", [{"host": "caf\udce9"}, {"pid": 2**63}, {"pid": -(2**70)}], ids=["not-unicode", "large", "small"]
)
def test_what_cannot_be_stored_is_refused(store: Store, changes: dict[str, Any]) -> None:
    with pytest.raises(StoreError, match="cannot be stored"):
        store.write(lambda t: t.insert(NODES, sample_node(**changes)))
    store.write(lambda t: t.insert(NODES, sample_node()))
    with pytest.raises(StoreError, match="cannot be stored"):
        store.write(lambda t: t.replace(NODES, sample_node(), sample_node(**changes)))


def test_a_naive_time_is_a_defect(store: Store) -> None:
    with pytest.raises(TypeError):
        store.write(lambda t: t.insert(NODES, replace(sample_node(), started_at=datetime(2026, 1, 1))))  # noqa: DTZ001 naive on purpose
