"""`exec` runs the command whatever becomes of the record."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jobistemer_tui.cli.commands import exec_command
from jobistemer_tui.cli.session import Session
from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.operations import external_run, recorder
from jobistemer_tui.operations.recorder import RecordedIn
from tests.cli.home import Home, run_process
from tests.support.engine_world import World, job
from tests.support.wait_until import wait_until


def test_without_a_store_it_runs_and_warns(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_process("--home", str(tmp_path / "file"), "exec", "--", "sh", "-c", "echo done; exit 5")
    assert (done.code, done.out) == (5, "done\n")
    assert "not recorded" in done.err
    assert str(tmp_path / "file") in done.err


def test_a_damaged_store_is_no_obstacle(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "jobistemer.db").write_bytes(b"no database at all" * 300)
    (home / "jobistemer.db").chmod(0o600)
    done = run_process("--home", str(home), "exec", "--", "true")
    assert (done.code, "not recorded" in done.err) == (0, True)


def test_a_program_that_is_not_there_is_recorded_and_ends_as_in_a_shell(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    home = Home(tmp_path / "home", capfd)
    assert home.run("exec", "--job", "gone", "--", "/nowhere/gone").code == 127
    (tmp_path / "plain").touch()
    assert home.run("exec", "--job", "plain", "--", str(tmp_path / "plain")).code == 126
    runs = home.run("runs", "--json").json
    assert {(run["job"], run["status"], run["reason"]) for run in runs} == {
        ("gone", "failed", "spawn"), ("plain", "failed", "spawn"),
    }  # fmt: skip


def test_a_signal_is_told_as_a_shell_tells_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home", capfd)
    assert home.run("exec", "--job", "hit", "--", "sh", "-c", "kill -KILL $$").code == 128 + 9
    (run,) = home.run("runs", "--json").json
    assert run["tasks"][0]["attempts"][0]["signal"] == 9


def test_what_does_not_end_when_told_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external_run, "KILL_GRACE_S", 0.1)
    inner = f"touch {tmp_path}/deaf; while :; do sleep 0.05; done"
    process = subprocess.Popen(["sh", "-c", f"trap '' TERM; sh -c '{inner}'; true"])
    wait_until((tmp_path / "deaf").exists, what="a command that ignores TERM")
    assert external_run.end_tree(process, SystemClock()) == -9


def test_a_store_that_answers_late_is_not_waited_for(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = tmp_path / "ran"
    opened = exec_command._open

    def late(session: Session) -> RecordedIn:
        wait_until(ran.exists, what="the command")
        return opened(session)

    monkeypatch.setattr(exec_command, "_open", late)
    monkeypatch.setattr(recorder, "PATIENCE_S", 0.01)
    home = Home(tmp_path / "home", capfd)
    assert home.run("exec", "--job", "early", "--", "sh", "-c", f"echo before; touch {ran}; exit 4").code == 4
    assert home.run("logs", "early").out == "before\n"
    assert home.run("runs", "--json").json[0]["tasks"][0]["attempts"][0]["exit_code"] == 4


def test_the_name_of_a_job_of_a_file_is_left_alone(home: Home, tmp_path: Path) -> None:
    world = job(name="nightly")
    home.fill(lambda store: World(store).publish(world))
    done = run_process("--home", str(home.folder), "exec", "--job", "nightly", "--", "sh", "-c", "exit 3")
    assert (done.code, "is a job of" in done.err) == (3, True)
    assert home.run("runs", "--json").json == []


def test_the_words_of_the_command_are_its_own(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home", capfd)
    done = home.run("exec", "--job", "words", "--", "printf", "%s|", "--json", "-x", "a b", "--", "$HOME")
    assert (done.code, done.out) == (0, "--json|-x|a b|--|$HOME|")


def test_what_is_off_is_refused_before_anything_runs(home: Home, tmp_path: Path) -> None:
    assert home.run("exec").code == 64
    assert home.run("exec", "--job", "no/name", "--", "touch", str(tmp_path / "ran")).code == 64
    assert home.run("exec", "--timeout", "soon", "--", "touch", str(tmp_path / "ran")).code == 64
    assert not (tmp_path / "ran").exists()


def test_each_program_of_a_name_is_a_version(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path / "home", capfd)
    for word in ("true", "true", "echo"):
        assert home.run("exec", "--job", "same", "--", word).code == 0
    assert [run["version"] for run in home.run("runs", "--json").json] == [2, 1, 1]
    assert home.run("jobs").out.splitlines()[1].split()[:2] == ["same", "external"]
