"""Two tries side by side: which are chosen, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.errors import NotFound, Refused
from jobistemer_tui.operations.compare import logs
from jobistemer_tui.operations.compare.line_diff import Kind
from jobistemer_tui.operations.compare.shapes import comparison_json
from jobistemer_tui.operations.compare.words import difference_lines, log_words, variable_words
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from tests.operations.local_operations import operations_on
from tests.support.factories import (
    NOW,
    add,
    add_job,
    make_attempt,
    make_definition,
    make_occurrence,
    make_task_run,
    make_version,
)
from tests.support.log_folder import LogFolderWriter

HOUR = timedelta(hours=1)


def add_run(
    store: Store, job: Job, at: int, state: S, *, tries: Sequence[str] = ("dump",), **values: Any
) -> Occurrence:
    """A run `at` hours after NOW that ended in `state`; the last task of `tries` is the one that did not succeed."""
    run = make_occurrence(job, NOW + HOUR * at, state, **values)
    add(store, run)
    for position, name in enumerate(tries):
        good = state is S.COMPLETED or name != tries[-1]
        task = make_task_run(run, name, position=position, state=TaskRunState.SUCCESS if good else TaskRunState.FAILED)
        end = AttemptState.SUCCESS if good else AttemptState.FAILED
        add(store, task, make_attempt(task, 1, end, exit_code=0 if good else 23, finished_at=run.finished_at))
    return run


@pytest.fixture
def job(store: Store) -> Job:
    return add_job(store, make_definition(tasks=("dump", "upload")))


def attempt_ids(operations: LocalOperations, *words: str) -> tuple[str, str]:
    found = operations.compare(*words)
    return f"{found.before.occurrence.id}", f"{found.after.occurrence.id}"


def test_a_job_is_its_last_good_run_and_the_first_bad_one_after_it(
    store: Store, operations: LocalOperations, job: Job
) -> None:
    states = [S.COMPLETED, S.FAILED, S.COMPLETED, S.SKIPPED, S.FAILED, S.CANCELED, S.FAILED, S.COMPLETED]
    runs = [add_run(store, job, hour, state, tries=() if state is S.SKIPPED else ("dump",))
            for hour, state in enumerate(states)]  # fmt: skip
    assert attempt_ids(operations, "backup") == (str(runs[2].id), str(runs[4].id))
    assert attempt_ids(operations, str(runs[6].id)) == (str(runs[2].id), str(runs[6].id))
    assert attempt_ids(operations, str(runs[7].id), "backup") == (str(runs[7].id), str(runs[7].id))
    assert operations.compare(str(runs[7].id), "backup").notes[0] == "both are the same try"


def test_the_task_that_failed_is_compared(store: Store, operations: LocalOperations, job: Job) -> None:
    good = add_run(store, job, 0, S.COMPLETED, tries=("dump", "upload"))
    bad = add_run(store, job, 1, S.FAILED, tries=("dump", "upload"), reason=Reason.TASK_FAILED)
    found = operations.compare("backup")
    assert (found.before.task, found.after.task, found.why) == (
        "upload", "upload", "the last good run, and the first bad one after it",
    )  # fmt: skip
    differing = {fact.name: (fact.before, fact.after) for fact in found.facts if fact.differs}
    assert differing == {
        "run ended as": ("completed", "failed (task failed)"), "ended as": ("success", "failed"), "exit": ("0", "23"),
    }  # fmt: skip
    dump = operations.occurrence(bad.id).tasks[0]
    named = operations.compare(str(dump.attempts[0].id), str(good.id))
    assert (named.before.task, named.after.task) == ("dump", "dump")
    crossed = operations.compare(str(dump.id), str(operations.occurrence(good.id).tasks[1].id))
    assert crossed.notes[0] == "they are tries of different tasks"


def test_what_cannot_be_compared_says_why(store: Store, operations: LocalOperations, job: Job) -> None:
    with pytest.raises(NotFound, match="no run of backup has failed"):
        operations.compare("backup")
    with pytest.raises(NotFound, match="backup never ran"):
        operations.compare("backup", "backup")
    bad = add_run(store, job, 0, S.FAILED)
    with pytest.raises(NotFound, match="before its first failure succeeded"):
        operations.compare("backup")
    with pytest.raises(NotFound, match="before that one succeeded"):
        operations.compare(str(bad.id))
    other = add_run(store, job, 1, S.COMPLETED, tries=("upload",))
    with pytest.raises(Refused, match="no task has been tried in both runs"):
        operations.compare(str(bad.id), str(other.id))


def two_versions(store: Store, old: JobDefinition, new: JobDefinition) -> Job:
    """A job whose first version ran well and whose second failed."""
    job = add_job(store, old)
    newer = replace(job, version=2, content_hash=new.content_hash)
    add(store, make_version(new, newer))
    add_run(store, job, 0, S.COMPLETED)
    add_run(store, newer, 1, S.FAILED)
    return job


def test_environment_and_definition(store: Store, operations: LocalOperations) -> None:
    source = {"TOKEN": SecretSource.from_json({"env": "TOKEN"})}
    old = make_definition(env={"MODE": "full", "API_KEY": "abc", "SAME": "1"}, secrets=source)
    new = replace(old, env={"MODE": "fast", "API_KEY": "xyz", "SAME": "1"}, path="/opt/bin", schedule="0 6 * * *")
    two_versions(store, old, new)
    found = operations.compare("backup")
    assert [variable_words(one) for one in found.environment] == [
        "API_KEY: •••• in both (a secret: whether its value is the same is not known)",
        "MODE: full → fast",
        "PATH: only in the second: /opt/bin",
        "TOKEN: •••• in both (a secret: whether its value is the same is not known)",
    ]
    assert [one.what for one in found.definition] == ["schedule", "path"]
    text = str(comparison_json(found))
    assert "abc" not in text
    assert "xyz" not in text


def test_secrets_of_other_tasks_are_masked_in_what_changed(store: Store, operations: LocalOperations) -> None:
    old = make_definition(tasks=("dump", "upload"))
    tasks = (old.tasks[0], replace(old.tasks[1], env={"API_TOKEN": "s3cret", "LEVEL": "9"}))
    two_versions(store, old, replace(old, tasks=tasks))
    told = [one.text for one in operations.compare("backup").definition]
    assert told == ["task upload: env.API_TOKEN added: ••••", "task upload: env.LEVEL added: 9"]


def write(operations: LocalOperations, folder: Path, good: bytes, bad: bytes) -> None:
    found = operations.compare("backup")
    for side, data in ((found.before, good), (found.after, bad)):
        log = LogFolderWriter(folder / "attempts" / str(side.attempt.id))
        log.write(data)
        log.finish()


def test_logs(store: Store, operations: LocalOperations, job: Job, tmp_path: Path) -> None:
    add_run(store, job, 0, S.COMPLETED)
    add_run(store, job, 1, S.FAILED)
    assert operations.compare("backup").notes == (
        "the log of the first one has been cleared away", "the log of the second one has been cleared away",
    )  # fmt: skip
    write(
        operations, tmp_path,
        b"2026-11-24T14:30:01Z begin pid 12\nlisting\n\x1b[31msent\x1b[0m 5 files in 1.2s\ndone\n",
        b"2026-11-24T15:30:01Z begin pid 13\nlisting\nERROR refused\x1b]0;x\x07\ndone\n",
    )  # fmt: skip
    found = operations.compare("backup")
    assert (found.notes, found.log.same) == ((), 3)
    assert [text for _, text in difference_lines(found.log)] == [
        "line 1 of the first, line 1 of the second", "  2026-11-24T15:30:01Z begin pid 13", "  listing",
        "- sent 5 files in 1.2s", "+ ERROR refused", "  done",
    ]  # fmt: skip
    assert log_words(found.log) == "4 and 4 lines: 1 only in the first, 1 only in the second"
    exact = operations.compare("backup", context=0, exact=True)
    assert (exact.log.removed, [len(hunk) for hunk in exact.log.hunks]) == (2, [2, 2])


def test_only_the_ends_of_a_very_long_log_are_compared(
    store: Store, job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "END_LINES", 3)
    operations = operations_on(store, tmp_path)
    add_run(store, job, 0, S.COMPLETED)
    add_run(store, job, 1, S.FAILED)
    lines = [b"line %d\n" % number for number in range(10)]
    write(operations, tmp_path, b"".join(lines), b"".join([*lines, b"x" * 9000, b"\n"]))
    log = operations.compare("backup").log
    assert (log.before_left_out, log.after_left_out, log.after_lines) == (4, 5, 11)
    texts = [line.text for hunk in log.hunks for line in hunk]
    assert "… 5 lines are not compared" in texts
    assert max(map(len, texts)) == logs.LINE_CHARACTERS
    assert [(line.kind, line.before, line.after) for hunk in log.hunks for line in hunk][-1] == (Kind.ADDED, None, 10)
    assert log_words(log).endswith("of each compared")
