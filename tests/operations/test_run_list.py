"""What runs and waits, with its step, and what ended last; how long a run is expected to take."""

from __future__ import annotations

from datetime import timedelta

from jobistemer_tui.domain.records import JobTally
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import JOB_TALLIES
from tests.support.factories import NOW, add, add_job, change, make_definition, make_occurrence, make_task_run

MINUTE = timedelta(minutes=1)


def test_what_is_live_stands_above_what_has_ended(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition(tasks=("dump", "upload")))
    states = (S.COMPLETED, S.PENDING, S.FAILED, S.QUEUED, S.RUNNING, S.MISSED, S.CANCELING, S.PLANNED)
    rows = {state: make_occurrence(job, NOW - MINUTE * number, state) for number, state in enumerate(states)}
    add(store, *rows.values())
    listed = [run.row.status for run in operations.run_list(50)]
    assert listed == [S.RUNNING, S.CANCELING, S.PENDING, S.QUEUED, S.COMPLETED, S.FAILED, S.MISSED]
    assert [run.row.status for run in operations.run_list(2)] == [S.RUNNING, S.CANCELING, S.COMPLETED, S.FAILED]


def test_what_ended_last_stands_first_though_it_began_earlier(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    long = make_occurrence(job, NOW - 9 * MINUTE, S.COMPLETED, finished_at=NOW - MINUTE)
    short = make_occurrence(job, NOW - 5 * MINUTE, S.COMPLETED, finished_at=NOW - 4 * MINUTE)
    skipped = make_occurrence(job, NOW - 3 * MINUTE, S.SKIPPED, reason=Reason.OVERLAP)
    add(store, long, short, skipped)
    assert [run.row.id for run in operations.run_list(50)] == [long.id, skipped.id, short.id]
    assert [run.row.id for run in operations.run_list(1)] == [long.id], "though as many newer ones were due"


def test_the_step_that_runs_or_failed_stands_in_the_row(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition(tasks=("dump", "probe", "upload")))
    running, failed = make_occurrence(job, NOW, S.RUNNING), make_occurrence(job, NOW - MINUTE, S.FAILED)
    add(store, running, failed)
    states = ((running, (T.SUCCESS, T.RUNNING, T.RETRYING)), (failed, (T.SUCCESS, T.FAILED, T.SKIPPED)))
    for run, ended in states:
        for place, (name, state) in enumerate(zip(("dump", "probe", "upload"), ended, strict=True)):
            over = None if state in (T.RUNNING, T.RETRYING) else NOW
            add(store, make_task_run(run, name, position=place, state=state, finished_at=over))
    live, ended_one = operations.run_list(50)
    assert (live.steps, live.done, live.tasks) == (("probe", "upload"), 1, 3)
    assert ended_one.steps == ("probe",)
    assert operations.run_list(50)[1] is ended_one, "what has ended is read once"
    change(store, failed, detail={"note": "x"})
    assert operations.run_list(50)[1].row.reason_detail == {"note": "x"}


def test_the_expected_duration_is_the_median_of_completed_runs(store: Store, operations: LocalOperations) -> None:
    job = add_job(store, make_definition())
    add(store, make_occurrence(job, NOW, S.RUNNING))
    assert operations.run_list(1)[0].expected_s is None
    for number, seconds in enumerate((10, 20, 600, 1), 1):
        at = NOW - MINUTE * number
        state = S.FAILED if seconds == 1 else S.COMPLETED
        add(store, make_occurrence(job, at, state, finished_at=at + timedelta(seconds=seconds)))
    tally = JobTally(job.id, counts={"completed": 3, "failed": 1})
    store.write(lambda tx: tx.insert(JOB_TALLIES, tally))
    assert operations.run_list(1)[0].expected_s == 20
