"""The ticker of a job in a world of transactions: the clock is the world's."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.engine.ticker import Ticker
from tests.support.engine_world import World


class WorldClock(SystemClock):
    """Tells the time of a world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.now


def ticker_of(world: World, definition: JobDefinition, *, actor: str = "eva") -> Ticker:
    """A new ticker; nothing of an earlier one is known to it."""
    return Ticker(world.store, definition.id, clock=WorldClock(world), actor=actor)
