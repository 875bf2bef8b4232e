"""The checker finds every defect that is put in on purpose; one that has never failed proves nothing."""

from __future__ import annotations

import pytest

from tests.checker.seeded_bugs import BUGS, SeededBug
from tests.support.simulated_history import violations_of
from tests.support.simulated_world import World

SEEDS = 120
"""So many seeds at most until a defect shows."""


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_the_checker_finds(bug: SeededBug) -> None:
    seen: set[str] = set()
    for seed in range(SEEDS):
        with bug.installed():
            world = World(seed, acts=bug.at_most, possible=bug.acts, only=True)
            world.run()
        seen |= {violation.invariant for violation in violations_of(world)}
        if seen & bug.shown_by:
            return
    pytest.fail(f"{bug.name} was not shown by {sorted(bug.shown_by)} in {SEEDS} seeds, only by {sorted(seen)}")


def test_there_are_enough_of_them() -> None:
    assert len({bug.name for bug in BUGS}) >= 12
