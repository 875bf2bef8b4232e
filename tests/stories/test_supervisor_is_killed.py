"""The process that holds a person's tasks is killed with -9: what it held is lost, said so, and never runs twice."""

from __future__ import annotations

import os
import random
import signal

import pytest

from tests.stories.test_engine_is_killed import ROUNDS, assert_every_second_has_one_fate, spin
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until

STUBBORN = """
[jobs.stubborn]
run = "trap '' TERM; echo begin $JOBISTEMER_ATTEMPT_ID >> LEDGER; (setsid sleep 600 &) ; sleep 600; echo end >> LEDGER"

[jobs.again]
on_lost = "rerun"
run = "echo begin $JOBISTEMER_ATTEMPT_ID >> LEDGER; [ $JOBISTEMER_ATTEMPT = 2 ] || sleep 600"
"""


def test_what_it_held_is_reported_lost_and_killed(home: RealHome) -> None:
    home.write("jobs.toml", STUBBORN.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.call("trigger", "stubborn")
    wait_until(lambda: len(home.ledger_lines()) == 1, what="the task to begin")
    wait_until(lambda: len(home.task_processes()) >= 3, what="its children")
    os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: home.runs("stubborn")[0]["status"] == "failed_stale", seconds=40, what="the report")

    (run,) = home.runs("stubborn")
    (attempt,) = run["tasks"][0]["attempts"]
    assert (run["reason"], attempt["status"], attempt["exit_code"]) == ("supervisor_lost", "lost", None)
    wait_until(lambda: not home.task_processes(), what="every process of the task to be gone")
    assert len(home.ledger_lines()) == 1


def test_it_runs_again_only_where_the_job_says_so(home: RealHome) -> None:
    home.write("jobs.toml", STUBBORN.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    home.call("trigger", "again")
    wait_until(lambda: len(home.ledger_lines()) == 1, what="the task to begin")
    os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: home.runs("again")[0]["status"] == "completed", seconds=40, what="the second try")

    attempts = home.runs("again")[0]["tasks"][0]["attempts"]
    assert [attempt["status"] for attempt in attempts] == ["lost", "success"]
    assert len(set(home.ledger_lines())) == 2


@pytest.mark.parametrize("seed", range(5))
def test_killed_at_random_moments(home: RealHome, seed: int) -> None:
    play_killing_round(home, seed)


@pytest.mark.campaign("kills")
@pytest.mark.parametrize("seed", range(100, 120))
def test_campaign_killed_at_random_moments(home: RealHome, seed: int) -> None:
    play_killing_round(home, seed)


def play_killing_round(home: RealHome, seed: int) -> None:
    """Kill the supervisor three times, sometimes together with the engine; then look at what was promised."""
    chance = random.Random(seed)
    home.write("jobs.toml", ROUNDS.replace("LEDGER", str(home.ledger)))
    home.start_engine()
    # The first kill meets a running task for certain, the others whatever there is.
    wait_until(lambda: home.ledger_lines()[-1:] and home.ledger_lines()[-1].startswith("begin"), what="a task to run")
    os.kill(home.supervisor_pid(), signal.SIGKILL)
    wait_until(lambda: _supervisors(home) == 1, what="the next supervisor")
    for _ in range(2):
        lines, more = len(home.ledger_lines()), chance.randrange(1, 6)
        wait_until(lambda lines=lines, more=more: len(home.ledger_lines()) >= lines + more)  # type: ignore[misc]
        spin(chance.randrange(0, 30_000))
        os.kill(home.supervisor_pid(), signal.SIGKILL)
        if chance.random() < 0.3:
            home.kill_engine()
            home.start_engine()
        wait_until(lambda: _supervisors(home) == 1, what="the next supervisor")
    seen = len(home.ledger_lines())
    wait_until(lambda: len(home.ledger_lines()) > seen + 2, what="work to go on")
    assert home.stop_engine() == 0
    assert_promises(home)


def _supervisors(home: RealHome) -> int:
    return sum("engine.supervisor" in words for words in home.processes().values())


def assert_promises(home: RealHome) -> None:
    """No try began twice; no instant has two fates; a try that was lost is not called a success."""
    begun = [line.split()[1] for line in home.ledger_lines() if line.startswith("begin")]
    ended = {line.split()[1] for line in home.ledger_lines() if line.startswith("end")}
    assert len(begun) == len(set(begun)), "an attempt began twice"
    runs = home.runs("work")
    assert_every_second_has_one_fate(runs)
    attempts = [attempt for run in runs for task in run["tasks"] for attempt in task["attempts"]]
    for attempt in attempts:
        assert attempt["status"] != "success" or attempt["id"] in ended
        assert attempt["status"] not in {"not_started", "planned"} or attempt["id"] not in begun
    stale = [run for run in runs if any(a["status"] == "lost" for t in run["tasks"] for a in t["attempts"])]
    assert stale, "no kill ever met a running task"
    assert {run["status"] for run in stale} == {"failed_stale"}
