"""`logs`: what tasks wrote, to a pipe byte for byte, to a terminal made safe."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from jobistemer_tui.domain.records import Attempt, Job, Occurrence, TaskRun
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home, run_process
from tests.support.child_process import ending
from tests.support.factories import (
    NOW,
    add,
    add_job,
    change,
    make_attempt,
    make_definition,
    make_occurrence,
    make_task_run,
)
from tests.support.log_folder import LogFolderWriter
from tests.support.wait_until import wait_until

HOSTILE = b"\x1b]0;owned\x07\xff\x00\r\n"


@dataclass
class Ran:
    """A run of two tasks, the second tried twice, and the folder of its logs."""

    job: Job
    run: Occurrence
    dump: Attempt
    first: Attempt
    second: Attempt
    folder: Path


@pytest.fixture
def ran(home: Home) -> Ran:
    def work(store: Store) -> Ran:
        job = add_job(store, make_definition("backup", tasks=("dump", "upload")))
        run = make_occurrence(job, NOW)
        dump, upload = make_task_run(run, "dump"), make_task_run(run, "upload", position=1)
        tries = make_attempt(dump), make_attempt(upload, 1, AttemptState.FAILED, exit_code=1), make_attempt(upload, 2)
        skipped = make_occurrence(job, NOW + timedelta(days=1), S.SKIPPED)
        add(store, run, dump, upload, *tries, skipped)
        return Ran(job, run, *tries, home.folder / "attempts" / str(store.id))

    made: Ran = home.fill(work)
    return made


def write(ran: Ran, attempt: Attempt, *chunks: bytes) -> None:
    writer = LogFolderWriter(ran.folder / str(attempt.id))
    for chunk in chunks:
        writer.write(chunk)
    writer.finish()


def test_the_log_of_an_attempt_is_what_the_task_wrote(home: Home, ran: Ran) -> None:
    wrote = b"one\n" + HOSTILE + b"x" * 200_000 + b"\nno newline"
    write(ran, ran.dump, wrote)
    with (home.folder / "copy").open("wb") as copy:
        done = run_process("--home", str(home.folder), "logs", str(ran.dump.id), stdout=copy)
    assert (done.code, done.err) == (0, "")
    assert (home.folder / "copy").read_bytes() == wrote


def test_the_log_of_a_job_is_that_of_its_latest_run_with_prefixes(home: Home, ran: Ran) -> None:
    write(ran, ran.dump, b"dumping\n", b"x" * 70_000 + b"\n")
    write(ran, ran.first, b"connecting\n")
    write(ran, ran.second, b"connecting\ndone")
    expected = (
        "dump | dumping\ndump | " + "x" * 70_000 + "\nupload | connecting\nupload#2 | connecting\nupload#2 | done\n"
    )
    for what in ("backup", str(ran.run.id), "backup@2026-11-24T14:30:00Z"):
        done = home.run("logs", what)
        assert (done.code, done.out, done.err) == (0, expected, "")


def test_logs_as_json(home: Home, ran: Ran) -> None:
    write(ran, ran.dump, b"one\ntwo\xff")
    write(ran, ran.first)
    write(ran, ran.second)
    one, two = home.run("logs", "backup", "--json").json
    assert one == {
        "task": "dump", "attempt": str(ran.dump.id), "line": 1, "stream": "stdout", "at": "2026-11-24T06:29:41Z",
        "text": "one",
    }  # fmt: skip
    assert (two["line"], two["text"]) == (2, "two\ufffd")
    followed = home.run("logs", "-f", "backup", "--json").out.splitlines()
    assert [json.loads(line) for line in followed] == [one, two]


def test_a_log_that_is_not_there_is_explained(home: Home, ran: Ran) -> None:
    write(ran, ran.dump, b"dumping\n")
    done = home.run("logs", "backup")
    assert done.out == "dump | dumping\n"
    assert done.err == "upload: the log is no longer kept\nupload#2: the log is no longer kept\n"
    assert home.run("logs", "backup", "--json").json[0]["text"] == "dumping"


def test_what_failed_around_a_process_is_said_where_its_log_is_asked_for(home: Home) -> None:
    def work(store: Store) -> Occurrence:
        job = add_job(store, make_definition("backup"))
        run = make_occurrence(job, NOW, S.FAILED, reason=Reason.SPAWN)
        dump = make_task_run(run, "dump", state=TaskRunState.FAILED)
        error = {"error": "env_file /srv/x: holds secrets and can be read by others"}
        failed = make_attempt(dump, 1, AttemptState.FAILED, exit_code=None, reason=Reason.SPAWN, detail=error)
        add(store, run, dump, failed)
        return run

    run: Occurrence = home.fill(work)
    why = "its process could not be started: env_file /srv/x: holds secrets and can be read by others"
    assert home.run("logs", "backup").err == f"dump: {why}\ndump: the log is no longer kept\n"
    shown = home.run("show", str(run.id))
    assert shown.out.endswith(f"TASK  TRY  FAILED BECAUSE\ndump  1    {why}\n")
    (task,) = home.run("show", str(run.id), "--json").json["tasks"]
    assert task["attempts"][0]["error"].startswith("env_file /srv/x")


def test_a_job_that_never_ran_has_no_log(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    done = home.run("logs", "backup")
    assert (done.code, done.out) == (66, "")
    assert "jobistemer trigger backup" in done.err


def read_terminal(descriptor: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(descriptor, 65_536)
        except OSError:  # Linux says EIO when the last writer of a terminal has gone
            return
        if not data:
            return
        yield data


def test_a_terminal_gets_nothing_to_obey(home: Home, ran: Ran) -> None:
    write(ran, ran.dump, b"before" + HOSTILE + b"\x1b[31mred\x1b[0m\n")
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "jobistemer_tui", "--home", str(home.folder), "logs", str(ran.dump.id)],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, stdout=terminal, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(terminal)
    with ending(process):
        shown = b"".join(read_terminal(controller))
    os.close(controller)
    assert process.returncode == 0
    assert b"before" in shown
    assert b"red" in shown
    assert b"owned" not in shown
    assert b"\x1b" not in shown


def test_following_prints_what_comes_until_the_run_has_ended(home: Home, tmp_path: Path) -> None:
    def begin(store: Store) -> tuple[Occurrence, TaskRun, Attempt, Path]:
        job = add_job(store, make_definition())
        run = make_occurrence(job, NOW, S.RUNNING)
        task = make_task_run(run, "dump", state=TaskRunState.RUNNING)
        attempt = make_attempt(task, 1, AttemptState.RUNNING, exit_code=None)
        add(store, run, task, attempt)
        return run, task, attempt, home.folder / "attempts" / str(store.id) / str(attempt.id)

    run, task, attempt, folder = home.fill(begin)
    writer = LogFolderWriter(folder)
    writer.write(b"one\ntw")
    copy = tmp_path / "copy"
    with copy.open("wb") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobistemer_tui", "--home", str(home.folder), "logs", "-f", "backup"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, stdout=stdout, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    with ending(process):
        wait_until(lambda: copy.read_bytes().startswith(b"one\n"))
        writer.write(b"o\nthree")
        wait_until(lambda: copy.read_bytes().startswith(b"one\ntwo\n"))
        assert process.poll() is None
        writer.finish()

        def end(store: Store) -> None:
            change(store, attempt, state=AttemptState.SUCCESS, exit_code=0, finished_at=NOW)
            change(store, task, state=TaskRunState.SUCCESS)
            change(store, run, state=S.COMPLETED, finished_at=NOW)

        home.fill(end)
        assert process.wait(60) == 0
    assert copy.read_bytes() == b"one\ntwo\nthree"
