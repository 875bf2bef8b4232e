"""`--campaign suspend`: a machine that sleeps, again and again, for seconds and for days, with its clocks injected.

The monotonic clock stands still meanwhile and the other two go on. `SUSPEND` (3,000) seeds of the simulation.
"""

from __future__ import annotations

import os

import pytest

from tests.support import simulated_acts as faults
from tests.support import simulated_people as people
from tests.support.simulated_history import violations_of
from tests.support.simulated_world import World

SEEDS = int(os.environ.get("SUSPEND", "3000"))
ACTS = (faults.suspend, faults.suspend, faults.suspend, faults.kill, people.edit, people.trigger, people.pause)


def test_some_seeds() -> None:
    sleep_through(range(40), acts=10)


@pytest.mark.campaign("suspend")
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("first", range(0, SEEDS, 100))
def test_campaign(first: int) -> None:
    sleep_through(range(first, first + 100), acts=25)


def sleep_through(seeds: range, *, acts: int) -> None:
    """Play seeds in which the machine sleeps more than anything else."""
    slept = 0
    for seed in seeds:
        world = World(seed, acts=acts, possible=ACTS, only=True)
        world.run()
        found = violations_of(world)
        assert not found, f"seed {seed}\n" + "\n".join((*map(str, found), *world.trace))
        slept += sum(" suspend " in line and " act " not in line for line in world.trace)
    assert slept > len(seeds), "hardly any of these worlds slept"
