"""Somebody leaves the screen while something runs, in each of the four ways, and sees what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until

JOBS = """
[jobs.slow]
run = "until [ -e GATE ]; do sleep 0.05; done"
kill_grace = "1s"
"""


@pytest.fixture
def screen(home: RealHome) -> Iterator[Terminal]:
    """With one run under way."""
    home.write("jobs.toml", JOBS.replace("GATE", str(home.folder / "gate")))
    with Terminal(home.command(str(home.jobs)), home.environ) as terminal:
        terminal.wait_for("live", "slow")
        terminal.type_ahead("r", "enter")
        terminal.wait_for("► slow")
        wait_until(home.task_processes, what="its process")
        yield terminal


def leave(screen: Terminal, key: str) -> None:
    screen.press("q")
    screen.wait_for("Leave Jobistemer?", "1 running")
    screen.press(key)


def has_ended(home: RealHome, screen: Terminal) -> list[str]:
    """What the runs are after the screen has ended by itself."""
    wait_until(lambda: screen.process.poll() is not None, what="the screen to end")
    assert screen.process.returncode == 0
    return [run["status"] for run in home.runs("slow")]


def test_stay_then_drain(home: RealHome, screen: Terminal) -> None:
    leave(screen, "enter")
    screen.wait_until_gone("Leave Jobistemer?")
    screen.wait_for("live", "► slow")
    leave(screen, "d")
    screen.wait_for("stopping: waiting for the live runs to finish")
    assert home.task_processes(), "nothing is ended"
    (home.folder / "gate").touch()
    assert has_ended(home, screen) == ["completed"]


def test_cancel(home: RealHome, screen: Terminal) -> None:
    leave(screen, "a")
    assert has_ended(home, screen) == ["canceled"]
    assert not home.task_processes()


def test_hand_over(home: RealHome, screen: Terminal) -> None:
    leave(screen, "b")
    assert has_ended(home, screen) == ["running"], "the task goes on under the supervisor"
    assert home.task_processes()
    (home.folder / "gate").touch()
    home.start_engine()
    wait_until(lambda: home.runs("slow")[0]["status"] == "completed", what="the next engine to learn of its end")


def test_an_engine_that_crashes_is_a_bar_and_comes_back(home: RealHome, screen: Terminal) -> None:
    lock, nowhere = home.home / "jobistemer.db.nodes" / "engine.lock", home.folder / "link"
    nowhere.symlink_to(home.folder / "nowhere")
    nowhere.replace(lock)  # what no engine survives, nor begins with
    screen.wait_for("engine crashed", "E says more")
    screen.press("enter")
    screen.wait_for("Jobs ▸ slow", "engine crashed")
    screen.press("escape")
    screen.wait_for("▌ ► slow", "engine crashed")
    log = home.home / "jobistemer.log"
    assert "EngineFenced" in log.read_text()
    wait_until(lambda: "engine.lock" in log.read_text(), what="the next engine to find no lock that it can take")
    lock.unlink()
    screen.wait_for("live", "► slow")
    (home.folder / "gate").touch()
    screen.wait_for("✓ slow")
    assert [run["status"] for run in home.runs("slow")] == ["completed"], "the same run, taken up by the new engine"
    screen.press("E")
    screen.wait_for("The engine crashed", "engine.lock")


@pytest.mark.parametrize("told", [True, False], ids=["SIGHUP", "no signal"])
def test_a_window_that_is_closed_leaves_the_run_to_the_next_engine(
    home: RealHome, screen: Terminal, told: bool
) -> None:
    screen.hang_up(told=told)
    assert has_ended(home, screen) == ["running"]
    home.start_engine()
    (home.folder / "gate").touch()
    wait_until(lambda: home.runs("slow")[0]["status"] == "completed", what="the run to be taken up")
