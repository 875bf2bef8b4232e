"""Which words mean what, before anything is opened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobistemer_tui import __version__
from jobistemer_tui.cli.command_table import COMMANDS
from tests.cli.home import Done, Home


def code_of(done: Done) -> str:
    code: str = done.error["code"]
    return code


def test_help_lists_every_command(home: Home) -> None:
    done = home.run("--help")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.partition("Commands:\n")[2].splitlines()] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_and_the_global_options(home: Home, name: str) -> None:
    done = home.run(name, "-h")
    assert done.code == 0
    for option in ("--home DIR", "--store URL", "--json"):
        assert option in done.out
    assert done.out.startswith(f"Usage: jobistemer {name} ")


def test_version(home: Home) -> None:
    assert home.run("--version").out == f"jobistemer {__version__}\n"


def test_a_word_that_is_no_command_is_a_path(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = home.run("jbos", "--json")
    assert (done.code, code_of(done)) == (66, "not_found")
    assert '"jobistemer jobs"' in done.error["hint"]
    assert not home.folder.exists()


def test_a_dot_and_a_slash_make_a_path_of_a_command(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert home.run("./jobs").code == 66
    (tmp_path / "jobs").mkdir()
    done = home.run("./jobs")
    assert (done.code, "terminal" in done.err) == (64, True)


def test_the_screen_needs_a_terminal(home: Home) -> None:
    done = home.run()
    assert (done.code, done.out) == (64, "")
    assert "jobistemer run" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["--nope"], ["jobs", "--nope"], ["jobs", "extra"], ["show"], ["trigger"], ["cancel"], ["runs", "--limit", "-1"],
        ["runs", "--limit", "9" * 20],
        ["runs", "--limit", "x"], ["runs", "--status", "planned"], ["runs", "--status", "odd"], ["next", "-n", "0"],
        ["next", "backup", "--cron", "* * * * *"], ["next", "--cron", "@daily", "--once", "2026-12-01"],
        ["next", "backup", "--timezone", "UTC"], ["next", "--after", "soon"], ["jobs", "--home", ""],
        ["run", "--for", "soon"], ["run", "--drain", "--cancel"], ["jobs", "--store", "odd:x"], ["jobs", "--store"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_words_that_are_off_end_in_64(home: Home, words: list[str]) -> None:
    done = home.run(*words)
    assert (done.code, done.out) == (64, "")
    assert done.err.startswith("jobistemer: ")
    as_json = home.run(*words, "--json") if words[-1] != "--store" else home.run("--json", *words)
    assert (as_json.code, code_of(as_json)) == (64, "usage")


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["next", "--cron", "61 * * * *"], 65, "schedule"),
        (["next", "--cron", "* * * * *", "--timezone", "Europe/Pariss"], 65, "schedule"),
        (["next", "--iso8601", "R/nonsense"], 65, "schedule"),
        (["next", "--once", "nonsense"], 65, "schedule"),
        (["show", "nobody"], 66, "not_found"),
        (["logs", "nobody"], 66, "not_found"),
        (["runs", "--job", "nobody"], 66, "not_found"),
        (["next", "nobody"], 66, "not_found"),
        (["trigger", "nobody"], 66, "not_found"),
        (["pause", "nobody"], 66, "not_found"),
        (["resume", "nobody"], 66, "not_found"),
        (["cancel", "nobody"], 66, "not_found"),
        (["run", "/nowhere"], 66, "not_found"),
        (["check", "/nowhere"], 66, "not_found"),
    ],
    ids=str,
)
def test_errors_have_their_code(home: Home, words: list[str], code: int, kind: str) -> None:
    done = home.run(*words, "--json")
    assert (done.code, done.out, done.error["code"]) == (code, "", kind)
    assert set(done.error) == {"code", "message", "file", "line", "column", "hint"}
    assert home.run(*words).err.startswith("jobistemer: ")


def test_a_schedule_is_pointed_into(home: Home) -> None:
    done = home.run("next", "--cron", "0 5 * x *")
    _, text, caret, *_ = done.err.splitlines()
    assert caret.index("^") == text.index("x")
    assert home.run("next", "--cron", "0 5 * x *", "--json").error["column"] == 7


def test_errors_are_one_json_document(home: Home) -> None:
    assert list(json.loads(home.run("show", "no\nbody\x1b[0m", "--json").err)) == ["error"]
    assert "\x1b" not in home.run("show", "no\nbody\x1b[0m").err


def test_the_store_of_the_option_is_used(home: Home, tmp_path: Path) -> None:
    assert home.run("jobs", "--store", f"sqlite:{tmp_path}/other.db").code == 0
    assert (tmp_path / "other.db").exists()
    assert not (home.folder / "jobistemer.db").exists()
    assert home.run("jobs", "--store", "memory:").code == 0
