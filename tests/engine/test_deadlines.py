"""What runs has as long as it was given, and a retry waits as long as it was to, however the wall clock is set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.transactions.takeover import adopt
from jobistemer_tui.errors import StoreUnavailable
from tests.support.engine_world import World, job
from tests.support.fake_supervisor import FakeSupervisor, result_of
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine

YEAR_S = 365 * 86400.0
LIMITED: dict[str, Any] = {
    "execution_timeout": 600.0,
    "retry_policy.max_retries": 1,
    "retry_policy.retry_interval": 60.0,
}


@asynccontextmanager
async def engine_over(world: World) -> AsyncIterator[TurningEngine]:
    """An engine that has just started the one run of a job."""
    world.publish(job(schedule=None, **LIMITED))
    world.trigger(job(), UUID(int=7))
    engine = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor())
    await engine.begin()
    await engine.sync()
    yield engine
    await engine.close()


async def look(engine: TurningEngine) -> None:
    await engine.sync()
    await engine.sweep()


@pytest.mark.parametrize("jumps", [(YEAR_S,), (YEAR_S, -YEAR_S), (-3600.0,), (-3600.0, 3600.0)])
async def test_a_run_is_out_of_time_when_it_has_had_its_time(world: World, jumps: tuple[float, ...]) -> None:
    """Regression: every run was ended as out of time by a clock that jumped ahead, and by one set back none ever."""
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        for jump in jumps:
            engine.clock.set_wall(jump)
            engine.clock.advance(60.0)
            await look(engine)
        assert engine.supervisor.cancelled == set()
        engine.clock.advance(599.0 - 60.0 * len(jumps))
        await look(engine)
        assert engine.supervisor.cancelled == set()
        engine.clock.advance(2.0)
        await look(engine)
        assert engine.supervisor.cancelled == {world.attempts(row)[0].id}
        await engine.end(row.id)
        ended = world.occurrence(row)
        assert (ended.state, ended.reason) == (O.FAILED, Reason.TIMEOUT)


@pytest.mark.parametrize("jump", [YEAR_S, -100.0])
async def test_a_retry_waits_as_long_as_it_was_to(world: World, jump: float) -> None:
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        engine.supervisor.end(result_of(world.attempts(row)[0].id, engine.clock.now(), exit_code=1))
        await engine.sync()
        engine.clock.set_wall(jump)
        engine.clock.advance(59.0)
        await look(engine)
        assert world.attempts(row)[-1].state is A.PLANNED
        engine.clock.advance(1.1)
        await look(engine)
        assert world.attempts(row)[-1].state is A.RUNNING


@pytest.mark.parametrize("took_effect", [False, True])
async def test_a_step_that_the_store_did_not_take_is_made_good_once(world: World, took_effect: bool) -> None:
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        real, calls = engine._store.write, iter(range(9))

        async def write(work: Any) -> Any:
            if next(calls):
                return await real(work)
            if took_effect:
                await real(work)
            raise StoreUnavailable("the answer was lost")

        engine._store.write = write  # type: ignore[method-assign]  # a store in trouble
        engine.clock.set_wall(3600.0)
        with pytest.raises(StoreUnavailable):
            await engine.sync()
        engine.clock.set_wall(600.0)
        await engine.sync()
        assert row.deadline_at is not None
        assert world.occurrence(row).deadline_at == row.deadline_at + timedelta(seconds=4200)


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
async def test_what_begins_between_the_step_and_the_next_look_has_its_time_by_the_new_clock(
    world: World, jump: float
) -> None:
    """Regression: it was moved with the others: ended at once, or an hour too late."""
    late = job(name="late", schedule=None, **LIMITED)
    world.publish(late)
    async with engine_over(world) as engine:
        (begun,) = world.rows(job(), O.RUNNING)
        world.now -= timedelta(hours=2)
        world.trigger(late, UUID(int=8), hours=9)
        stop = engine._scheduler._stop

        async def is_set_meanwhile(rows: Any) -> None:
            engine._scheduler._stop = stop  # type: ignore[method-assign]  # once
            engine.clock.set_wall(jump)
            await stop(rows)

        engine._scheduler._stop = is_set_meanwhile  # type: ignore[method-assign]  # in the middle of a turn
        await engine.sync()
        await engine.sync()
        (row,) = world.rows(late, O.RUNNING)
        assert begun.deadline_at is not None
        assert row.deadline_at == engine.clock.now() + timedelta(seconds=600)
        assert world.occurrence(begun).deadline_at == begun.deadline_at + timedelta(seconds=jump)


@pytest.mark.parametrize("jump", [YEAR_S, 650.0])
async def test_what_fails_between_the_step_and_the_next_look_is_tried_again(world: World, jump: float) -> None:
    """Regression: by the clock that had jumped ahead its run was out of time, and the retry was not made."""
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        engine.clock.set_wall(jump)
        engine.supervisor.end(result_of(world.attempts(row)[0].id, engine.clock.now(), exit_code=1))
        await engine._settle()
        assert [one.state for one in world.attempts(row)] == [A.FAILED, A.PLANNED]
        current = world.occurrence(row)
        assert row.deadline_at is not None
        assert (current.state, current.deadline_at) == (O.RUNNING, row.deadline_at + timedelta(seconds=jump))


async def test_what_another_engine_has_taken_over_is_left_to_it(world: World) -> None:
    """Regression: one that had lost its lock moved what its successor had adopted."""
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        engine.supervisor.end(result_of(world.attempts(row)[0].id, engine.clock.now(), exit_code=1))
        await engine.sync()
        real, retry = engine._store.write, world.attempts(row)[-1]

        async def write(work: Any) -> Any:
            world.run(adopt, world.other, row.id, engine.owner.node_id, engine.clock.now())
            return await real(work)

        engine._store.write = write  # type: ignore[method-assign]  # the last moment
        engine.clock.set_wall(3600.0)
        await engine.sync()
        assert world.occurrence(row).owner == world.other.node_id
        assert world.occurrence(row).deadline_at == row.deadline_at
        assert world.attempts(row)[-1] == retry


async def test_a_sweep_after_the_step_and_before_the_next_look_ends_nothing(world: World) -> None:
    """Regression: what waited for its retry was ended as out of time."""
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        engine.supervisor.end(result_of(world.attempts(row)[0].id, engine.clock.now(), exit_code=1))
        await engine.sync()
        engine.clock.set_wall(YEAR_S)
        await engine.sweep()
        assert world.attempts(row)[-1].state is A.PLANNED
        assert world.occurrence(row).state is O.RUNNING


async def test_what_ends_while_a_step_is_written_and_the_next_one_is_seen_is_tried_again(world: World) -> None:
    """Regression: it had waited for the first step alone, and by the second its run was out of time."""
    async with engine_over(world) as engine:
        (row,) = world.rows(job(), O.RUNNING)
        real, turns = engine._store.write, set[asyncio.Task[None]]()

        async def write(work: Any) -> Any:
            if not turns:
                engine.clock.set_wall(YEAR_S)
                turns.add(asyncio.ensure_future(engine._scheduler.follow_clock()))
                await asyncio.sleep(0)
            return await real(work)

        engine._store.write = write  # type: ignore[method-assign]  # the last moment
        engine.clock.set_wall(650.0)
        engine.supervisor.end(result_of(world.attempts(row)[0].id, engine.clock.now(), exit_code=1))
        await engine._settle()
        assert [one.state for one in world.attempts(row)] == [A.FAILED, A.PLANNED]


async def test_a_store_that_takes_no_writes_is_tried_once_for_all_that_end(world: World) -> None:
    """Regression: each waited as long as the store does for a lock, one after the other, and the next turn behind."""
    tries = 0

    async def refuse(work: Any) -> Any:
        nonlocal tries
        tries += 1
        await asyncio.sleep(0)
        raise StoreUnavailable("the database is locked")

    async with engine_over(world) as engine:
        engine._store.write = refuse  # type: ignore[method-assign]  # as of an engine that is told to end
        engine.clock.set_wall(650.0)
        calls = [engine._scheduler.follow_clock() for _ in range(9)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(answer) for answer in answers] == [StoreUnavailable] * 9
        assert tries == 1
