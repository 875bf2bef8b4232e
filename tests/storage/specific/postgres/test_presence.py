"""What engines see of each other over a real server: clocks."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.closing import Closing
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.storage.postgres import PostgresStore
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, NODES
from tests.support.factories import make_node


class OffClock(SystemClock):
    """The machine's clock, set wrong."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_a_clock_that_is_ten_minutes_ahead_of_the_servers_closes_the_node(postgres_store: PostgresStore) -> None:
    node, clock = make_node(), OffClock()
    clock.ahead = timedelta(minutes=10)
    postgres_store.write(lambda tx: tx.insert(NODES, node))
    closing = Closing(postgres_store, StoreCalls(postgres_store, clock), clock, node.host)
    await closing.look(node.id)
    assert closing.reason is Reason.CLOCK_SKEW
    assert closing.offset_ms is not None
    assert abs(closing.offset_ms - 600_000) < 30_000
    row, events = postgres_store.read(lambda r: (r.get(NODES, node.id), r.scan(EVENTS_BY_SEQUENCE)))
    assert row is not None
    assert (row.trouble, row.clock_offset_ms) == (Reason.CLOCK_SKEW, closing.offset_ms)
    assert [event.kind for event in events] == ["clock_skewed"]

    right = Closing(postgres_store, StoreCalls(postgres_store, SystemClock()), SystemClock(), node.host)
    await right.look(node.id)
    assert right.reason is None
    assert right.offset_ms is not None
    assert abs(right.offset_ms) < 30_000
