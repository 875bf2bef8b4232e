"""`check`: places, carets, hints, and its exit code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jobistemer_tui.cli import output
from tests.architecture.fresh import run_command
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
    assert "2 files, 1 job, 1 error, 0 warnings" in done.err


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


WARNED = '[jobs.a]\ncommand = ["no-such-program-anywhere"]\n'


def test_warnings_fail_only_where_that_is_asked_for(home: Home, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(WARNED)
    assert home.run("check", str(tmp_path / "a.toml")).code == 0
    done = home.run("check", "--strict", str(tmp_path / "a.toml"), "--json")
    assert (done.code, done.json["ok"]) == (1, True)


def test_colours_are_for_a_terminal_and_not_for_the_text_of_the_file(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[jobs.a]\nrun = 'x'\nnope = '\u202e\x9b31m'\n")
    plain = home.run("check", str(path)).out
    assert "\x1b" not in plain
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    coloured = home.run("check", str(path)).out
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert set(re.findall(r"\x1b\[([0-9;]*)m", coloured)) == {
        "0",
        *(output.STYLES[s] for s in ("place", "error", "caret", "hint")),
    }
    assert not {"\x9b", "\u202e"} & set(coloured)
    monkeypatch.setenv("NO_COLOR", "1")
    assert home.run("check", str(path)).out == plain


def test_a_python_file_has_the_time_that_the_configuration_gives(home: Home, tmp_path: Path) -> None:
    home.folder.mkdir()
    (home.folder / "config.toml").write_text('load_timeout = "300ms"\n')
    (tmp_path / "a.py").write_text("while True: pass\n")
    done = home.run("check", str(tmp_path / "a.py"))
    assert done.code == 1
    assert "a.py:1:1: error: loading it takes longer than 0.3 s" in done.out


def test_the_settings_of_the_screen_are_looked_at_without_loading_it(home: Home, files: Path, tmp_path: Path) -> None:
    home.folder.mkdir(mode=0o700)
    (home.folder / "config.toml").write_text(
        '[screen]\ntheme = "nort"\nstart_view = "job"\n\n[keys]\nrun_now = "p"\npuase = "x"\nskip_next = "ctrl+enter"\n'
    )
    report = run_command(tmp_path / "report", "--home", str(home.folder), "check", str(files / "good.toml"))
    places = [line.partition("config.toml:")[2] for line in report.output.splitlines() if "config.toml:" in line]
    assert places == [
        "2:9: error: unknown theme 'nort'",
        "3:14: error: there is no view 'job'",
        "6:11: error: run_now: 'p' is the key of toggle_pause (on the screen of runs)",
        "7:9: error: unknown action 'puase'",
        "8:13: error: many terminals do not send 'ctrl+enter'",
    ]
    assert report.code == 1
    assert report.packages() & {"textual", "rich"} == set()


def test_a_folder_without_job_files_says_what_one_is(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = home.run("check", str(tmp_path / "empty"))
    assert (done.code, done.out) == (0, "")
    assert "0 files, 0 jobs" in done.err
    assert ".toml, .yaml, .yml or .py" in done.err
