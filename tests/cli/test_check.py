"""`check`: places, carets, hints, and its exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.home import Home

GOOD = '[jobs.a]\n[[jobs.a.tasks]]\nname = "t"\nrun = "true"\n'
BAD = '[jobs.b]\nscheduel = "@daily"\n[[jobs.b.tasks]]\nname = "t"\nrun = "true"\n'


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "good.toml").write_text(GOOD)
    (folder / "bad.toml").write_text(BAD)
    return folder


def test_an_error_has_its_place_a_caret_and_a_hint(home: Home, files: Path) -> None:
    done = home.run("check", str(files))
    assert done.code == 1
    place, line, caret, hint = done.out.splitlines()
    assert place.startswith(f"{files}/bad.toml:2:1: error: ")
    assert line.strip() == 'scheduel = "@daily"'
    assert caret.index("^") == line.index("s")
    assert '"schedule"' in hint
    assert "2 files, 1 jobs, 1 errors" in done.err


def test_check_as_json(home: Home, files: Path) -> None:
    done = home.run("check", str(files), "--json")
    assert done.code == 1
    assert (done.json["ok"], done.json["files"], done.json["jobs"]) == (False, 2, ["a"])
    (problem,) = done.json["problems"]
    assert (problem["file"], problem["line"], problem["column"]) == (f"{files}/bad.toml", 2, 1)
    assert problem["severity"] == "error"


def test_good_files_are_in_order(home: Home, files: Path) -> None:
    done = home.run("check", str(files / "good.toml"))
    assert (done.code, done.out) == (0, "")


def test_check_opens_no_store(home: Home, files: Path) -> None:
    home.run("check", str(files))
    assert not home.folder.exists()


def test_a_missing_path_is_named(home: Home, tmp_path: Path) -> None:
    done = home.run("check", str(tmp_path / "nowhere"))
    assert (done.code, done.out) == (66, "")
    assert str(tmp_path / "nowhere") in done.err


def test_without_a_path_the_jobs_folder_is_checked(home: Home) -> None:
    assert home.run("check").code == 66
    (home.folder / "jobs").mkdir(parents=True)
    (home.folder / "jobs/a.toml").write_text(GOOD)
    done = home.run("check", "--json")
    assert (done.code, done.json["jobs"]) == (0, ["a"])


def test_a_folder_in_place_of_a_file_and_a_broken_link_are_errors(home: Home, tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs/a.toml").symlink_to(tmp_path / "gone.toml")
    done = home.run("check", str(tmp_path / "jobs"))
    assert done.code == 1
    assert "a.toml" in done.out
