"""A person works at the screen, in a real terminal: watches, edits a file, breaks it, cancels, attaches, leaves."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until

JOBS = """
[jobs.beat]
schedule = { cron = "* * * * * *", seconds = true }
run = "echo version-one of the beat"

[jobs.slow]
run = "echo slow begins; sleep 600"
kill_grace = "1s"
"""


@pytest.fixture
def screen(home: RealHome) -> Iterator[Terminal]:
    home.write("jobs.toml", JOBS)
    with Terminal(home.command(str(home.jobs)), home.environ) as terminal:
        terminal.wait_for("live", "beat", "slow")
        yield terminal


def completed(home: RealHome) -> list[dict[str, Any]]:
    """The beats that have completed, newest first."""
    return [run for run in home.runs("beat") if run["status"] == "completed"]


def test_an_edit_changes_what_runs_and_a_broken_one_changes_nothing(home: RealHome, screen: Terminal) -> None:
    wait_until(lambda: completed(home), what="the first beat")
    home.write("jobs.toml", JOBS.replace("version-one", "version-two"))
    wait_until(lambda: 2 in [run["version"] for run in completed(home)], what="the edit to be live")

    home.write("jobs.toml", JOBS.replace("version-one", "version-three").replace("schedule =", "schedul =", 1))
    screen.wait_for("jobs.toml:3:1", "old version still live")
    before = len(completed(home))
    wait_until(lambda: len(completed(home)) > before + 1, what="the old version to run on")
    assert "version-two" in home.here("logs", completed(home)[0]["id"]).stdout

    home.write("jobs.toml", JOBS)
    screen.wait_until_gone("jobs.toml:3:1")


def test_run_cancel_and_read_the_log(home: RealHome, screen: Terminal) -> None:
    screen.press("G")
    screen.wait_for("▌ ○ slow")
    screen.press("r")
    screen.wait_for("Run slow now")
    screen.press("enter")
    screen.wait_until_gone("Run slow now")
    screen.wait_for("▌ ► slow")
    assert [run["status"] for run in home.runs("slow")] == ["running"]
    screen.press("c")
    screen.wait_for("Cancel this run?")
    screen.press("enter")
    screen.wait_until_gone("Cancel this run?")
    assert home.runs("slow")[0]["status"] == "running", "Enter must mean No"
    screen.press("c")
    screen.wait_for("Cancel this run?")
    screen.press("y")
    screen.wait_until_gone("Cancel this run?")
    wait_until(lambda: home.runs("slow")[0]["status"] == "canceled", what="the cancellation")
    screen.press("enter")
    screen.wait_for("Jobs ▸ slow", "CANC")
    screen.press("enter")  # one task with one try: its log
    screen.wait_for("slow begins")


BEAT = """
[jobs.beat{number}]
schedule = {{ cron = "* * * * * *", seconds = true }}
run = "true"
"""


def test_an_editor_that_stays_open_does_not_freeze_the_screen(home: RealHome) -> None:
    gate, editor = home.folder / "gate", home.folder / "editor"
    editor.write_text(f"#!/bin/sh\ntouch {gate}.open\nuntil [ -e {gate} ]; do sleep 0.1; done\n")
    editor.chmod(0o700)
    home.write("jobs.toml", JOBS)
    home.write("more.toml", "".join(BEAT.format(number=number) for number in range(8)))
    with Terminal(home.command(str(home.jobs)), {**home.environ, "EDITOR": str(editor)}) as screen:
        screen.wait_for("live", "beat", "slow")
        screen.press("e")
        wait_until(lambda: (home.folder / "gate.open").exists(), what="the editor to open")
        beats = len(home.ask("runs", "--all"))
        # So many changes would fill the queue of a terminal that nobody reads.
        wait_until(lambda: len(home.ask("runs", "--all")) > beats + 30, what="the jobs to run on meanwhile")
        gate.touch()
        screen.press("G")
        screen.wait_for("▌ ○ slow")
        editor.unlink()  # regression: one that cannot be started kept the terminal, and the screen stood still
        screen.press("e")
        screen.wait_for("cannot start the editor", "▌ ○ slow")
        screen.press("/")
        screen.wait_for("filter: ")


def test_pause_and_resume(home: RealHome, screen: Terminal) -> None:
    screen.press("g")
    wait_until(lambda: any("▌" in row and "beat" in row for row in screen.text.split("\n")), what="the first job")
    screen.press("p")
    screen.wait_for("Pause beat")
    screen.press("enter")
    screen.wait_until_gone("Pause beat")
    wait_until(lambda: home.ask("show", "beat")["paused"] is True, what="the pause")
    wait_until(lambda: [run["reason"] for run in home.runs("beat")[:1]] == ["paused"], what="an instant to pass")
    screen.wait_for("‖ beat")
    before = len(completed(home))
    screen.press("p")
    wait_until(lambda: len(completed(home)) > before, what="the next beat")


def test_a_second_screen_attaches_and_takes_over(home: RealHome, screen: Terminal) -> None:
    with Terminal(home.command(str(home.jobs)), home.environ) as second:
        second.wait_for("attached", str(screen.process.pid))
        screen.process.send_signal(signal.SIGKILL)
        second.wait_for("live")
        beats = len(home.runs("beat"))
        wait_until(lambda: len(home.runs("beat")) > beats, what="the beat to go on")
