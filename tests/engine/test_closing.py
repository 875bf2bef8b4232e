"""Why an engine begins nothing new: it is drained, or its clock is far from the store's."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.closing import Closing
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, NODES
from tests.support.factories import make_node
from tests.support.manual_clock import ManualClock
from tests.support.sample_records import NOW

NODE = make_node()


class Timed(MemoryStore):
    """A store with a clock of its own."""

    ahead = timedelta()

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self.clock = clock
        self.asked = 0

    def server_time(self) -> datetime:
        self.asked += 1
        return self.clock.now() - self.ahead


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store(clock: ManualClock) -> Timed:
    store = Timed(clock)
    store.write(lambda tx: tx.insert(NODES, NODE))
    return store


def closing_of(store: MemoryStore, clock: ManualClock) -> Closing:
    return Closing(store, StoreCalls(store, clock), clock, NODE.host)


async def test_a_drain_is_seen_when_somebody_may_have_written_one(store: Timed, clock: ManualClock) -> None:
    closing = closing_of(store, clock)
    await closing.look(NODE.id)
    assert closing.reason is None
    store.write(lambda tx: control.drain(tx, NODE.host, reason=None, now=NOW, actor="me"))
    await closing.look(NODE.id)
    assert closing.reason is None, "nobody has said that there is something to see"
    closing.look_again()
    await closing.look(NODE.id)
    assert closing.reason is Reason.DRAINED
    node = store.read(lambda r: r.get(NODES, NODE.id))
    assert node is not None
    assert node.trouble is Reason.DRAINED
    store.write(lambda tx: control.undrain(tx, NODE.host, now=NOW, actor="me"))
    closing.look_again()
    await closing.look(NODE.id)
    assert closing.reason is None


@pytest.mark.parametrize(
    ("ahead", "reason"), [(29.9, None), (-29.9, None), (30.1, Reason.CLOCK_SKEW), (-95, Reason.CLOCK_SKEW)]
)
async def test_a_clock_beyond_the_bound_closes_and_is_audited(
    store: Timed, clock: ManualClock, ahead: float, reason: Reason | None
) -> None:
    store.ahead = timedelta(seconds=ahead)
    closing = closing_of(store, clock)
    await closing.look(NODE.id)
    assert (closing.offset_ms, closing.reason) == (round(ahead * 1000), reason)
    kinds = [event.kind for event in store.read(lambda r: r.scan(EVENTS_BY_SEQUENCE))]
    assert kinds == (["clock_skewed"] if reason else [])


async def test_the_clock_is_measured_once_a_minute_and_a_right_one_opens_again(
    store: Timed, clock: ManualClock
) -> None:
    store.ahead = timedelta(minutes=2)
    closing = closing_of(store, clock)
    await closing.look(NODE.id)
    store.ahead = timedelta()
    await closing.look(NODE.id)
    assert (store.asked, closing.reason) == (1, Reason.CLOCK_SKEW)
    clock.advance(60)
    await closing.look(NODE.id)
    assert (store.asked, closing.reason, closing.offset_ms) == (2, None, 0)


async def test_the_clock_is_measured_as_soon_as_it_was_set(store: Timed, clock: ManualClock) -> None:
    """Regression: for up to a minute all that others decide was judged by a clock that was set wrong."""
    closing = closing_of(store, clock)
    await closing.look(NODE.id)
    clock.set_wall(-3600.0)
    await closing.look(NODE.id)
    assert store.asked == 2


async def test_a_store_without_a_clock_of_its_own_is_never_measured(clock: ManualClock) -> None:
    closing = closing_of(MemoryStore(), clock)
    await closing.look(NODE.id)
    assert (closing.offset_ms, closing.reason) == (None, None)
