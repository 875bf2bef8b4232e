"""The list of jobs, a job in detail, and what is due next."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.errors import NotFound
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.read_models import JobRow
from jobistemer_tui.storage.contract import Store
from tests.operations.local_operations import FixedClock, operations_on
from tests.support.factories import NOW, add, add_job, change, make_definition, make_job, make_occurrence

MINUTE = timedelta(minutes=1)


def test_a_job_shows_what_its_file_says(store: Store, operations: LocalOperations) -> None:
    definition = make_definition(
        "backup", description="Dump", tags=("db",), schedule={"cron": "0 5 * * *", "timezone": "Europe/Paris"}
    )
    job = add_job(store, definition, line=12)
    (row,) = operations.jobs()
    assert (row.id, row.name, row.file, row.line) == (job.id, "backup", "/jobs/backup.toml", 12)
    assert (row.description, row.tags, row.timezone) == ("Dump", ("db",), "Europe/Paris")
    assert row.schedule == "0 5 * * *"
    assert "05:00" in row.schedule_words
    assert row.enabled
    assert row.loaded
    assert (row.last, row.recent, row.next, row.running, row.queued) == (None, (), None, 0, 0)


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (None, None),
        ("@daily", "@daily"),
        ({"interval": "P1D"}, "P1D"),
        (["@daily", {"once": "2026-12-01"}], "@daily + 2026-12-01"),
    ],
)
def test_any_schedule_has_one_line(
    store: Store, operations: LocalOperations, schedule: object, text: str | None
) -> None:
    add_job(store, make_definition("backup", schedule=schedule))
    (row,) = operations.jobs()
    assert row.schedule == text
    assert row.schedule_words
    assert "\n" not in row.schedule_words


def test_a_schedule_that_no_longer_means_anything_does_not_hide_the_list(
    store: Store, operations: LocalOperations
) -> None:
    add_job(store, make_definition("backup", schedule="61 * * * *"))
    (row,) = operations.jobs()
    assert "61" in row.schedule_words


def test_jobs_come_by_name_and_those_not_loaded_last(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("b"))
    add_job(store, make_definition("a"), retired_at=NOW)
    add_job(store, make_definition("c"))
    add_job(store, make_definition("d"), error="its zone is gone")
    assert [(row.name, row.loaded) for row in operations.jobs()] == [
        ("b", True), ("c", True), ("a", False), ("d", False),
    ]  # fmt: skip


def test_live_occurrences_are_counted_and_the_planned_one_is_next(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    states = [S.RUNNING, S.CANCELING, S.PENDING, S.QUEUED, S.QUEUED]
    add(store, *(make_occurrence(job, NOW - MINUTE * number, state) for number, state in enumerate(states)))
    add(store, make_occurrence(job, NOW + MINUTE * 2, S.PLANNED), make_occurrence(job, NOW + MINUTE, S.PLANNED))
    (row,) = operations.jobs()
    assert (row.running, row.queued, row.next) == (2, 3, NOW + MINUTE)
    assert operations.job("backup").row == row


def test_the_strip_is_the_newest_twelve_oldest_first(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    newest = make_occurrence(job, NOW - MINUTE, S.SKIPPED, reason=Reason.OVERLAP)
    older = [make_occurrence(job, NOW - MINUTE * number, S.FAILED) for number in range(2, 15)]
    add(store, newest, *older)
    (row,) = operations.jobs()
    assert row.recent == (S.FAILED,) * 11 + (S.SKIPPED,)
    assert row.last is not None
    assert (row.last.id, row.last.status, row.last.reason) == (newest.id, S.SKIPPED, Reason.OVERLAP)
    assert (row.last.started_at, row.last.finished_at) == (None, newest.finished_at)


def test_the_list_follows_every_change(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    other = add_job(store, make_definition("other"))
    assert [row.recent for row in operations.jobs()] == [(), ()]
    running = make_occurrence(job, NOW, S.RUNNING)
    add(store, running)
    assert [row.recent for row in operations.jobs()] == [(S.RUNNING,), ()]
    change(store, running, state=S.COMPLETED, finished_at=NOW)
    assert [row.recent for row in operations.jobs()] == [(S.COMPLETED,), ()]
    add(store, make_occurrence(other, NOW, S.MISSED))
    assert [row.recent for row in operations.jobs()] == [(S.COMPLETED,), (S.MISSED,)]
    operations.pause("backup", reason="disk swap")
    assert [row.pause_reason for row in operations.jobs()] == ["disk swap", None]


def fill_with_jobs(store: Store, count: int) -> None:
    """Of the first half each has 15 failed runs, of all but the first quarter each has one old completed run."""
    jobs = [add_job(store, make_definition(f"job-{number:03}")) for number in range(count)]
    for number, job in enumerate(jobs):
        failed = [make_occurrence(job, NOW - MINUTE * run, S.FAILED) for run in range(15 if number < count // 2 else 0)]
        completed = [make_occurrence(job, NOW - MINUTE * 500)] if number >= count // 4 else []
        add(store, *failed, *completed)


def test_many_jobs_show_the_same_as_one_by_one(store: Store, operations: LocalOperations) -> None:
    fill_with_jobs(store, 240)
    rows = operations.jobs()
    assert rows == [operations.job(row.name).row for row in rows]
    assert [len(row.recent) for row in rows] == [12] * 120 + [1] * 120


def test_strips_of_very_many_jobs_come_with_later_calls(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobistemer_tui.operations.queries_recent._WINDOW", 50)
    monkeypatch.setattr("jobistemer_tui.operations.queries_recent._AT_ONCE", 10)
    fill_with_jobs(store, 40)
    whole = [operations.job(f"job-{number:03}").row for number in range(40)]
    token = operations.change_token()
    rows = operations.jobs()
    assert [row.last for row in rows] == [row.last for row in whole]
    assert rows != whole
    while (newer := operations.change_token()) != token:
        token, rows = newer, operations.jobs()
    assert rows == whole


def test_what_did_not_change_is_not_read_again(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_with_jobs(store, 40)
    before = operations.jobs()
    asked: list[str] = []

    def read_again(job: Job, *_: object) -> JobRow:
        asked.append(job.name)
        return before[3]

    monkeypatch.setattr("jobistemer_tui.operations.queries_jobs._row", read_again)
    assert operations.jobs() == before
    assert asked == []
    add(store, make_occurrence(make_job(make_definition("job-003")), NOW + MINUTE))
    operations.jobs()
    assert asked == ["job-003"]


def test_a_change_without_an_event_is_seen_in_time(store: Store, tmp_path: Path) -> None:
    clock = FixedClock()
    operations = operations_on(store, tmp_path, clock)
    job = add_job(store, make_definition())
    assert operations.jobs()[0].error is None
    change(store, job, error="its zone is gone")
    clock.wall = NOW + MINUTE * 2
    assert operations.jobs()[0].error == "its zone is gone"


def test_new_jobs_and_lost_ones_are_seen(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("a"))
    operations.jobs()
    add_job(store, make_definition("b"))
    assert [row.name for row in operations.jobs()] == ["a", "b"]


def test_a_burst_of_events_loses_no_change(
    store: Store, operations: LocalOperations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobistemer_tui.operations.queries_changes._MOST_EVENTS", 3)
    job = add_job(store, make_definition())
    operations.jobs()
    for number in range(10):
        add(store, make_occurrence(job, NOW - MINUTE * number, S.MISSED))
    assert len(operations.jobs()[0].recent) == 10


def test_a_pause_lasts_until_its_end(store: Store, tmp_path: Path) -> None:
    clock = FixedClock()
    operations = operations_on(store, tmp_path, clock)
    add_job(store, make_definition(), paused_at=NOW, paused_until=NOW + MINUTE, pause_reason="holiday")
    (row,) = operations.jobs()
    assert (row.paused, row.paused_until, row.pause_reason) == (True, NOW + MINUTE, "holiday")
    clock.wall = NOW + MINUTE
    (row,) = operations.jobs()
    assert (row.paused, row.paused_until, row.pause_reason) == (False, None, None)


@pytest.mark.parametrize(("written", "stopped"), [(False, False), (True, True)])
def test_a_job_is_disabled_by_its_file_or_by_hand(
    store: Store, operations: LocalOperations, written: bool, stopped: bool
) -> None:
    add_job(store, make_definition(enabled=written), stopped=stopped)
    assert not operations.jobs()[0].enabled
    assert operations.job("backup").next_instants == ()


def test_a_job_in_detail(store: Store, operations: LocalOperations) -> None:
    definition = make_definition(tasks=("dump", "upload"), settings={"overlap_policy": "queue"})
    add_job(store, definition)
    detail = operations.job("backup", instants=3)
    five = NOW.replace(hour=5, minute=0)
    assert detail.next_instants == tuple(five + timedelta(days=days) for days in (1, 2, 3))
    assert [(task.name, task.needs, task.what) for task in detail.tasks] == [
        ("dump", (), "true"), ("upload", ("dump",), "true"),
    ]  # fmt: skip
    assert (detail.settings["overlap_policy"].value, detail.settings["overlap_policy"].origin) == ("queue", "job")
    assert detail.settings["max_active"].origin == "default"
    assert detail.version == 1


def test_an_interval_counts_from_the_first_publication(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition(schedule="P1D"), first_published_at=NOW - timedelta(hours=30))
    assert operations.job("backup", instants=1).next_instants == (job.first_published_at + timedelta(days=2),)


def test_an_unknown_job_is_not_found_with_the_nearest_name(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("nightly-backup"))
    with pytest.raises(NotFound) as caught:
        operations.job("nigthly-backup")
    assert "nightly-backup" in caught.value.hint


def test_a_store_without_jobs_says_who_reads_job_files(operations: LocalOperations) -> None:
    with pytest.raises(NotFound) as caught:
        operations.job("backup")
    assert "jobistemer run" in caught.value.hint


def test_what_is_due_next_of_all_jobs(store: Store, operations: LocalOperations) -> None:
    for name, schedule in (("five", "0 5 * * *"), ("hourly", "0 * * * *"), ("paused", "* * * * *"), ("never", None)):
        paused: dict[str, Any] = {"paused_at": NOW} if name == "paused" else {}
        job = add_job(store, make_definition(name, schedule=schedule), **paused)
        if schedule:
            add(store, make_occurrence(job, NOW + MINUTE * (1 if name == "paused" else 30), S.PLANNED))
    found = operations.upcoming(NOW, 20)
    hours = [NOW.replace(hour=15, minute=0) + timedelta(hours=number) for number in range(19)]
    assert [at for at, name in found if name == "hourly"] == hours
    assert [at for at, name in found if name == "five"] == [NOW.replace(hour=5, minute=0) + timedelta(days=1)]
    assert operations.upcoming(NOW, 3) == [(hour, "hourly") for hour in hours[:3]]
    assert operations.coming("five", NOW - timedelta(days=1), 1).next_instants == (NOW.replace(hour=5, minute=0),)


def test_a_job_that_never_runs_or_cannot_say_when_does_not_hold_up_the_others(
    store: Store, operations: LocalOperations
) -> None:
    """Regression: the endless times of a job that its exclusions leave out were gone through without end."""
    covered = {"cron": "* * * * *", "exclude": ["* * * * *"]}
    for name, schedule in (("covered", covered), ("broken", {"no-such-kind": 1}), ("hourly", "0 * * * *")):
        job = add_job(store, make_definition(name, schedule=schedule))
        add(store, make_occurrence(job, NOW + MINUTE, S.PLANNED))
    assert [name for _, name in operations.upcoming(NOW, 3)] == ["hourly"] * 3
