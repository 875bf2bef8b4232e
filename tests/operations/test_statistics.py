"""What runs add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid5
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.domain.records import JobTally
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.operations import queries_statistics
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.statistics import Ran, buckets, spread, statistics_of
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOB_TALLIES
from tests.support.factories import NOW, add, add_job, make_attempt, make_definition, make_occurrence, make_task_run


def ran(number: int, status: S, seconds: float | None = None, retries: int | None = None) -> Ran:
    at = NOW + timedelta(hours=number)
    return Ran(uuid5(make_definition().id, str(number)), at, status, seconds, None if seconds is None else 0.5, retries)


def test_figures() -> None:
    runs = [ran(0, S.COMPLETED, 10, 0), ran(1, S.SKIPPED), ran(2, S.FAILED, 40, 2), ran(12, S.COMPLETED, 20),
            ran(36, S.CANCELED, 1), ran(37, S.COMPLETED, 30, 1), ran(38, S.RUNNING)]  # fmt: skip
    found = statistics_of("backup", runs, 700, {"completed": 9}, UTC)
    assert (found.good, found.bad, found.rate, found.retries, found.retried) == (3, 1, 0.75, 3, 2)
    assert found.seconds is not None
    assert (found.seconds.least, found.seconds.median, found.seconds.p95, found.seconds.most) == (1, 20, 40, 40)
    assert (found.streak, found.total, found.counts[S.SKIPPED], found.ever) == (2, 700, 1, {"completed": 9})
    assert [(day.day.day, sum(day.counts.values()), day.seconds) for day in found.days] == [
        (24, 3, 10), (25, 1, 20), (26, 2, 1),
    ]  # fmt: skip
    assert statistics_of("backup", [ran(0, S.FAILED, 1), ran(1, S.FAILED, 1)], 2, {}, UTC).streak == -2


def test_days_are_those_of_a_wall_clock_of_which_one_has_25_hours() -> None:
    """Regression: all were reckoned with the offset of today, so that runs near midnight went to the wrong day."""
    runs = [
        replace(ran(0, S.COMPLETED), at=datetime(2026, 10, day, hour, 30, tzinfo=UTC))
        for day, hour in ((24, 21), (24, 22), (25, 22), (25, 23))
    ]
    berlin = ZoneInfo("Europe/Berlin")
    found = statistics_of("backup", runs, 4, {}, berlin).days
    assert [(day.day, day.counts[S.COMPLETED]) for day in found] == [
        (datetime(2026, 10, day, tzinfo=berlin), count) for day, count in ((24, 1), (25, 2), (26, 1))
    ]


def test_nothing_adds_up_to_nothing() -> None:
    found = statistics_of("backup", [], 0, {}, UTC)
    assert (found.rate, found.seconds, found.late, found.streak, found.days) == (None, None, None, 0, [])


@pytest.mark.parametrize(("count", "median", "p95"), [(1, 1, 1), (2, 1, 2), (20, 10, 19), (100, 50, 95)])
def test_percentiles_are_values_that_occurred(count: int, median: float, p95: float) -> None:
    found = spread([float(value) for value in range(count, 0, -1)])
    assert found is not None
    assert (found.median, found.p95) == (median, p95)


def test_buckets_keep_what_is_largest() -> None:
    assert buckets([1.0, 5.0, None, None, 3.0], 3) == [5.0, None, 3.0]
    assert buckets([1.0, 2.0], 10) == [1.0, 2.0]
    assert buckets([], 3) == buckets([1.0], 0) == []


def test_only_the_newest_runs_are_read(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_statistics, "NEWEST", 3)
    job = add_job(store, make_definition(tasks=("dump", "upload")))
    for hour in range(5):
        run = make_occurrence(job, NOW + timedelta(hours=hour))
        tasks = [make_task_run(run, name, position=number) for number, name in enumerate(("dump", "upload"))]
        tries = [make_attempt(tasks[0], number, AttemptState.FAILED) for number in range(1, hour + 1)]
        add(store, run, *tasks, *tries, make_attempt(tasks[1], 1, AttemptState.SUCCESS))
    add(store, make_occurrence(job, NOW + timedelta(days=1), S.PLANNED))
    store.write(lambda tx: tx.insert(JOB_TALLIES, JobTally(job.id, counts={"completed": 42})))
    for _ in range(2):
        found = operations.statistics("backup", UTC)
        assert ([run.retries for run in found.runs], found.total) == ([1, 2, 3], 5)
        assert (found.retries, found.ever) == (6, {"completed": 42})
