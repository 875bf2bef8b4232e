"""Somebody starts the program for the first time, and never sees an empty table."""

from __future__ import annotations

from tests.support.real_home import RealHome
from tests.support.terminal import Terminal
from tests.support.wait_until import wait_until


def test_an_example_is_written_and_runs(home: RealHome) -> None:
    with Terminal(home.command(), home.environ) as screen:
        screen.wait_for("Welcome to Jobistemer", "Write an example", "Choose a folder", "Look around first")
        screen.press("1")
        screen.wait_for("live", "▸ Jobs")
        wait_until(lambda: any("▌" in row and "example" in row for row in screen.text.split("\n")), what="the job")
        screen.press("r")
        screen.wait_for("Run example now")
        screen.press("enter")
        wait_until(lambda: any(run["status"] == "completed" for run in home.runs("example")), what="the example to run")


def test_a_folder_becomes_the_jobs_folder_for_every_command(home: RealHome) -> None:
    home.write("mine.toml", '[jobs.my-own]\nrun = "true"\n')
    with Terminal(home.command(), home.environ) as screen:
        screen.wait_for("Welcome to Jobistemer")
        screen.press("2")
        screen.wait_for("the folder, such as")
        screen.press(str(home.jobs))
        screen.wait_for(f"{home.folder.name}/jobs ")
        screen.press("enter")
        screen.wait_for("live", "my-own")
    assert "my-own" in home.call("check").stdout + home.call("jobs").stdout
