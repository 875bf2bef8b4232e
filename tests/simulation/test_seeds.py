"""2,000 seeds of at most 200 events, and every seed that once failed: the promise is kept in each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.seeds import LARGE, assert_kept, corpus, digests, play

SEEDS, BATCH = 2_000, 100
HOURS = float(os.environ.get("SIMULATION_HOURS", "3"))
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_the_promise_is_kept_whatever_happens(first: int) -> None:
    for seed in range(first, first + BATCH):
        world = assert_kept(seed)
        assert len(world.trace) <= 200, f"seed {seed} has too many events for the normal run"


@pytest.mark.parametrize(("seed", "acts"), corpus())
def test_what_once_failed(seed: int, acts: int) -> None:
    assert_kept(seed, acts=acts)


def test_the_seeds_are_about_something() -> None:
    worlds = [play(seed)[0] for seed in range(40)]
    acts = {line.split()[2] for world in worlds for line in world.trace if " act " in line}
    states = {change.after.state for w in worlds for c in w.disk.commits for change in c.changes
              if change.table.name == "occurrence" and change.after is not None}  # fmt: skip
    assert {"kill", "edit", "suspend", "kill_supervisor", "trouble_store"} <= acts
    assert {"replay", "backfill", "replace_lock", "freeze"} <= acts
    assert {"completed", "failed", "skipped", "missed", "queued", "canceled"} <= states
    assert sum("is killed" in line for world in worlds for line in world.trace) >= 3


def test_the_same_seed_is_the_same_course_of_events() -> None:
    here = digests(range(12))
    assert len(set(here)) == 12
    code = "from tests.simulation.seeds import digests; print(*digests(range(12)))"
    for hash_seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": hash_seed}
        there = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=True, timeout=100
        )
        assert there.stdout.split() == here


@pytest.mark.campaign("simulation")
@pytest.mark.timeout(HOURS * 3600 + 600)
def test_campaign() -> None:
    """`SIMULATION_SEEDS` (50,000) from `SIMULATION_FIRST` (1,000,000), in at most `SIMULATION_HOURS` hours (3)."""
    number = int(os.environ.get("SIMULATION_SEEDS", "50000"))
    first = int(os.environ.get("SIMULATION_FIRST", "1000000"))
    failed, played = play_campaign(first, number, seconds=HOURS * 3600)
    assert not failed, f"{len(failed)} of {played} seeds failed\n" + "\n\n".join(failed[:5])


def play_campaign(first: int, number: int, *, seconds: float) -> tuple[list[str], int]:
    """Play until the seeds or the time are used up; gives the failures with their seeds, and how many were played."""
    began = os.times().elapsed
    sys.stderr.write(f"{number} seeds from {first}, at most {seconds:.0f} s\n")
    failed: list[str] = []
    for played in range(number):
        if os.times().elapsed - began > seconds:
            return failed, played
        try:
            assert_kept(first + played, acts=LARGE)
        except AssertionError as error:
            failed.append(str(error))
            sys.stderr.write(f"{error}\n")
    return failed, number


def test_a_campaign_ends_with_its_seeds_or_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert play_campaign(1_000_000, 2, seconds=100.0) == ([], 2)
    assert play_campaign(1_000_000, 5, seconds=-1.0) == ([], 0)
    assert "2 seeds from 1000000, at most 100 s" in capsys.readouterr().err
