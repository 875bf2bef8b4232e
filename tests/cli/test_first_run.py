"""When it is the first time, and what becomes of a folder that was chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.cli.first_run import adopt_folder, folder_fault, is_first_run
from jobistemer_tui.cli.main import run
from jobistemer_tui.errors import HomeNotWritable
from jobistemer_tui.wiring import open_home


def is_first(home: Path) -> bool:
    opened = open_home(home, None, {}, actor_kind="test")
    try:
        return is_first_run(opened)
    finally:
        opened.close()


def test_it_is_the_first_time_until_there_is_anything(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert is_first(home)
    (home / "jobs" / ".hidden").touch()
    assert is_first(home)
    (home / "config.toml").touch()
    assert not is_first(home)
    (home / "config.toml").unlink()
    (home / "jobs" / "a.toml").touch()
    assert not is_first(home)
    (home / "jobs" / "a.toml").unlink()
    assert run(["--home", str(home), "exec", "--job", "other", "--", "true"]) == 0
    assert not is_first(home), "another scheduler's runs are recorded here"


def test_a_folder_that_cannot_be_the_jobs_folder_is_refused_with_the_reason(tmp_path: Path) -> None:
    jobs, other = tmp_path / "jobs", tmp_path / "other"
    jobs.mkdir()
    other.mkdir()
    assert folder_fault(" ", jobs) == "write the path of a folder"
    assert "~nobody-at-all" in folder_fault("~nobody-at-all/jobs", jobs)
    assert folder_fault(str(tmp_path / "none"), jobs) == f"there is no folder {tmp_path / 'none'}"
    assert "is empty" in folder_fault(str(jobs), jobs)
    assert folder_fault(str(other), jobs) == ""
    (jobs / ".hidden").touch()
    assert "hidden files" in folder_fault(str(other), jobs)
    with pytest.raises(HomeNotWritable, match="cannot be made a link"):
        adopt_folder(other, jobs)
    (jobs / ".hidden").unlink()
    adopt_folder(other, jobs)
    assert jobs.resolve() == other
