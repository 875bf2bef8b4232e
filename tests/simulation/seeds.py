"""Plays seeds, judges them, and says of a failing one all that is needed to see why."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.checker.history import Violation
from tests.support import simulated_acts, simulated_people
from tests.support.simulated_history import violations_of
from tests.support.simulated_world import World

CORPUS = Path(__file__).with_name("corpus.txt")
ACTS = (*simulated_acts.FAULTS, *simulated_people.HABITS)
RARE = (*simulated_acts.RARE, *simulated_people.RARE)
SMALL, LARGE = 8, 25
"""How many acts a seed has at most: in the normal run, and in a campaign."""


def play(seed: int, *, acts: int = SMALL) -> tuple[World, list[Violation]]:
    """Live through a seed; gives the world and what was broken in it."""
    world = World(seed, acts=acts, possible=ACTS, rare=RARE)
    try:
        world.run()
    except Exception as error:
        raise AssertionError(f"{name_of(seed, acts)} could not be played: {error!r}\n{_trace(world)}") from error
    return world, violations_of(world)


def assert_kept(seed: int, *, acts: int = SMALL) -> World:
    """Fail with the seed, what was broken and the trace, unless every promise was kept."""
    world, violations = play(seed, acts=acts)
    if violations:
        broken = "\n".join(str(violation) for violation in violations[:20])
        raise AssertionError(f"{name_of(seed, acts)}\n{broken}\n{_trace(world)}")
    return world


def name_of(seed: int, acts: int) -> str:
    """The line of the corpus for a seed; it is played again by `python -m tests.simulation.seeds SEED ACTS`."""
    return f"seed {seed} acts {acts}"


def corpus() -> list[tuple[int, int]]:
    """Every seed that once failed, with its size."""
    lines = CORPUS.read_text(encoding="utf-8").splitlines()
    found = [re.match(r"seed (\d+) acts (\d+)", line) for line in lines]
    return [(int(match[1]), int(match[2])) for match in found if match]


def _trace(world: World) -> str:
    jobs = [f"{job.name}: {job.schedule} {dict(job.settings)}" for job in world.jobs.values()]
    return "\n".join(("", *jobs, "", *world.trace))


def digests(seeds: Iterable[int]) -> list[str]:
    """What decides whether two runs of the same seeds are the same."""
    return [play(seed)[0].digest() for seed in seeds]


if __name__ == "__main__":
    world, violations = play(int(sys.argv[1]), acts=int(sys.argv[2]) if len(sys.argv) > 2 else SMALL)
    sys.stdout.write("\n".join((*map(str, violations), _trace(world), world.digest(), "")))
