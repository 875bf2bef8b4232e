"""The engine behind a screen: it crashes at chosen points, is started again later and later, and can be stopped."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import cast

import pytest

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.node_options import StopMode
from jobistemer_tui.errors import AlreadyServed, JobFileError
from jobistemer_tui.operations.engine_crash import LONGEST_PAUSE, SOUND_AFTER, crashed
from jobistemer_tui.operations.engine_worker import EngineWorker
from tests.support.wait_until import wait_until

START = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


class SkippingClock(SystemClock):
    """Waits take no time, but are counted: the wall clock is put to their end."""

    def __init__(self) -> None:
        self.wall = START

    def now(self) -> datetime:
        return self.wall

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        await asyncio.sleep(0)
        self.wall = max(self.wall, until or self.wall)
        return event.is_set()


class FakeNode:
    """Serves until stopped, unless it is to fail: before it is ready, or after it."""

    def __init__(
        self, clock: SkippingClock, *, before: Exception | None = None, after: Exception | None = None
    ) -> None:
        self._clock, self._before, self._after = clock, before, after
        self._stopped = threading.Event()
        self.how: StopMode | None = None

    async def run(self, *, on_ready: Callable[[], None]) -> None:
        if self._before is not None:
            raise self._before
        on_ready()
        if self._after is not None:
            self._clock.wall += timedelta(seconds=1)
            raise self._after
        await asyncio.to_thread(self._stopped.wait, 60)

    def stop(self, how: StopMode) -> None:
        self.how = how
        self._stopped.set()


def worker_of(clock: SkippingClock, nodes: Sequence[FakeNode | Exception]) -> tuple[EngineWorker, list[datetime]]:
    """A worker that gets these engines one after another (an exception: making it fails), and when it made them."""
    rest, made = list(nodes), list[datetime]()

    def make() -> Node:
        made.append(clock.now())
        node = rest.pop(0)
        if isinstance(node, Exception):
            raise node
        return cast("Node", node)

    return EngineWorker(make, clock), made


@pytest.mark.parametrize("point", ["made", "before ready", "after ready"])
def test_a_crash_at_any_point_is_kept_and_the_engine_started_again(point: str) -> None:
    clock = SkippingClock()
    error = JobFileError("config.toml cannot be read")
    ways: dict[str, FakeNode | Exception] = {
        "made": error,
        "before ready": FakeNode(clock, before=error),
        "after ready": FakeNode(clock, after=ExceptionGroup("two", [ExceptionGroup("one", [error])])),
    }
    last = FakeNode(clock)
    worker, made = worker_of(clock, [ways[point], last])
    worker.start()
    wait_until(lambda: worker.role == "serving" and len(made) == 2, what="the second engine")
    assert worker.crash is not None
    assert worker.crash.error == "JobFileError: config.toml cannot be read"
    assert "Traceback" in worker.crash.traceback
    assert made[1] == worker.crash.retry_at == worker.crash.at + timedelta(seconds=1)
    worker.stop(how="drain")
    assert last.how is StopMode.DRAIN
    assert worker.role == "none"


def test_the_pause_doubles_with_each_crash_in_a_row() -> None:
    clock = SkippingClock()
    nodes = [FakeNode(clock, before=RuntimeError(f"boom {number}")) for number in range(8)]
    worker, made = worker_of(clock, [*nodes, FakeNode(clock)])
    worker.start()
    wait_until(lambda: worker.role == "serving", what="the last engine")
    worker.stop(how="handover")
    pauses = [int((after - before).total_seconds()) for before, after in pairwise(made)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert worker.crash is not None
    assert (worker.crash.count, worker.crash.error) == (8, "RuntimeError: boom 7")


def test_an_engine_that_served_long_enough_counts_anew() -> None:
    first = crashed(ValueError("a"), None, None, START)
    second = crashed(ValueError("b"), first, START, START + SOUND_AFTER - timedelta(seconds=1))
    assert (first.count, second.count) == (1, 2)
    assert crashed(ValueError("c"), second, START, START + SOUND_AFTER).count == 1
    many = second
    for _ in range(2000):
        many = crashed(ValueError(""), many, None, START)
    assert many.retry_at - START == LONGEST_PAUSE
    assert many.error == "ValueError: "


def test_another_engine_is_waited_for_and_then_taken_over_from() -> None:
    clock = SkippingClock()
    served = [FakeNode(clock, before=AlreadyServed("pid 1")) for _ in range(3)]
    worker, made = worker_of(clock, [*served, FakeNode(clock)])
    worker.start()
    wait_until(lambda: worker.role == "serving", what="the last engine")
    worker.stop(how="handover")
    assert [after - before for before, after in pairwise(made)] == [timedelta(seconds=2)] * 3
    assert worker.crash is None


def test_stopping_while_it_waits_for_its_next_try_ends_it() -> None:
    class StandingClock(SystemClock):
        def now(self) -> datetime:
            return START

        async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
            return await event.wait()

    def make() -> Node:
        raise RuntimeError("no line\nsecond line")

    worker = EngineWorker(make, StandingClock())
    worker.start()
    wait_until(lambda: worker.role == "crashed", what="the crash")
    assert worker.crash is not None
    assert worker.crash.error == "RuntimeError: no line"
    worker.stop(how="handover")
    assert worker.role == "crashed"
