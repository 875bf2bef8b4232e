"""`--campaign kills`: `kill -9` of everything, at random moments and at every named one; no promise is broken.

`KILLS` (1,000) kills of the engine at random moments, `KILLS_A_HOME` (25) in each home; `KILLS_FIRST` (0) is the first
seed.
"""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.support.campaign_home import JOBS, CampaignHome
from tests.support.sync_points import names
from tests.support.wait_until import let_pass, wait_until

KILLS, FIRST = int(os.environ.get("KILLS", "1000")), int(os.environ.get("KILLS_FIRST", "0"))
A_HOME = int(os.environ.get("KILLS_A_HOME", "25"))
PATIENCE_S = 120.0
DOWNTIME_S = 2.5
"""Longer than what counts as late for a job of the home, so that a gap is found."""
IN_THE_NORMAL_RUN = ("store.committed", "supervisor.spawned")


def test_the_engine_at_random_moments(home: CampaignHome) -> None:
    kill_the_engine(home, random.Random(7), times=4)


@pytest.mark.campaign("kills")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(FIRST, FIRST + KILLS // A_HOME))
def test_campaign_the_engine_at_random_moments(home: CampaignHome, seed: int) -> None:
    kill_the_engine(home, random.Random(seed), times=A_HOME)


def kill_the_engine(home: CampaignHome, chance: random.Random, *, times: int) -> None:
    """Kill, start, kill again: while it starts, takes over or works."""
    for _ in range(times):
        starting = chance.random() < 0.3
        home.start_engine(wait=not starting)
        let_pass(chance.uniform(0.005, 1.0 if starting else 0.8))
        if chance.random() < 0.1:
            home.call("trigger", "slow", code=None)
        home.kill_engine()
    home.start_engine()
    assert home.finish() == []


ONCE = (
    "node.",
    "takeover.",
    "gap.",
    "files.",
    "cancel.",
    "supervisor.locked",
    "supervisor.serving",
    "supervisor.recover",
)
"""What a process comes to once, or seldom."""
MOMENTS = [(name, 1) for name in names()] + [(name, 3) for name in names() if not name.startswith(ONCE)]


@pytest.mark.parametrize("name", IN_THE_NORMAL_RUN)
def test_at_a_named_moment(home: CampaignHome, name: str) -> None:
    kill_at(home, name, times=1)


@pytest.mark.campaign("kills")
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "times"), MOMENTS)
def test_campaign_at_every_named_moment(home: CampaignHome, name: str, times: int) -> None:
    kill_at(home, name, times=times)


def kill_at(home: CampaignHome, name: str, *, times: int) -> None:
    """Let the process come to the moment so many times, with work on its hands, and die there."""
    of_supervisor = name.startswith("supervisor.")
    home.start_engine()
    home.here("trigger", "slow")
    home.wait_for_work()
    home.kill(home.engines[-1].pid, *(home.supervisors() if of_supervisor else []))
    home.engines[-1].wait()
    if name.startswith("gap."):
        let_pass(DOWNTIME_S)
    if name.startswith("files."):
        home.write_jobs(JOBS + '[jobs.newcomer]\nrun = "true"\n')
    stopping = name in ("node.stopped", "node.said_goodbye")
    doomed = home.start_engine(wait=stopping, environ={"JOBISTEMER_KILL_AT": f"{name}:{times}"})
    if of_supervisor:
        seen: set[int] = set()
        wait_until(lambda: a_supervisor_died(home, seen), seconds=PATIENCE_S, what=f"{name} to be reached")
        home.kill_engine()
    else:
        if stopping:
            doomed.send_signal(signal.SIGTERM)
        if name.startswith("cancel."):
            home.here("trigger", "slow")
            home.call("cancel", "--job", "slow", code=None)
        wait_until(lambda: doomed.poll() is not None, seconds=PATIENCE_S, what=f"{name} to be reached")
        assert doomed.returncode == -signal.SIGKILL, home.engine_log()
    home.start_engine()
    assert home.finish() == []


def a_supervisor_died(home: CampaignHome, seen: set[int]) -> bool:
    """Whether one of those that were `seen` is gone; notes those that are there."""
    now = set(home.supervisors())
    seen |= now
    return bool(seen - now)


@pytest.mark.parametrize("victims", ["supervisor", "tasks", "all"])
def test_others(home: CampaignHome, victims: str) -> None:
    kill_others(home, random.Random(3), victims, times=2)


@pytest.mark.campaign("kills")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("victims", ["supervisor", "tasks", "all"])
@pytest.mark.parametrize("seed", range(10))
def test_campaign_others(home: CampaignHome, victims: str, seed: int) -> None:
    kill_others(home, random.Random(seed), victims, times=10)


def kill_others(home: CampaignHome, chance: random.Random, victims: str, *, times: int) -> None:
    """Kill the supervisor, every task, or all at once with the engine."""
    home.start_engine()
    for _ in range(times):
        home.wait_for_work(1)
        if chance.random() < 0.2:
            home.here("trigger", "slow")
        let_pass(chance.uniform(0.0, 0.8))
        match victims:
            case "supervisor":
                home.kill(*home.supervisors())
            case "tasks":
                home.kill(*(pid for pid in home.task_processes() if home.attempt_of(pid) in home.running_attempts()))
            case _:
                home.kill(*home.processes())
                home.engines[-1].wait()
                home.start_engine()
    assert home.finish() == []
