"""`exec` runs the command whatever becomes of the record."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.home import Home, run_process


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
