"""The commands that show: their JSON to the letter, their text in its parts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.records import Attempt, FileState, Job, JobFile, JobState, Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home
from tests.support.factories import (
    NOW,
    add,
    add_job,
    change,
    make_attempt,
    make_definition,
    make_node,
    make_occurrence,
    make_task_run,
    make_version,
)

ESCAPE = "\x1b]0;owned\x07"
OUTPUTS = {"rows": f"12{ESCAPE}\nlast", "list": [1, None]}
STATE = {"since": "2026", "long": "x" * 300}


class Filled:
    """A job with a failed run of one task and two tries."""

    job: Job
    run: Occurrence
    attempt: Attempt


@pytest.fixture
def filled(home: Home) -> Filled:
    rows = Filled()

    def work(store: Store) -> None:
        rows.job = add_job(store, make_definition("backup", description=f"Dump{ESCAPE}", timezone="Europe/Paris"))
        node = make_node()
        rows.run = make_occurrence(
            rows.job, NOW, S.FAILED, reason=Reason.TASK_FAILED, detail={"task": "dump"}, owner=node.id
        )
        task = make_task_run(rows.run, "dump", state=TaskRunState.FAILED, outputs=OUTPUTS)
        rows.attempt = make_attempt(
            task, 2, AttemptState.FAILED, exit_code=3, started_at=NOW, finished_at=NOW + timedelta(seconds=1.5)
        )
        lost = make_attempt(task, 1, AttemptState.LOST, exit_code=None, signal=9)
        add(store, node, rows.run, task, lost, rows.attempt, JobState(rows.job.id, STATE, 1, NOW))
        add(store, make_occurrence(rows.job, NOW + timedelta(days=1), S.PLANNED))

    home.fill(work)
    return rows


def job_shape(rows: Filled) -> dict[str, Any]:
    return {
        "id": str(rows.job.id), "name": "backup", "file": "/jobs/backup.toml", "line": 7,
        "description": f"Dump{ESCAPE}", "schedule": "0 5 * * *", "timezone": "Europe/Paris", "enabled": True,
        "paused": False, "next": "2026-11-25T14:30:00Z", "running": 0,
        "last": {"id": str(rows.run.id), "status": "failed", "finished_at": "2026-11-24T14:31:30Z"}, "error": None,
    }  # fmt: skip


def run_shape(rows: Filled) -> dict[str, Any]:
    last = {
        "id": str(rows.attempt.id), "number": 2, "status": "failed", "reason": None, "not_before": None,
        "exit_code": 3, "signal": None, "started_at": "2026-11-24T14:30:00Z",
        "finished_at": "2026-11-24T14:30:01.500000Z", "error": None,
    }  # fmt: skip
    first = {
        "number": 1, "status": "lost", "reason": None, "not_before": None, "exit_code": None, "signal": 9,
        "started_at": None, "finished_at": None, "error": None,
    }  # fmt: skip
    return {
        "id": str(rows.run.id), "job": "backup", "scheduled_at": "2026-11-24T14:30:00Z", "trigger": "schedule",
        "is_recovery_run": False,
        "status": "failed", "reason": "task_failed", "reason_detail": {"task": "dump"},
        "started_at": "2026-11-24T14:30:00Z", "finished_at": "2026-11-24T14:31:30Z", "node": "alder",
        "node_id": "00000000-0000-0000-0000-000000000001", "version": 1,
        "replay_of": None, "params": {}, "follows": [], "pinned": False,
        "tasks": [
            {
                "name": "dump", "status": "failed", "reason": None, "reason_detail": {}, "outputs": OUTPUTS,
                "attempts": [first, last],
            }
        ],
    }  # fmt: skip


def without_first_id(run: dict[str, Any]) -> dict[str, Any]:
    del run["tasks"][0]["attempts"][0]["id"]
    return run


NO_SCHEDULER = "no scheduler is up, so nothing is started: start jobistemer or jobistemer run\n"


def test_jobs_as_json(home: Home, filled: Filled) -> None:
    assert home.run("jobs", "--json").json == [job_shape(filled)]
    assert home.run("--json", "jobs").json == [job_shape(filled)]


def test_jobs_as_a_table(home: Home, filled: Filled) -> None:
    done = home.run("jobs")
    titles, line = done.out.splitlines()
    assert titles.split() == ["NAME", "STATE", "SCHEDULE", "NEXT", "LAST", "ENDED"]
    assert line.startswith("backup  idle   at 05:00")
    assert "2026-11-25 14:30:00 UTC" in line
    assert line.index("failed") == titles.index("LAST")
    assert (done.code, done.err) == (0, NO_SCHEDULER)


def test_refused_files_are_told_beside_the_jobs(home: Home, filled: Filled) -> None:
    error = {"file": "x", "line": 3, "column": 5, "message": f"no{ESCAPE}", "hint": "mend it", "severity": "error"}
    file = JobFile(filled.job.source_path, "/", FileState.REFUSED, "", NOW, ["backup"], [error])
    folder = replace(file, path="/other", errors=[{**error, "line": 0, "code": "missing"}], jobs=[])
    home.fill(lambda store: add(store, file, folder))
    told = [f"{file.path}:3:5: refused: no (mend it); what was published of it runs on",
            "/other: refused: no (mend it); nothing of it runs"]  # fmt: skip
    assert sorted(home.run("jobs").err.splitlines()) == sorted([*told, NO_SCHEDULER.rstrip()])
    assert home.run("show", "backup").err.splitlines() == told[:1]
    assert home.run("jobs", "--json").err == ""


def test_an_empty_home_has_empty_lists(home: Home) -> None:
    for command in ("jobs", "runs"):
        done = home.run(command)
        assert (done.code, done.out) == (0, "")
        assert done.err
        assert home.run(command, "--json").json == []
    assert home.run("next", "--json").json == []


def test_runs_as_json(home: Home, filled: Filled) -> None:
    (run,) = home.run("runs", "--json").json
    assert without_first_id(run) == run_shape(filled)


def test_runs_are_filtered(home: Home, filled: Filled) -> None:
    home.fill(lambda store: add(store, make_occurrence(filled.job, NOW + timedelta(hours=1))))
    statuses = [run["status"] for run in home.run("runs", "--json").json]
    assert statuses == ["completed", "failed"]
    for words, found in [
        (["--limit", "1"], ["completed"]),
        (["--limit", "1", "--all"], ["completed", "failed"]),
        (["--status", "failed"], ["failed"]),
        (["--status", "failed", "--status", "completed"], ["completed", "failed"]),
        (["--status", "missed"], []),
        (["--job", "backup"], ["completed", "failed"]),
    ]:
        assert [run["status"] for run in home.run("runs", "--json", *words).json] == found


def test_runs_as_a_table(home: Home, filled: Filled) -> None:
    titles, line = home.run("runs").out.splitlines()
    assert titles.split() == ["RUN", "JOB", "STATUS", "REASON", "SCHEDULED", "TRIGGER", "TOOK"]
    assert line.split() == [
        str(filled.run.id)[:8], "backup", "failed", "task_failed", "2026-11-24", "14:30:00", "UTC", "schedule", "1m30s",
    ]  # fmt: skip


def test_show_has_outputs_and_state_in_a_line_each(home: Home, filled: Filled) -> None:
    lines = home.run("show", str(filled.run.id)).out.splitlines()
    assert [line.split() for line in lines[-3:]] == [
        ["TASK", "OUTPUT", "VALUE"], ["dump", "rows", "12\\nlast"], ["dump", "list", "[1,", "null]"],
    ]  # fmt: skip
    lines = home.run("show", "backup").out.splitlines()
    assert [line.split() for line in lines[-3:]] == [["STATE", "VALUE"], ["since", "2026"], ["long", "x" * 199 + "…"]]


def test_show_says_of_what_kind_it_is(home: Home, filled: Filled) -> None:
    assert home.run("show", "backup", "--json").json == {"kind": "job", **job_shape(filled), "state": STATE}
    for text in (str(filled.run.id), str(filled.run.id)[:8], "backup@2026-11-24T14:30:00Z"):
        shown = home.run("show", text, "--json").json
        assert without_first_id(shown) == {"kind": "occurrence", **run_shape(filled), "notifications": []}
    shown = home.run("show", str(filled.attempt.id), "--json").json
    assert shown == {
        "kind": "attempt", "job": "backup", "task": "dump", "occurrence": str(filled.run.id),
        "id": str(filled.attempt.id), "number": 2, "status": "failed", "reason": None, "not_before": None,
        "exit_code": 3, "signal": None, "started_at": "2026-11-24T14:30:00Z",
        "finished_at": "2026-11-24T14:30:01.500000Z", "error": None,
    }  # fmt: skip


def test_show_has_the_tasks_in_their_order_each_with_what_it_waits_for(home: Home, filled: Filled) -> None:
    """Regression: a task that a replay had taken over stood last, as a success without a reason or a try."""
    replay = make_occurrence(filled.job, NOW.replace(day=20), S.RUNNING, replay_of=filled.run.id)
    carried = make_task_run(replay, "dump", reason=Reason.CARRIED_OVER)
    upload = make_task_run(replay, "upload", position=1, state=TaskRunState.RETRYING, reason=Reason.RETRY)
    first = make_attempt(upload, 1, AttemptState.FAILED, exit_code=3, started_at=NOW, finished_at=NOW)
    second = make_attempt(
        upload, 2, AttemptState.PLANNED, exit_code=None, reason=Reason.RETRY, not_before=NOW + timedelta(hours=1)
    )
    home.fill(lambda store: add(store, replay, carried, upload, first, second))
    lines = home.run("show", str(replay.id)).out.partition("TASK ")[2].splitlines()[1:]
    assert [line.split()[:4] for line in lines] == [
        ["dump", "success", "(carried_over)", "-"], ["upload", "retrying", "(retry)", "1"],
        ["upload", "retrying", "(retry)", "2"],
    ]  # fmt: skip
    assert "planned (retry)  -     due 2026-11-24 15:30:00 UTC" in lines[2]


def test_show_as_text(home: Home, filled: Filled) -> None:
    job = home.run("show", "backup").out
    assert "file:         /jobs/backup.toml:7" in job
    assert "0 5 * * * (" in job
    run = home.run("show", str(filled.run.id)).out
    assert "reason:       task_failed" in run
    assert "node:         alder" in run
    assert "signal 9" in run
    attempt = home.run("show", str(filled.attempt.id)).out
    assert "exit:         3" in attempt
    assert "took:         1.5s" in attempt


def test_no_text_reaches_a_terminal_unclean(home: Home, filled: Filled) -> None:
    for words in (["show", "backup"], ["jobs"], ["jobs", "--json"], ["show", "backup", "--json"]):
        assert "\x1b" not in home.run(*words).out
        assert "\x07" not in home.run(*words).out


def test_next_of_a_job_is_an_array_of_instants(home: Home, filled: Filled) -> None:
    words = ["next", "backup", "--after", "2026-11-24T14:30:00Z", "-n", "2"]
    assert home.run(*words, "--json").json == ["2026-11-25T04:00:00Z", "2026-11-26T04:00:00Z"]
    assert home.run(*words).out.splitlines() == [
        "2026-11-25 05:00:00 CET  2026-11-25 04:00:00 UTC",
        "2026-11-26 05:00:00 CET  2026-11-26 04:00:00 UTC",
    ]


def test_next_of_all_jobs_names_them(home: Home, filled: Filled) -> None:
    words = ["next", "--after", "2026-11-25T14:30:00Z", "-n", "1"]
    assert home.run(*words, "--json").json == [{"job": "backup", "at": "2026-11-26T04:00:00Z"}]
    assert "backup" in home.run(*words).out


@pytest.mark.parametrize(
    ("words", "instants"),
    [
        (["--cron", "0 5 * * *", "--timezone", "Europe/Paris"], ["2026-12-01T04:00:00Z", "2026-12-02T04:00:00Z"]),
        (["--cron", "0 5 * * *"], ["2026-12-01T05:00:00Z", "2026-12-02T05:00:00Z"]),
        (["--iso8601", "R2/2026-12-05T09:00/P3W"], ["2026-12-05T09:00:00Z", "2026-12-26T09:00:00Z"]),
        (["--iso8601", "P1D"], ["2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"]),
        (["--once", "2026-12-24T18:00"], ["2026-12-24T18:00:00Z"]),
        (["--once", "2020-12-24T18:00"], []),
    ],
)
def test_next_of_an_expression(home: Home, words: list[str], instants: list[str]) -> None:
    done = home.run("next", *words, "--after", "2026-12-01T00:00:00Z", "-n", "2", "--json")
    assert done.json == instants
    assert done.err
    assert not home.folder.exists()


def test_after_is_on_the_clock_of_the_zone(home: Home) -> None:
    words = ["next", "--cron", "30 * * * *", "--timezone", "Asia/Tokyo", "--after", "2026-12-01T00:00", "-n", "1"]
    assert home.run(*words, "--json").json == ["2026-11-30T15:30:00Z"]
    assert home.run(*words).out == "2026-12-01 00:30:00 JST  2026-11-30 15:30:00 UTC\n"


def test_the_versions_of_a_job_with_what_changed(home: Home) -> None:
    def publish_two(store: Store) -> None:
        first, second = make_definition("versioned"), make_definition("versioned", tasks=("dump", "upload"))
        job = add_job(store, first)
        add(store, replace(make_version(second, job), number=2))
        change(store, job, version=2)

    home.fill(publish_two)
    done = home.run("show", "versioned", "--versions")
    newest, difference, oldest = done.out.splitlines()
    assert newest.startswith("version 2, in force: ")
    assert difference == "  task upload added: true"
    assert oldest.startswith("version 1: ")
    two, one = home.run("show", "versioned", "--versions", "--json").json
    assert (two["version"], two["current"], one["version"], one["current"], one["changes"]) == (2, True, 1, False, [])
    assert two["changes"] == [{"kind": "added", "what": "task upload", "before": None, "after": "true"}]


def test_versions_are_those_of_a_job(home: Home) -> None:
    def add_run(store: Store) -> str:
        run = make_occurrence(add_job(store, make_definition("lonely")), NOW)
        add(store, run)
        return str(run.id)

    assert home.run("show", home.fill(add_run), "--versions").code == 64


def test_settings_of_a_job(home: Home, filled: Filled) -> None:
    lines = home.run("show", "backup", "--settings").out.splitlines()
    assert lines[0] == "definition:"
    assert any(line.split()[:3] == ["max_active", "1", "engine"] for line in lines)
    found = home.run("show", "backup", "--settings", "--json").json
    (grace,) = [one for one in found["settings"] if (one["task"], one["name"]) == (None, "kill_grace")]
    assert grace == {"task": None, "name": "kill_grace", "value": "10s", "origin": "default",
                     "levels": [{"origin": "default", "value": "10s"}]}  # fmt: skip
    assert home.run("show", str(filled.run.id), "--settings").code == 64


def test_statistics_of_a_job(home: Home, filled: Filled) -> None:
    lines = home.run("show", "backup", "--stats").out.splitlines()
    assert "success:      0.0% (0 good, 1 bad)" in lines
    assert "took:         median 1m30s, p95 1m30s, most 1m30s, least 1m30s" in lines
    found = home.run("show", "backup", "--stats", "--json").json
    assert (found["total"], found["success_rate"], found["streak"], found["retries"]) == (1, 0.0, -1, 1)
    assert [run["status"] for run in found["runs"]] == ["failed"]
    assert found["seconds"]["p95"] == 90.0
