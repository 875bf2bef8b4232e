"""The stream of a ticker: each occurrence once, in order, whoever handles it; and the durable state beside it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.ticker import Ticker
from jobistemer_tui.engine.ticks import Tick
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.errors import NotFound
from tests.support.engine_world import START, World, job
from tests.support.manual_clock import ManualClock
from tests.support.store_backends import SQLITE, Backend
from tests.support.wait_until import wait_until_async


@pytest.fixture
def backend() -> Backend:
    return SQLITE


class Follower:
    """Collects what a stream gives, beside the test."""

    def __init__(self, stream: AsyncIterator[Tick]) -> None:
        self.ticks: list[Tick] = []
        self._task = asyncio.ensure_future(self._follow(stream))

    async def _follow(self, stream: AsyncIterator[Tick]) -> None:
        async for tick in stream:
            self.ticks.append(tick)

    async def until(self, count: int) -> list[Tick]:
        """The ticks, once there are so many."""
        await wait_until_async(lambda: len(self.ticks) >= count or self._task.done(), what=f"{count} ticks")
        if self._task.done():
            await self._task
        return self.ticks

    async def leave(self) -> None:
        """Stop following."""
        self._task.cancel()
        await asyncio.wait([self._task])


def ticker_in(world: World, definition: JobDefinition) -> Ticker:
    return Ticker(world.store, definition.id, clock=ManualClock(START), actor="eva")


async def test_each_occurrence_that_is_handled_since(world: World) -> None:
    definition = job(overlap_policy="queue")
    before = world.begin(definition)
    follower = Follower(ticker_in(world, definition).ticks())
    queued = world.handle_next(definition)
    manual = world.trigger(definition, UUID(int=7))
    world.end(before, AttemptState.SUCCESS)
    ticks = await follower.until(2)
    world.claim(queued)
    third = world.handle_next(definition)
    ticks = await follower.until(3)
    assert [tick.occurrence_id for tick in ticks] == [queued.id, manual.id, third.id]
    assert [tick.trigger for tick in ticks] == [Trigger.SCHEDULE, Trigger.MANUAL, Trigger.SCHEDULE]
    await follower.leave()


async def test_the_context_of_a_run(world: World) -> None:
    definition = job(overlap_policy="allow")
    first = world.begin(definition)
    follower = Follower(ticker_in(world, definition).ticks())
    row = world.handle_next(definition)
    (tick,) = await follower.until(1)
    assert (tick.job, tick.job_id, tick.occurrence_id, tick.version) == ("backup", definition.id, row.id, 1)
    assert (tick.scheduled_at, tick.handled_at, tick.actual_at) == (row.scheduled_at, world.now, world.now)
    assert (tick.last_run_at, tick.status, tick.reason) == (first.started_at, O.RUNNING, None)
    assert (tick.node_id, tick.fence, tick.window, tick.params) == (row.owner, 1, {}, {})
    assert not tick.is_recovery_run
    await follower.leave()


async def test_what_does_not_run_ticks_too(world: World) -> None:
    definition = job(recovery_strategy="compressed")
    world.publish(definition)
    ticker = ticker_in(world, definition)
    ticker.skip_next()
    follower = Follower(ticker.ticks())
    world.handle_next(definition)
    world.later(minutes=3, seconds=30)
    world.resolve(definition)
    ticks = await follower.until(4)
    assert [(tick.status, tick.reason) for tick in ticks] == [
        (O.SKIPPED, Reason.SKIPPED_BY_USER), (O.PENDING, Reason.SPREAD), (O.MISSED, Reason.COMPRESSED_INTO),
        (O.MISSED, Reason.COMPRESSED_INTO),
    ]  # fmt: skip
    assert [tick.is_recovery_run for tick in ticks] == [False, True, False, False]
    assert ticks[1].window["count"] == 3
    assert [tick.actual_at for tick in ticks] == [None] * 4
    await follower.leave()


async def test_many_at_once_come_once_each(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    follower = Follower(ticker_in(world, definition).ticks())
    world.later(minutes=1500)
    world.resolve(definition)
    ticks = await follower.until(1500)
    assert len({tick.occurrence_id for tick in ticks}) == len(ticks) == 1500
    assert ticks == sorted(ticks, key=lambda tick: tick.scheduled_at)
    await follower.leave()


async def test_only_of_its_own_job(world: World) -> None:
    one, other = job(name="one"), job(name="other")
    world.publish(one)
    follower = Follower(ticker_in(world, one).ticks())
    world.begin(other)
    row = world.handle_next(one)
    assert [tick.occurrence_id for tick in await follower.until(1)] == [row.id]
    await follower.leave()


async def test_a_consumer_that_leaves_is_forgotten(world: World) -> None:
    definition = job()
    world.publish(definition)
    listeners = world.raw._listeners._listeners  # type: ignore[attr-defined]  # who hears of commits is seen nowhere else
    follower = Follower(ticker_in(world, definition).ticks())
    await wait_until_async(lambda: len(listeners) == 1, what="the subscription")
    await follower.leave()
    assert listeners == {}


async def test_of_nobody_there_is_no_stream(world: World) -> None:
    with pytest.raises(NotFound):
        ticker_in(world, job(name="nobody")).ticks()


ELSEWHERE = """
import sys
from datetime import timedelta
from pathlib import Path
from jobistemer_tui.storage.open import open_store
from tests.support.engine_world import World, job
store = open_store(f"sqlite:{sys.argv[1]}")
world = World(store)
world.handle_next(job())
store.close()
"""


async def test_commits_of_another_process_are_noticed(world: World, tmp_path: Path) -> None:
    definition = job()
    world.publish(definition)
    ticker = Ticker(world.store, definition.id, clock=SystemClock(), actor="eva")
    follower = Follower(ticker.ticks())
    words = [sys.executable, "-c", ELSEWHERE, str(tmp_path / "store.db")]
    await asyncio.to_thread(subprocess.run, words, check=True, timeout=60, cwd=Path(__file__).parents[2])
    (tick,) = await follower.until(1)
    assert (tick.status, tick.scheduled_at) == (O.RUNNING, START + timedelta(seconds=30))
    await follower.leave()


async def test_the_state_of_the_job_is_read_and_set_by_compare_and_set(world: World) -> None:
    definition = job()
    world.publish(definition)
    follower = Follower(ticker_in(world, definition).ticks())
    world.handle_next(definition)
    (tick,) = await follower.until(1)
    empty = tick.state.read()
    assert (empty.value, empty.rev) == ({}, 0)
    first = tick.state.replace(empty, {"seen": 1})
    assert tick.state.read() == first
    second = tick.state.replace(first, {"seen": 2})
    for stale in (empty, first):
        with pytest.raises(Moved, match="changed meanwhile"):
            tick.state.replace(stale, {"seen": 0})
    assert tick.state.read() == second
    assert [(event.actor, event.detail) for event in world.events("job_state_set")] == [
        ("eva", {"rev": 1}), ("eva", {"rev": 2}),
    ]  # fmt: skip
    await follower.leave()
