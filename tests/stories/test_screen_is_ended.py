"""The screen is ended from outside: its terminal is put back in order, and what runs goes on."""

from __future__ import annotations

import signal

import pytest

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_hands_over(home: RealHome, number: signal.Signals) -> None:
    home.write("jobs.toml", '[jobs.slow]\nrun = "sleep 600"\nkill_grace = "1s"\n')
    with Terminal(home.command(str(home.jobs)), home.environ) as screen:
        screen.wait_for("live", "slow")
        screen.press("r")
        screen.wait_for("Run slow now")
        screen.press("enter")
        wait_until(lambda: bool(home.task_processes()), what="the job to run")
        screen.process.send_signal(number)
        wait_until(lambda: screen.process.poll() is not None, what="the screen to end")
        assert screen.process.returncode == 0, "by itself, so the terminal is as it was before"
    assert home.task_processes(), "the task goes on under the supervisor"


def test_a_signal_ends_the_waiting_for_live_runs(home: RealHome) -> None:
    """Regression: a window that was closed while it waited went on waiting."""
    home.write("jobs.toml", '[jobs.slow]\nrun = "sleep 600"\n')
    with Terminal(home.command(str(home.jobs)), home.environ) as screen:
        screen.wait_for("live", "slow")
        screen.type_ahead("r", "enter")
        wait_until(lambda: bool(home.task_processes()), what="the job to run")
        screen.press("q")
        screen.wait_for("Leave Jobistemer?")
        screen.press("d")
        screen.wait_for("stopping: waiting for the live runs to finish")
        screen.process.send_signal(signal.SIGTERM)
        wait_until(lambda: screen.process.poll() is not None, what="the screen to end")
        assert screen.process.returncode == 0
    assert home.task_processes(), "the task goes on under the supervisor"


def test_an_interrupt_of_the_editor_is_not_for_the_screen(home: RealHome) -> None:
    """Regression: Ctrl+C in an editor or a pager reaches all programs of the terminal, and ended the screen."""
    home.write("jobs.toml", '[jobs.quick]\nrun = "true"\n')
    editor = home.folder / "editor"
    editor.write_text("#!/bin/sh\necho editing\nread line\n")
    editor.chmod(0o700)
    with Terminal(home.command(str(home.jobs)), {**home.environ, "EDITOR": str(editor)}) as screen:
        screen.wait_for("live", "quick")
        screen.press("e")
        screen.wait_for("editing")
        screen.process.send_signal(signal.SIGINT)
        screen.press("enter")
        screen.wait_until_gone("editing")
        screen.press("2")
        screen.wait_for("▸ Runs", "live")
        screen.press("q")
        wait_until(lambda: screen.process.poll() is not None, what="the screen to end")
        assert screen.process.returncode == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_the_first_question_is_taken_away_in_order(home: RealHome, number: signal.Signals) -> None:
    """Regression: a signal killed it, and left a terminal that showed nothing of what was typed."""
    with Terminal(home.command(), home.environ) as screen:
        screen.wait_for("Welcome to Jobistemer")
        screen.process.send_signal(number)
        wait_until(lambda: screen.process.poll() is not None, what="the program to end")
        assert screen.process.returncode == 0
