"""The scripts for shells. bash is tried for real, in a terminal too; zsh and fish where the machine has them.

pip cannot install a shell: where one is missing, the structure of its script alone is judged.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobistemer_tui.cli.command_table import COMMANDS
from jobistemer_tui.cli.completion.words import CHOICES, words_of
from jobistemer_tui.cli.main import load_command
from tests.architecture.tree import ROOT
from tests.cli.home import Home
from tests.support.named_store import HOSTILE, make_named_store
from tests.support.terminal import Terminal

PROGRAM = f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m jobistemer_tui "$@"\n'
TRY = """
source "$SCRIPT"
try() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _jobistemer
    printf '%s\\n' "${COMPREPLY[@]}" =
}
"""


def script_of(home: Home, shell: str) -> str:
    done = home.run("completion", shell)
    assert (done.code, done.err) == (0, "")
    return done.out


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """With the real command in PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "jobistemer").write_text(PROGRAM)
    (folder / "jobistemer").chmod(0o700)
    return {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "SCRIPT": str(tmp_path / "script")}


def bash(home: Home, environ: dict[str, str], cwd: Path, *tries: str) -> list[list[str]]:
    """The candidates for each line of words, asked of one bash."""
    Path(environ["SCRIPT"]).write_text(script_of(home, "bash"))
    program = TRY + "".join(f"try jobistemer {words}\n" for words in tries)
    done = subprocess.run(
        ["bash", "-u", "-c", program], env=environ, cwd=cwd, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return [[line for line in part.split("\n") if line] for part in done.stdout.split("=\n")[:-1]]


def test_bash_completes_words_and_values(home: Home, environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "my jobs.toml").touch()
    found = bash(
        home, environ, tmp_path / "files",
        "tri", "runs --status fa", "runs --status = fa", "runs --sta", "storage ''", "storage prune --dr",
        "completion ''", "check my", "my", "--home f", "runs --limit ''", "trigger -- --fo",
        "trigger x --fo", "nowhere r",
    )  # fmt: skip
    assert found == [
        ["trigger"], ["failed", "failed_stale"], ["failed", "failed_stale"], ["--status"],
        ["prune", "copy", "check", "backup"], ["--dry-run"],
        ["bash", "zsh", "fish"], ["my jobs.toml"], ["my jobs.toml"], [], [], [], ["--force", "--follow"], [],
    ]  # fmt: skip


def test_bash_completes_names_and_takes_none_for_shell(home: Home, environ: dict[str, str], tmp_path: Path) -> None:
    make_named_store(home.folder)
    at = f"--home {home.folder}"
    jobs, hostile, of_option, runs, mixed = bash(
        home, environ, tmp_path, f"{at} trigger b", f"trigger {at} zap", f"runs {at} --job ba", f"{at} pin ''",
        f"--home = {home.folder} show ''",
    )  # fmt: skip
    assert (jobs, of_option) == (["backup", "build-docs"], ["backup"])
    assert all(re.fullmatch(r"[0-9a-f]{8}", run) for run in runs)
    assert len(runs) == 2
    assert {*jobs, *runs} < set(mixed)
    unquoted = subprocess.run(
        ["bash", "-c", f"printf '%s\\n' {' '.join(hostile)}"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert unquoted.stdout.splitlines() == sorted(HOSTILE)
    assert not (tmp_path / "owned").exists()


def test_bash_completes_in_a_terminal(home: Home, environ: dict[str, str], tmp_path: Path) -> None:
    make_named_store(home.folder)
    Path(environ["SCRIPT"]).write_text(script_of(home, "bash"))
    (tmp_path / "rc").write_text(f"PS1='ready> '\nsource {environ['SCRIPT']}\n")
    command = ["bash", "--noprofile", "--rcfile", str(tmp_path / "rc"), "-i"]
    with Terminal(command, {**environ, "JOBISTEMER_HOME": str(home.folder)}) as terminal:
        terminal.wait_for("ready>")
        terminal.press("jobistemer trig", "tab", "bui", "tab")
        terminal.wait_for("jobistemer trigger build-docs")


def test_a_store_that_cannot_be_read_disturbs_nobody(home: Home, environ: dict[str, str], tmp_path: Path) -> None:
    home.folder.mkdir()
    (home.folder / "jobistemer.db").write_bytes(b"no database" * 500)
    assert bash(home, environ, tmp_path, f"--home {home.folder} trigger ''", "--home /nowhere logs ''") == [[], []]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_knows_every_command_and_option(home: Home, shell: str) -> None:
    text = script_of(home, shell)
    assert [name for name in COMMANDS if not re.search(rf"(?<![\w-]){name}(?![\w-])", text)] == []
    for option in ("--status", "--dry-run", "--valid-for", "--home", "--follow"):
        assert (option if shell != "fish" else f"-l {option[2:]} ") in text
    assert "completed_with_errors" in text
    assert "__complete" in text
    assert not re.search(r"[^\x20-\x7e\n]", text), "nothing that a locale could break"


def test_zsh_understands_its_script(home: Home, tmp_path: Path) -> None:
    """Without a zsh: every quote is closed, and every function that is called is there."""
    text = script_of(home, "zsh")
    assert text.startswith("#compdef jobistemer\n")
    assert (
        set(re.findall(r"\b_jobistemer\w*", text)) - set(re.findall(r"^(_jobistemer\w*)\(\) \{$", text, re.M)) == set()
    )
    assert text.replace("'\\''", "").count("'") % 2 == 0
    syntax_is_accepted("zsh", text, tmp_path)


def test_fish_understands_its_script(home: Home, tmp_path: Path) -> None:
    """Without a fish: each line of the table has its condition, and every function that is called is there."""
    text = script_of(home, "fish")
    table = [line for line in text.splitlines() if line.startswith("complete -c jobistemer ")][2:]
    assert len(table) > 100
    assert [line for line in table if not re.match(r"complete -c jobistemer -n '__jobistemer_(at|count) ", line)] == []
    assert set(re.findall(r"__jobistemer_\w+", text)) == set(re.findall(r"^function (\w+)$", text, re.M))
    syntax_is_accepted("fish", text, tmp_path)


def syntax_is_accepted(shell: str, text: str, folder: Path) -> None:
    """Asked of the shell itself, where there is one."""
    program = shutil.which(shell)
    if program is not None:
        (folder / "script").write_text(text)
        done = subprocess.run([program, "-n", str(folder / "script")], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("command", "option", "name"), [("new", "--from-example", "retries"), ("docs", None, "when_machines_die")]
)
def test_names_of_what_is_shipped_are_completed(command: str, option: str | None, name: str) -> None:
    (words,) = words_of([(command, "", load_command(COMMANDS[command][0]))])
    values = [one.value for one in words.options if option in one.spellings] if option else list(words.arguments)
    assert [value.kind for value in values if value is not None and name in value.choices] == [CHOICES]
