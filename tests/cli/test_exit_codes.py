"""The program in a process of its own: exit codes, streams and homes that do not work."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jobistemer_tui.cli.exit_codes import ExitCode, exit_code_of
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.engine_lock import EngineLock, EngineOwner
from jobistemer_tui.engine.supervisor_client_types import SupervisorUnavailable
from jobistemer_tui.errors import (
    AlreadyServed,
    HomeNotWritable,
    JobFileError,
    JobistemerError,
    NetworkFileSystem,
    NotFound,
    Refused,
    ScheduleError,
    StoreError,
    StoreFull,
    StoreTooNew,
    StoreUnavailable,
    UsageError,
)
from jobistemer_tui.storage.contract import Store
from tests.cli.home import Home, run_process
from tests.support.child_process import ending
from tests.support.factories import NOW, add, add_job, make_definition, make_node, make_occurrence
from tests.support.wait_until import wait_until


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (JobistemerError, 1), (Refused, 1), (UsageError, 64), (ScheduleError, 65), (JobFileError, 65), (NotFound, 66),
        (StoreError, 69), (StoreUnavailable, 69), (StoreFull, 69), (NetworkFileSystem, 69), (HomeNotWritable, 73),
        (AlreadyServed, 75), (StoreTooNew, 76), (SupervisorUnavailable, 69),
    ],
)  # fmt: skip
def test_every_error_has_its_code(error: type[JobistemerError], code: int) -> None:
    assert exit_code_of(error("what happened")) == code


def test_the_codes_do_not_change() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0, "FAILED": 1, "CHANGES": 2, "USAGE": 64, "BAD_DATA": 65, "NOT_FOUND": 66, "STORE_UNAVAILABLE": 69,
        "HOME_NOT_WRITABLE": 73, "ALREADY_SERVED": 75, "STORE_TOO_NEW": 76, "INTERRUPTED": 130,
    }  # fmt: skip


def test_nobody_without_a_home_gets_a_guess(tmp_path: Path) -> None:
    done = run_process("jobs", "--json", environ={"HOME": ""}, cwd=tmp_path)
    assert (done.code, done.out, done.error["code"]) == (73, "", "home_not_writable")
    assert "--home" in done.error["hint"]
    assert list(tmp_path.iterdir()) == []


def test_the_platforms_folders_are_under_home(isolated_home: Path) -> None:
    assert run_process("jobs").code == 0
    assert (isolated_home / ".local/share/jobistemer/jobistemer.db").exists()
    assert (isolated_home / ".config/jobistemer/jobs").is_dir()


@pytest.mark.parametrize("command", ["jobs", "run", "trigger", ""])
def test_a_home_that_cannot_be_made_ends_in_73(tmp_path: Path, command: str) -> None:
    (tmp_path / "file").touch()
    words = {"": [], "trigger": ["trigger", "x"]}.get(command, [command])
    for home in (tmp_path / "file/home", tmp_path / "file", Path("/proc/jobistemer")):
        done = run_process("--home", str(home), *words)
        assert (done.code, done.out) == (73, "")
        assert str(home) in done.err
        assert "Traceback" not in done.err


def test_a_home_of_200_characters_works(tmp_path: Path) -> None:
    home = tmp_path / ("x" * 90) / ("y" * (200 - len(str(tmp_path)) - 92))
    assert len(str(home)) == 200
    assert run_process("--home", str(home), "jobs").code == 0
    assert (home / "jobistemer.db").exists()


@pytest.mark.parametrize("words", [["jobs"], ["run"], []], ids=str)
def test_the_database_of_a_newer_version_ends_in_76(tmp_path: Path, words: list[str]) -> None:
    home = str(tmp_path / "home")
    assert run_process("--home", home, "jobs").code == 0
    with sqlite3.connect(tmp_path / "home/jobistemer.db") as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    done = run_process("--home", home, *words)
    assert (done.code, done.out) == (76, "")
    assert "jobistemer.db" in done.err


def test_a_file_that_is_no_database_ends_in_69(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"no database at all, whatever its name says\n" * 100)
    done = run_process("--home", str(tmp_path / "home"), "--store", f"sqlite:{tmp_path}/x.db", "jobs", "--json")
    assert (done.code, done.out, done.error["code"]) == (69, "", "store_unavailable")


def test_a_served_store_ends_in_75_with_its_pid(home: Home) -> None:
    assert home.run("jobs").code == 0
    owner = EngineOwner(os.getpid(), "alder", make_node().id, NOW)
    lock = EngineLock.acquire(home.folder / "jobistemer.db.nodes", owner)
    try:
        done = run_process("--home", str(home.folder), "run")
    finally:
        lock.release()
    assert (done.code, done.out) == (75, "")
    assert str(os.getpid()) in done.err
    assert str(home.folder) in done.err


def test_standard_output_closed_is_an_error_and_harms_nothing(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    program = [sys.executable, "-m", "jobistemer_tui", "--home", str(home.folder)]
    for words in (["jobs"], ["jobs", "--json"], ["trigger", "backup"]):
        done = subprocess.run(
            ["sh", "-c", 'exec "$@" >&-', "sh", *program, *words],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stderr=subprocess.PIPE, text=True, check=False, timeout=100,
        )  # fmt: skip
        assert done.returncode == 1
        assert "standard output is closed" in done.stderr
    assert len(home.run("runs", "--json").json) == 1


def test_a_full_disk_behind_standard_output_is_an_error(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    with open("/dev/full", "wb") as full:
        done = run_process("--home", str(home.folder), "jobs", stdout=full)
    assert (done.code, "cannot be written" in done.err, "Traceback" in done.err) == (1, True, False)


def test_a_reader_that_goes_away_is_no_error(home: Home) -> None:
    home.fill(lambda store: add_job(store, make_definition()))
    for words in (["jobs"], ["jobs", "--json"], ["show", "backup"]):
        read_end, write_end = os.pipe()
        os.close(read_end)
        try:
            done = run_process("--home", str(home.folder), *words, stdout=write_end)
        finally:
            os.close(write_end)
        assert (done.code, done.err) == (0, "")


def test_an_interrupt_while_following_ends_in_130(home: Home, tmp_path: Path) -> None:
    def work(store: Store) -> None:
        job = add_job(store, make_definition())
        add(store, make_occurrence(job, NOW, OccurrenceState.RUNNING))

    home.fill(work)
    errors = tmp_path / "errors"
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "jobistemer_tui", "--home", str(home.folder), "logs", "-f", "backup"],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, stderr=stderr,
        )  # fmt: skip
    with ending(process):
        wait_until(lambda: "following" in errors.read_text())
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    assert "Traceback" not in errors.read_text()
