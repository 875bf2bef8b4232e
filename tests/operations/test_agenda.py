"""What is to come: rows, folding, load, overlaps, pauses, marks, and changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.operations import queries_agenda
from jobistemer_tui.operations.agenda import Agenda, AgendaRow, with_overlaps
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader, Store
from tests.support.factories import NOW, add, add_job, change, make_definition, make_occurrence

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def agenda(operations: LocalOperations, start: datetime = NOW, length: timedelta = DAY) -> Agenda:
    return operations.agenda(start, start + length, step=HOUR)


def test_rows_in_time_order_and_frequent_jobs_folded(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("daily", schedule="0 5 * * *", timezone="UTC"))
    add_job(store, make_definition("often", schedule="*/15 * * * *", timezone="UTC"))
    add_job(store, make_definition("odd", schedule="0,7 * * * *", timezone="UTC"))
    add_job(store, make_definition("never", schedule=None))
    found = agenda(operations)
    assert [(row.job, row.more, row.every_s) for row in found.rows] == [
        ("often", 95, 900.0), ("odd", 47, None), ("daily", 0, None),
    ]  # fmt: skip
    assert (found.rows[0].instant, found.rows[0].last) == (NOW, NOW + DAY - timedelta(minutes=15))
    assert (found.total, found.times, found.jobs, found.hidden) == (3, 96 + 48 + 1, 3, 0)
    assert len(found.parts) == 25
    assert sum(part.times for part in found.parts) == found.times
    assert [part.jobs for part in found.parts if part.at.hour == 5] == [3]


def test_only_what_is_wanted_is_listed_and_counted(store: Store, operations: LocalOperations) -> None:
    for name in ("one", "two"):
        add_job(store, make_definition(name, schedule="0 5 * * *", tags=(name,)))
    found = operations.agenda(NOW, NOW + DAY, step=HOUR, wanted=lambda row: "two" in row.tags)
    assert ([row.job for row in found.rows], found.times) == (["two"], 1)


def test_pauses_and_marks_are_told(store: Store, operations: LocalOperations) -> None:
    paused = add_job(store, make_definition("paused", schedule="0 5 * * *"))
    change(store, paused, paused_at=NOW - HOUR, pause_reason="disk swap")
    job = add_job(store, make_definition("marked", schedule="0 5 * * *", timezone="UTC"))
    five = (NOW + DAY).replace(hour=5, minute=0)
    add(store, make_occurrence(job, five, S.PLANNED, reason=Reason.SKIPPED_BY_USER, detail={"why": "holiday"}))
    found = agenda(operations, length=DAY)
    assert (found.hidden, found.times) == (1, 1)
    rows = {row.job: row for row in found.rows}
    assert (rows["paused"].paused, rows["paused"].runs, rows["marked"].runs) == (True, False, False)
    entry = rows["marked"].entry
    assert entry is not None
    assert (entry.reason, entry.why) == (Reason.SKIPPED_BY_USER, "holiday")


def test_a_clock_change_moves_and_drops(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("moved", schedule="30 2 * * *", timezone="Europe/Berlin"))
    add_job(store, make_definition("dropped", schedule="*/30 2 * * *", timezone="Europe/Berlin"))
    night = datetime(2027, 3, 28, 0, 0, tzinfo=UTC)
    rows = agenda(operations, night, timedelta(hours=6)).rows
    effects = {(row.job, row.entry.effect) for row in rows if row.entry is not None}
    assert ("moved", "moved") in effects
    assert all(row.instant >= night for row in rows)


def test_an_empty_window_names_what_comes_after_it(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition("monthly", schedule="0 7 1 * *", timezone="UTC"))
    first = datetime(2026, 12, 1, 7, tzinfo=UTC)
    add(store, make_occurrence(job, first, S.PLANNED))
    assert agenda(operations).after == (first, "monthly")
    assert agenda(operations, NOW, timedelta(days=8)).after is None


def test_instants_are_computed_once_for_a_window(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = add_job(store, make_definition("often", schedule="*/15 * * * *"))
    before = agenda(operations)
    monkeypatch.setattr(queries_agenda, "islice", None)
    with pytest.raises(TypeError):
        agenda(operations, NOW + 2 * HOUR)
    monkeypatch.undo()
    assert agenda(operations, NOW + timedelta(minutes=20)).rows[0].instant == NOW + timedelta(minutes=30)
    change(store, job, stopped=True)
    assert before.rows
    assert agenda(operations).rows == ()


def test_of_many_jobs_only_those_whose_next_instant_is_in_the_window_are_read(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_agenda, "_MANY", 1)
    later = add_job(store, make_definition("later", schedule="0 7 1 * *", timezone="UTC"))
    soon = add_job(store, make_definition("soon", schedule="0 5 * * *", timezone="UTC"))
    unplanned = add_job(store, make_definition("unplanned", schedule="0 6 * * *", timezone="UTC"))
    first = datetime(2026, 12, 1, 7, tzinfo=UTC)
    add(store, make_occurrence(later, first, S.PLANNED))
    add(store, make_occurrence(soon, (NOW + DAY).replace(hour=5, minute=0), S.PLANNED))
    read: list[str] = []
    schedule = Definitions.schedule

    def noted(self: Definitions, reader: Reader, job: Job) -> Schedule | None:
        read.append(job.name)
        return schedule(self, reader, job)

    monkeypatch.setattr(Definitions, "schedule", noted)
    for _ in range(2):
        assert [row.job for row in agenda(operations).rows] == [soon.name, unplanned.name]
    assert later.name not in read
    assert later.name in {row.job for row in agenda(operations, NOW, first - NOW + HOUR).rows}
    assert later.name in read
    assert [row.job for row in agenda(operations).rows] == [soon.name, unplanned.name]


def test_a_job_with_more_times_than_are_counted_says_so(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries_agenda, "MOST_TIMES", 10)
    add_job(store, make_definition("often", schedule="* * * * *"))
    (row,) = agenda(operations, length=2 * HOUR).rows
    assert row.cut
    assert row.more < 10
    found = agenda(operations, length=2 * HOUR)
    assert (found.times, found.estimated) == (120, True), "it is taken to go on at the same pace"
    assert [part.times for part in found.parts] == [30, 60, 30]


def run(job: str, minute: float, seconds: float, group: str | None = None) -> AgendaRow:
    return AgendaRow(job, NOW + timedelta(minutes=minute), expected_s=seconds, group=group, group_limit=1)


def test_runs_that_are_expected_to_overlap_are_joined() -> None:
    rows = with_overlaps([
        run("a", 0, 30), run("b", 1, 3600, "io"), run("c", 5, 60, "io"), run("d", 30, 60), run("e", 90, 60),
        AgendaRow("f", NOW + timedelta(minutes=90), paused=True), run("g", 91, 1),
    ])  # fmt: skip
    assert [row.bracket for row in rows] == ["", "┐", "│", "┘", "", "", ""]
    assert [row.beside for row in rows] == [0, 3, 3, 3, 0, 0, 0]
    assert [row.wanted for row in rows[:4]] == [0, 2, 2, 0]


def test_the_day_after_tells_of_a_job_of_which_only_the_first_times_of_a_week_are_counted(
    store: Store, operations: LocalOperations
) -> None:
    """Regression: what had been counted for the week, or for the day before, stood for it, and the job was missing."""
    add_job(store, make_definition("often", schedule="* * * * *", timezone="UTC"))
    assert agenda(operations, length=7 * DAY).rows[0].cut
    today, later = agenda(operations), agenda(operations, NOW + 3 * DAY)
    assert [(found.rows[0].more, found.rows[0].cut, found.estimated) for found in (today, later)] == [
        (1439, False, False),
        (1439, False, False),
    ]


def test_a_job_whose_counted_times_have_passed_is_counted_anew(store: Store, operations: LocalOperations) -> None:
    """Regression: of a job that runs each second half an hour was counted, and then it was missing for as long."""
    add_job(store, make_definition("often", schedule={"interval": "PT1S"}))
    found = [agenda(operations, NOW + timedelta(minutes=minutes)) for minutes in (0, 16, 40)]
    assert all(one.rows[0].more > queries_agenda.MOST_TIMES / 3 for one in found)
