"""Plays seeds, judges them, and says of a failing one all that is needed to see why."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

from jobistemer_tui.engine import recovery
from tests.checker.history import Violation
from tests.support import simulated_acts, simulated_people
from tests.support.simulated_history import violations_of
from tests.support.simulated_world import World

CORPUS = Path(__file__).with_name("corpus.txt")
ACTS = (*simulated_acts.FAULTS, *simulated_people.HABITS)
RARE = (*simulated_acts.RARE, *simulated_people.RARE)
SMALL, LARGE = 8, 25
"""How many acts a seed has at most: in the normal run, and in a campaign."""
MANY = recovery.MAX_ROWS
FEW = 2
"""How many instants of a gap get a row each: more than a gap here has, or so few that the older ones share one."""


def play(seed: int, *, acts: int = SMALL, rows: int = MANY) -> tuple[World, list[Violation]]:
    """Live through a seed; gives the world and what was broken in it."""
    world = World(seed, acts=acts, possible=ACTS, rare=RARE)
    with patch.object(recovery, "MAX_ROWS", rows):
        try:
            world.run()
        except Exception as error:
            name = name_of(seed, acts, rows)
            raise AssertionError(f"{name} could not be played: {error!r}\n{_trace(world)}") from error
        return world, violations_of(world)


def assert_kept(seed: int, *, acts: int = SMALL, rows: int = MANY) -> World:
    """Fail with the seed, what was broken and the trace, unless every promise was kept."""
    world, violations = play(seed, acts=acts, rows=rows)
    if violations:
        broken = "\n".join(str(violation) for violation in violations[:20])
        raise AssertionError(f"{name_of(seed, acts, rows)}\n{broken}\n{_trace(world)}")
    return world


def name_of(seed: int, acts: int, rows: int = MANY) -> str:
    """The line of the corpus for a seed; it is played again by `python -m tests.simulation.seeds SEED ACTS ROWS`."""
    return f"seed {seed} acts {acts} rows {rows}"


def corpus() -> list[tuple[int, int, int]]:
    """Every seed that once failed, with its size and how many rows a gap has at most."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    found = [re.match(r"seed (\d+) acts (\d+)(?: rows (\d+))?", line) for line in lines]
    return [(int(match[1]), int(match[2]), int(match[3] or MANY)) for match in found if match]


def _trace(world: World) -> str:
    jobs = [f"{job.name}: {job.schedule} {dict(job.settings)}" for job in world.jobs.values()]
    return "\n".join(("", *jobs, "", *world.trace))


def digests(seeds: Iterable[int]) -> list[str]:
    """What decides whether two runs of the same seeds are the same."""
    return [play(seed)[0].digest() for seed in seeds]


if __name__ == "__main__":
    seed, acts, rows = (*map(int, sys.argv[1:]), *(SMALL, MANY)[len(sys.argv) - 2 :])
    world, violations = play(seed, acts=acts, rows=rows)
    sys.stdout.write("\n".join((*map(str, violations), _trace(world), world.digest(), "")))
