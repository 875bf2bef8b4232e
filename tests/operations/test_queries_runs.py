"""Runs in lists and in detail, and what words and ids mean."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.errors import NotFound, Refused, UsageError
from jobistemer_tui.operations import queries_runs
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from tests.support.factories import (
    NOW,
    add,
    add_job,
    make_attempt,
    make_definition,
    make_node,
    make_occurrence,
    make_task_run,
)

MINUTE = timedelta(minutes=1)


@pytest.fixture
def job(store: Store) -> Job:
    return add_job(store, make_definition(tasks=("dump", "upload")))


def test_runs_come_newest_first_and_planned_ones_do_not(store: Store, operations: LocalOperations, job: Job) -> None:
    other = add_job(store, make_definition("other"))
    add(
        store,
        *(make_occurrence(job, NOW - MINUTE * number) for number in (3, 1)),
        make_occurrence(other, NOW - MINUTE * 2),
    )
    add(store, make_occurrence(job, NOW + MINUTE, S.PLANNED))
    assert [(row.job, row.scheduled_at) for row in operations.runs()] == [
        ("backup", NOW - MINUTE), ("other", NOW - MINUTE * 2), ("backup", NOW - MINUTE * 3),
    ]  # fmt: skip
    assert [row.scheduled_at for row in operations.runs(job="backup")] == [NOW - MINUTE, NOW - MINUTE * 3]
    assert len(operations.runs(limit=2)) == 2
    assert operations.runs(limit=0) == []


def test_an_unknown_job_has_no_runs_but_an_error(operations: LocalOperations) -> None:
    with pytest.raises(NotFound):
        operations.runs(job="nobody")


@pytest.mark.parametrize("page", [1, 2, 3, 7])
def test_pages_lose_and_double_nothing(
    store: Store, operations: LocalOperations, job: Job, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(queries_runs, "_PAGE", page)
    made = []
    for number in range(20):
        state = S.FAILED if number % 3 == 0 else S.COMPLETED
        handled = NOW + MINUTE * (number // 5)  # five of each share their instant
        made.append(make_occurrence(job, NOW + timedelta(seconds=number), state, handled_at=handled))
    add(store, *made)
    everything = operations.runs(limit=None)
    assert sorted(row.id for row in everything) == sorted(one.id for one in made)
    failed = operations.runs(statuses=[S.FAILED], limit=None)
    assert [row.id for row in failed] == [row.id for row in everything if row.status is S.FAILED]
    assert operations.runs(job="backup", statuses=[S.FAILED], limit=4) == failed[:4]


def test_an_occurrence_in_detail(store: Store, operations: LocalOperations, job: Job) -> None:
    node = make_node(name="gpu")
    deadline = NOW + timedelta(days=1)
    occurrence = make_occurrence(
        job, NOW, S.FAILED, reason=Reason.TASK_FAILED, detail={"task": "dump"}, owner=node.id, deadline_at=deadline
    )
    dump = make_task_run(occurrence, "dump", state=TaskRunState.FAILED, reason=Reason.TASK_FAILED)
    upload = make_task_run(occurrence, "upload", position=1, state=TaskRunState.SKIPPED)
    second = make_attempt(dump, 2, AttemptState.FAILED, exit_code=3, detail={"pid": 9})
    first = make_attempt(dump, 1, AttemptState.TIMEOUT, exit_code=None, signal=15)
    add(store, node, occurrence, upload, dump, second, first)
    detail = operations.occurrence(occurrence.id)
    assert detail.row == operations.runs()[0]
    assert (detail.row.node, detail.row.node_id, detail.row.reason_detail) == ("gpu", node.id, {"task": "dump"})
    assert detail.deadline_at == deadline
    assert [(task.name, task.status, task.needs) for task in detail.tasks] == [
        ("dump", TaskRunState.FAILED, ()), ("upload", TaskRunState.SKIPPED, ("dump",)),
    ]  # fmt: skip
    tries = [(one.number, one.status, one.exit_code, one.signal) for one in detail.tasks[0].attempts]
    assert tries == [(1, AttemptState.TIMEOUT, None, 15), (2, AttemptState.FAILED, 3, None)]
    assert detail.tasks[0].attempts[1].detail == {"pid": 9}
    assert operations.details(operations.runs()) == [detail]


def test_an_unknown_occurrence_is_not_found(operations: LocalOperations) -> None:
    with pytest.raises(NotFound):
        operations.occurrence(UUID(int=1))
    with pytest.raises(NotFound):
        operations.log(UUID(int=1))


def test_the_log_of_an_attempt_has_a_place(store: Store, operations: LocalOperations, job: Job, tmp_path: Path) -> None:
    occurrence = make_occurrence(job, NOW)
    run = make_task_run(occurrence, "dump")
    attempt = make_attempt(run)
    add(store, occurrence, run, attempt)
    place = operations.log(attempt.id)
    assert place.folder == tmp_path / "attempts" / str(attempt.id)
    assert (place.job, place.task, place.attempt.number) == ("backup", "dump", 1)
    assert place.occurrence == operations.runs()[0]


def test_words_mean_jobs_runs_and_attempts(store: Store, operations: LocalOperations, job: Job) -> None:
    occurrence = make_occurrence(job, NOW)
    run = make_task_run(occurrence, "dump")
    attempt = make_attempt(run)
    add(store, occurrence, run, attempt)
    assert (operations.resolve("backup").kind, operations.resolve("backup").id) == ("job", job.id)
    for kind, identity in (("occurrence", occurrence.id), ("task_run", run.id), ("attempt", attempt.id)):
        for text in (str(identity), identity.hex, str(identity)[:8], str(identity)[:13].upper()):
            found = operations.resolve(text)
            assert (found.kind, found.id, found.extra["occurrence_id"]) == (kind, identity, occurrence.id)
    assert operations.resolve(str(job.id)).name == "backup"
    assert operations.resolve(str(job.id)[:9]).kind == "job"


def test_a_job_at_an_instant_is_a_run(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition(timezone="Europe/Paris"))
    occurrence = make_occurrence(job, NOW)
    add(store, occurrence)
    for text in (instant_text(NOW), "2026-11-24T15:30:00+01:00", "2026-11-24T15:30", "2026-11-24 15:30"):
        assert operations.resolve(f"backup@{text}").id == occurrence.id


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nobody", NotFound), ("nobody@2026-11-24T14:30:00Z", NotFound), ("backup@2026-11-25T14:30:00Z", NotFound),
        ("backup@noon", UsageError), ("backup@0001-01-01T00:00:00+14:00", UsageError),
        ("00000000", NotFound), ("0000000", NotFound), ("", NotFound), ("@", NotFound),
        ("00000000-0000-0000-0000-000000000000", NotFound),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(
    operations: LocalOperations, job: Job, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        operations.resolve(text)


def test_a_prefix_of_several_is_refused(store: Store, operations: LocalOperations, job: Job) -> None:
    alike = [UUID(int=(0xABCDEF01 << 96) + number) for number in (1, 2)]
    add(store, *(make_occurrence(job, NOW + MINUTE * number, id=one) for number, one in enumerate(alike)))
    with pytest.raises(Refused, match="several"):
        operations.resolve("abcdef01")
    assert operations.resolve(str(alike[1])).id == alike[1]


def test_two_runs_at_one_instant_are_refused(store: Store, operations: LocalOperations, job: Job) -> None:
    add(store, make_occurrence(job, NOW), make_occurrence(job, NOW, id=UUID(int=5)))
    with pytest.raises(Refused, match="several"):
        operations.resolve(f"backup@{instant_text(NOW)}")


def test_a_name_wins_over_anothers_pinned_key(store: Store, operations: LocalOperations) -> None:
    add_job(store, make_definition("new", key="old"))
    named = add_job(store, make_definition("old", key="other"))
    assert operations.resolve("old").id == named.id
    assert operations.resolve("other").id == named.id
