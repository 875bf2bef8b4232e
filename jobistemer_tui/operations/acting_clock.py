"""The time by which what a person does is judged: this machine's, or the store's where that is another."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from jobistemer_tui.domain.clock import Clock, Reading
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.store_clock import MOST_OFFSET, TimedStore

if TYPE_CHECKING:
    import asyncio


class ActingClock:
    """A clock whose wall time is that of the store's server, where ours is so far from it that no engine would run.

    What a person does is taken up by engines whose clocks are near the server's. By one that is far behind, the cursor
    of a job would lie in the future, as if it were the engines' clocks that are wrong. Asking what time it is blocks,
    and raises StoreUnavailable.
    """

    def __init__(self, store: TimedStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        here, there = self._clock.now(), self._store.server_time()
        return there if abs(here - there) > MOST_OFFSET else here

    def read(self) -> Reading:
        """All three clocks."""
        return replace(self._clock.read(), wall=self.now())

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        """See `Clock`."""
        return await self._clock.wait(event, until)


def acting_clock(store: Store, clock: Clock) -> Clock:
    """The clock for what a person does to a store: ours where the store has none."""
    return ActingClock(store, clock) if isinstance(store, TimedStore) else clock
