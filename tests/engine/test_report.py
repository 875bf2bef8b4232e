"""The execution report and what is said of it, from rows alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.records import JobTally
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState
from jobistemer_tui.engine.messages import MAX_LINE, MAX_TASKS, document
from jobistemer_tui.engine.report import execution_report
from tests.support.factories import NOW, make_attempt, make_definition, make_job, make_occurrence, make_task_run

DEFINITION = make_definition(tasks=("dump", "pack", "copy"))
ROW = make_occurrence(make_job(DEFINITION), NOW, OccurrenceState.FAILED, reason=Reason.TASK_FAILED)
DUMP = make_task_run(ROW, "dump", started_at=NOW, finished_at=NOW + timedelta(seconds=5))
PACK = make_task_run(ROW, "pack", position=1, state=TaskRunState.FAILED, reason=Reason.TASK_FAILED)
COPY = make_task_run(ROW, "copy", position=2, state=TaskRunState.CANCELED, reason=Reason.SIBLING_FAILED)
RUNS = [DUMP, PACK, COPY]
TRIES = [
    make_attempt(
        PACK, 2, AttemptState.FAILED, exit_code=4, detail={"user_s": 1.0, "system_s": 0.5, "max_rss_bytes": 9}
    ),
    make_attempt(PACK, 1, AttemptState.FAILED, exit_code=None, signal=9),
    make_attempt(DUMP, started_at=NOW, finished_at=NOW + timedelta(seconds=2.5)),
]


def report(**values: Any) -> dict[str, Any]:
    return execution_report(DEFINITION, replace(ROW, **values), RUNS, TRIES)


def test_it_tells_of_the_whole_run() -> None:
    got = report()
    assert json.loads(json.dumps(got)) == got
    assert (got["job"], got["status"], got["reason"], got["failure_strategy"]) == (
        "backup", "failed", "task_failed", "fail-fast",
    )  # fmt: skip
    assert (got["scheduled_at"], got["duration_s"], got["late_s"]) == ("2026-11-24T14:30:00Z", 90.0, 0.0)
    assert got["failed_tasks"] == ["pack"]


def test_it_tells_of_each_task_and_of_what_ended_it() -> None:
    dump, pack, copy = report()["tasks"]
    assert (dump["status"], dump["duration_s"], dump["retries"]) == ("success", 5.0, 0)
    assert (pack["needs"], pack["retries"], pack["because_of"]) == (["dump"], 1, [])
    assert (copy["status"], copy["reason"], copy["because_of"]) == ("canceled", "sibling_failed", ["pack"])
    assert copy["attempts"] == []


def test_a_task_that_is_skipped_names_what_it_needed() -> None:
    skipped = replace(COPY, state=TaskRunState.SKIPPED, reason=Reason.NEED_NOT_MET)
    got = execution_report(DEFINITION, ROW, [DUMP, PACK, skipped], [])
    assert got["tasks"][2]["because_of"] == ["pack"]


def test_it_tells_of_each_try_in_order() -> None:
    first, second = report()["tasks"][1]["attempts"]
    assert (first["number"], first["signal"], first["error"]) == (1, 9, "ended by signal 9")
    assert (second["exit_code"], second["error"], second["cpu_s"], second["max_rss_bytes"]) == (
        4,
        "exit code 4",
        1.5,
        9,
    )
    (only,) = report()["tasks"][0]["attempts"]
    assert (only["error"], only["duration_s"], only["cpu_s"]) == (None, 2.5, None)


TALLY = JobTally(ROW.job_id, failures=3)


@pytest.mark.parametrize(
    ("event", "more", "title"),
    [
        ("failure", {}, "backup failed (3 times in a row)"),
        ("on_failure", {}, "backup failed"),
        ("failure", {"status": "completed_with_errors"}, "backup completed with errors (3 times in a row)"),
        ("recovery", {}, "backup works again"),
        ("success", {"status": "completed"}, "backup completed"),
        ("start", {}, "backup started"),
        ("missed", {}, "backup missed a run"),
        ("missed", {"missed": 7}, "backup missed 7 runs"),
        ("skipped", {}, "backup skipped a run"),
        ("slow", {"slow_after_s": 90.0}, "backup takes longer than usual"),
        ("no_success", {"silent_s": 93600.0}, "backup has had no success for 1d2h"),
    ],
)
def test_the_title(event: str, more: dict[str, Any], title: str) -> None:
    got = document(event, {**report(), **more}, TALLY)
    assert (got["title"], got["event"], got["failures"]) == (title, event, 3)
    assert got["text"].startswith(title + "\n")


def test_the_text_names_what_failed_and_where_to_look() -> None:
    lines = document("failure", report(), TALLY)["text"].splitlines()
    assert "task pack: failed, exit code 4" in lines
    assert "task copy: canceled, because of pack" in lines
    assert not any(line.startswith("task dump") for line in lines)
    assert lines[-1] == f"jobistemer logs {ROW.id}"


def test_nothing_in_it_is_obeyed_by_a_terminal_or_a_mail_header() -> None:
    hostile = "\x1b]0;x\x07\r\nBcc: all@example.org \u202e" + "x" * 1000
    tries = [make_attempt(PACK, 1, AttemptState.FAILED, exit_code=1, detail={"error": hostile})]
    got = document("failure", execution_report(DEFINITION, ROW, RUNS, tries), TALLY)
    assert "\n" not in got["title"]
    assert all(line.isprintable() and len(line) <= MAX_LINE for line in got["text"].splitlines())
    assert not any(line.startswith("Bcc") for line in got["text"].splitlines())


def test_of_very_many_tasks_some_are_named() -> None:
    names = [f"t{number}" for number in range(MAX_TASKS + 5)]
    definition = make_definition(tasks=names)
    runs = [make_task_run(ROW, name, position=n, state=TaskRunState.FAILED) for n, name in enumerate(names)]
    lines = document("failure", execution_report(definition, ROW, runs, []), TALLY)["text"].splitlines()
    assert len([line for line in lines if line.startswith("task ")]) == MAX_TASKS
    assert "and 5 more tasks" in lines
