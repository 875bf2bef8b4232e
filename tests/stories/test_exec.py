"""A line of a crontab is wrapped in `exec`: it runs as before, and its runs appear in the history."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until


def start(home: RealHome, *words: str) -> subprocess.Popen[str]:
    """An `exec` in the background."""
    return subprocess.Popen(
        home.command("exec", *words), env=home.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def is_running(home: RealHome, job: str, *marks: Path) -> None:
    """Wait until the commands that make these marks run, and are recorded as running."""
    wait_until(lambda: all(mark.exists() for mark in marks), what="the commands")
    states = ["running"] * len(marks)
    wait_until(lambda: [run["status"] for run in home.runs(job)] == states, what="the record")


def only_run(home: RealHome, job: str) -> Any:
    (run,) = home.runs(job)
    return run


def test_a_run_is_what_it_was_and_is_recorded(home: RealHome) -> None:
    done = home.call("exec", "--", "bash", "-c", "backup() { echo data; echo talk >&2; exit 7; }; backup", code=7)
    assert (done.stdout, done.stderr) == ("data\n", "talk\n")
    run = only_run(home, home.ask("jobs")[0]["name"])
    assert (run["status"], run["reason"], run["trigger"]) == ("failed", "task_failed", "manual")
    (attempt,) = run["tasks"][0]["attempts"]
    assert (attempt["exit_code"], attempt["signal"]) == (7, None)
    assert sorted(home.here("logs", run["id"]).stdout.splitlines()) == ["data", "talk"]
    assert home.ask("jobs")[0]["file"] == "jobistemer exec"
    assert "recorded" in home.call("trigger", run["job"], code=1).stderr


def test_an_engine_leaves_a_run_alone_until_its_exec_is_killed(home: RealHome) -> None:
    begun, gate = home.folder / "begun", home.folder / "gate"
    wait = f"touch {begun}; until [ -e {gate} ]; do sleep 0.05; done"
    first = start(home, "--job", "outside", "--", "sh", "-c", f"{wait}; exit 3")
    is_running(home, "outside", begun)
    second = start(home, "--job", "outside", "--", "sh", "-c", f"touch {begun}.2; {wait}")
    is_running(home, "outside", begun, Path(f"{begun}.2"))
    second.kill()
    second.wait()
    home.start_engine()  # takes over what no living process owns
    wait_until(lambda: home.runs("outside")[0]["status"] == "failed_stale", what="a fate")
    assert home.runs("outside")[0]["reason"] == "owner_lost"
    assert home.runs("outside")[1]["status"] == "running"
    gate.touch()
    assert first.wait(60) == 3
    first.communicate()
    second.communicate()
    assert [run["status"] for run in home.runs("outside")] == ["failed_stale", "failed"]


def test_without_an_engine_the_next_exec_gives_a_killed_one_its_fate(home: RealHome) -> None:
    begun = home.folder / "begun"
    killed = start(home, "--job", "outside", "--", "sh", "-c", f"touch {begun}; exec sleep 60")
    is_running(home, "outside", begun)
    killed.kill()
    killed.wait(60)  # what it held is free only then
    home.call("exec", "--job", "outside", "--", "true")
    assert [run["status"] for run in home.runs("outside")] == ["completed", "failed_stale"]
    for pid in home.task_processes():
        os.kill(pid, signal.SIGKILL)
    killed.communicate()


def test_signals_reach_the_command(home: RealHome) -> None:
    begun = home.folder / "begun"
    run = start(
        home, "--job", "trapped", "--", "sh", "-c", f"trap 'exit 9' TERM; touch {begun}; while :; do sleep 0.05; done"
    )
    is_running(home, "trapped", begun)
    run.send_signal(signal.SIGTERM)
    assert run.wait(60) == 9
    run.communicate()
    assert only_run(home, "trapped")["tasks"][0]["attempts"][0]["exit_code"] == 9


def test_a_time_limit_ends_it_as_timeout_does(home: RealHome) -> None:
    home.call("exec", "--job", "slow", "--timeout", "200ms", "--", "sh", "-c", "sleep 60; true", code=124)
    run = only_run(home, "slow")
    assert (run["status"], run["reason"]) == ("failed", "timeout")
    wait_until(lambda: home.task_processes() == {}, what="the end of what it started")
