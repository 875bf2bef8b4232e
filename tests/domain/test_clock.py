"""The system clock: a wait ends at the instant, at the event, or when the wall clock is set."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from jobistemer_tui.domain.clock import Lapse, Reading, SystemClock


class SettableClock(SystemClock):
    """The machine's clocks, but somebody sets the wall clock while we wait."""

    SLICE_S = 0.01

    def __init__(self, offsets: list[timedelta]) -> None:
        self.offsets = offsets

    def now(self) -> datetime:
        offset = self.offsets.pop(0) if len(self.offsets) > 1 else self.offsets[0]
        return super().now() + offset


class SteadyClock(SystemClock):
    """A clock that counts how often it was read."""

    SLICE_S = 0.01

    def __init__(self) -> None:
        self.readings = 0

    def read(self) -> Reading:
        self.readings += 1
        return super().read()


def test_now_is_aware_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_clocks_go_forward() -> None:
    clock = SystemClock()
    readings = [clock.read() for _ in range(3)]
    assert all(one.monotonic <= two.monotonic and one.boot <= two.boot for one, two in pairwise(readings))
    assert abs((readings[0].wall - clock.now()).total_seconds()) < 60


async def test_a_wait_ends_at_its_instant() -> None:
    clock = SystemClock()
    until = clock.now() + timedelta(milliseconds=50)
    assert not await clock.wait(asyncio.Event(), until)
    assert clock.now() >= until


async def test_a_wait_outlasts_many_slices() -> None:
    clock = SteadyClock()
    until = clock.now() + timedelta(seconds=1)
    assert not await clock.wait(asyncio.Event(), until)
    assert clock.now() >= until
    assert clock.readings > 4


async def test_an_instant_that_has_passed_is_not_waited_for() -> None:
    clock = SteadyClock()
    assert not await clock.wait(asyncio.Event(), clock.now())
    assert clock.readings == 0


@pytest.mark.parametrize("until", [None, datetime(9000, 1, 1, tzinfo=UTC)])
async def test_an_event_ends_a_wait_early(until: datetime | None) -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, event.set)
    assert await SystemClock().wait(event, until)


async def test_an_event_that_is_set_already_wins_over_an_instant_that_has_passed() -> None:
    event = asyncio.Event()
    event.set()
    assert await SystemClock().wait(event, datetime(2000, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("jump", [timedelta(hours=1), -timedelta(hours=1)])
async def test_a_wait_ends_when_the_wall_clock_is_set(jump: timedelta) -> None:
    clock = SettableClock([timedelta(0), timedelta(0), jump])
    until = SystemClock().now() + timedelta(days=1)
    assert not await clock.wait(asyncio.Event(), until)


async def test_a_wait_that_is_cancelled_ends() -> None:
    waiting = asyncio.ensure_future(SystemClock().wait(asyncio.Event(), None))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_lapse_lasts_as_long_as_it_says_however_the_wall_clock_is_set() -> None:
    clock = SettableClock([timedelta(0), timedelta(hours=1), timedelta(0), -timedelta(hours=1), timedelta(0)])
    begin = clock.read().monotonic
    lapse = Lapse(clock, timedelta(milliseconds=50))
    assert not lapse.is_over
    assert not await lapse.wait(asyncio.Event())
    assert lapse.is_over
    assert clock.read().monotonic - begin >= 0.05


async def test_an_event_ends_the_wait_for_a_lapse() -> None:
    event = asyncio.Event()
    asyncio.get_running_loop().call_later(0.02, event.set)
    lapse = Lapse(SystemClock(), timedelta(days=1))
    assert await lapse.wait(event)
    assert not lapse.is_over
