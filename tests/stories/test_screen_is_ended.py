"""The screen is ended from outside: its terminal is put back in order, and what runs goes on."""

from __future__ import annotations

import signal

import pytest

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
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
