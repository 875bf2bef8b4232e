"""How long an engine that drains waits: by the clock that nobody sets."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.wind_down import wind_down
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import World, job
from tests.support.manual_clock import ManualClock

NO_RUNNER = cast("Any", None)


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_a_wall_clock_that_is_set_makes_the_grace_of_a_drain_neither_longer_nor_shorter(jump: float) -> None:
    """Regression: set back by an hour, it kept the engine waiting for an hour more."""
    store = MemoryStore()
    world = World(store)
    row, clock = world.begin(job()), ManualClock(world.now)
    calls = StoreCalls(store, clock)
    draining = asyncio.ensure_future(
        wind_down(
            StopMode.DRAIN, calls, clock, NO_RUNNER, lambda: world.me,
            wake=asyncio.Event(), hurry=asyncio.Event(), grace_s=30.0,
        )
    )  # fmt: skip
    await settled()
    clock.set_wall(jump)
    clock.advance(29.9)
    await settled()
    assert not draining.done()
    clock.advance(0.2)
    await asyncio.wait_for(draining, 60)
    assert world.occurrence(row).state is O.RUNNING, "it is handed over"
    store.close()


async def settled() -> None:
    """Nothing here waits for anything but the clock: a few turns of the loop are enough."""
    for _ in range(20):
        await asyncio.sleep(0)
