"""`--campaign frozen`: processes that are stopped (SIGSTOP) beyond what anybody would wait, and go on afterwards.

`FROZEN_S` (60) is how long at most, `FROZEN` (12) how many rounds.
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.campaign_home import CampaignHome
from tests.support.wait_until import let_pass, wait_until

ROUNDS, LONGEST_S = int(os.environ.get("FROZEN", "12")), float(os.environ.get("FROZEN_S", "60"))


def test_the_engine(home: CampaignHome) -> None:
    freeze_the_engine(home, [3.0])


def test_an_engine_whose_lock_is_taken_meanwhile(home: CampaignHome) -> None:
    freeze_past_its_evidence(home, [2.0])


def test_the_supervisor(home: CampaignHome) -> None:
    freeze_the_supervisor(home, 2.0)


@pytest.mark.campaign("frozen")
@pytest.mark.timeout(1500)
def test_campaign_the_engine(home: CampaignHome) -> None:
    chance = random.Random(1)
    freeze_the_engine(home, [chance.uniform(1.0, LONGEST_S) for _ in range(ROUNDS)])


@pytest.mark.campaign("frozen")
@pytest.mark.timeout(1500)
def test_campaign_an_engine_whose_lock_is_taken_meanwhile(home: CampaignHome) -> None:
    chance = random.Random(2)
    freeze_past_its_evidence(home, [chance.uniform(1.0, LONGEST_S / 2) for _ in range(ROUNDS)])


@pytest.mark.campaign("frozen")
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seconds", [12.0, 40.0, 90.0])
def test_campaign_the_supervisor(home: CampaignHome, seconds: float) -> None:
    freeze_the_supervisor(home, seconds)


def stop_between_writes(home: CampaignHome, engine: subprocess.Popen[bytes]) -> None:
    """Stop it while it holds no lock of the database: inside a write it would keep everybody from writing, rightly."""
    while True:
        engine.send_signal(signal.SIGSTOP)
        if may_write(home.database):
            return
        engine.send_signal(signal.SIGCONT)
        let_pass(0.01)


def may_write(database: Path) -> bool:
    """Whether somebody else can begin to write now."""
    with closing(sqlite3.connect(database, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def freeze_the_engine(home: CampaignHome, lengths: list[float]) -> None:
    """It holds its lock all the while, so nobody takes over; tasks go on; then it goes on where it was."""
    engine = home.start_engine()
    for seconds in lengths:
        home.here("trigger", "slow")
        home.wait_for_work()
        stop_between_writes(home, engine)
        assert home.call("run", str(home.jobs), code=75).returncode == 75
        let_pass(seconds)
        engine.send_signal(signal.SIGCONT)
        home.wait_for_work()
    assert home.finish() == []
    assert len(home.engines) == 1


def freeze_past_its_evidence(home: CampaignHome, lengths: list[float]) -> None:
    """Its lock file is removed while it is stopped: another engine adopts. It goes on, writes nothing, and ends."""
    engine = home.start_engine()
    for seconds in lengths:
        home.here("trigger", "slow")
        home.wait_for_work()
        stop_between_writes(home, engine)
        (home.home / "jobistemer.db.nodes" / "engine.lock").unlink()
        successor = home.start_engine()
        let_pass(seconds)
        home.wait_for_work()
        engine.send_signal(signal.SIGCONT)
        wait_until(lambda old=engine: old.poll() is not None, what="its end")  # type: ignore[misc]
        assert engine.returncode not in (0, -signal.SIGKILL)
        engine = successor
    assert home.finish() == []


def freeze_the_supervisor(home: CampaignHome, seconds: float) -> None:
    """Nothing is claimed, and no second one is started; when it goes on, all goes on."""
    home.start_engine()
    home.wait_for_work()
    supervisor = home.supervisor_pid()
    os.kill(supervisor, signal.SIGSTOP)
    wait_until(lambda: "gives no sign of life" in home.program_log(), what="the engine to notice")
    home.here("trigger", "slow")
    wait_until(lambda: home.runs("slow")[0]["reason"] == "no_supervisor", what="the reason")
    before = len(home.ledger_lines())
    let_pass(seconds)
    begun = [line for line in home.ledger_lines()[before:] if line.startswith("begin")]
    assert begun == []
    assert home.supervisors() == [supervisor]
    assert home.runs("slow")[0]["status"] == "pending"
    os.kill(supervisor, signal.SIGCONT)
    assert home.finish() == []
