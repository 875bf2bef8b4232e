"""2,000 seeds of at most 200 events, and every seed that once failed: the promise is kept in each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobistemer_tui.storage.codec import codec_of
from jobistemer_tui.storage.tables import MISSED_RANGES, OCCURRENCES
from tests.simulation.seeds import FEW, LARGE, MANY, assert_kept, corpus, digests
from tests.support.simulated_world import World

SEEDS, BATCH = 2_000, 100
HOURS = float(os.environ.get("SIMULATION_HOURS", "3"))
ROOT = Path(__file__).parents[2]
_STATE = codec_of(OCCURRENCES).places["state"]
ABOUT = frozenset({
    "kill", "edit", "suspend", "kill_supervisor", "trouble_store", "replay", "backfill", "replace_lock", "freeze",
    "completed", "failed", "skipped", "missed", "queued", "canceled", "is killed",
})  # fmt: skip
"""Acts and states without which a batch of seeds would prove little."""


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_the_promise_is_kept_whatever_happens(first: int) -> None:
    seen: set[str] = set()
    for seed in range(first, first + BATCH):
        world = assert_kept(seed)
        assert len(world.trace) <= 200, f"seed {seed} has too many events for the normal run"
        seen.update(happened(world))
    assert seen >= ABOUT, "the seeds are about too little"


def happened(world: World) -> Iterator[str]:
    """The acts of a world, what its engines met, and the states of its occurrences."""
    for line in world.trace:
        _, kind, *rest = line.split()
        yield rest[0] if kind == "act" else " ".join(rest[1:])
    for commit in world.disk.commits:
        for change in commit.changes:
            if change.table is OCCURRENCES and change.after is not None:
                yield change.after[_STATE]


@pytest.mark.parametrize("first", range(SEEDS, SEEDS + 2 * BATCH, BATCH))
def test_the_promise_is_kept_where_the_older_instants_of_a_gap_share_a_row(first: int) -> None:
    worlds = [assert_kept(seed, rows=FEW) for seed in range(first, first + BATCH)]
    assert any(change.table is MISSED_RANGES for world in worlds for c in world.disk.commits for change in c.changes)


@pytest.mark.parametrize(("seed", "acts", "rows"), corpus())
def test_what_once_failed(seed: int, acts: int, rows: int) -> None:
    assert_kept(seed, acts=acts, rows=rows)


def test_the_same_seed_is_the_same_course_of_events() -> None:
    """Also where sets of texts have another order than in this process."""
    environ = {**os.environ, "PYTHONHASHSEED": "2" if os.environ.get("PYTHONHASHSEED") == "1" else "1"}
    code = "from tests.simulation.seeds import digests; print(*digests(range(12)))"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
    ) as there:
        here = digests(range(12))
        found, _ = there.communicate(timeout=200)
    assert len(set(here)) == 12
    assert found.split() == here


@pytest.mark.campaign("simulation")
@pytest.mark.timeout(HOURS * 3600 + 600)
def test_campaign() -> None:
    """`SIMULATION_SEEDS` (50,000) from `SIMULATION_FIRST` (1,000,000), in at most `SIMULATION_HOURS` hours (3).

    In one of four the older instants of a gap share a row.
    """
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
            assert_kept(first + played, acts=LARGE, rows=MANY if played % 4 else FEW)
        except AssertionError as error:
            failed.append(str(error))
            sys.stderr.write(f"{error}\n")
    return failed, number


def test_a_campaign_ends_with_its_seeds_or_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert play_campaign(1_000_000, 2, seconds=100.0) == ([], 2)
    assert play_campaign(1_000_000, 5, seconds=-1.0) == ([], 0)
    assert "2 seeds from 1000000, at most 100 s" in capsys.readouterr().err
