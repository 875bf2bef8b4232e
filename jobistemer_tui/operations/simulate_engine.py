"""The real scheduler over a store in memory, its time jumping from one thing that is due to the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.scheduler import Scheduler
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import Refused
from jobistemer_tui.operations.simulate_clock import SimulatedClock
from jobistemer_tui.operations.simulate_durations import Durations
from jobistemer_tui.operations.simulate_forecast import Down
from jobistemer_tui.operations.simulate_hands import SimulatedHands
from jobistemer_tui.storage.contract import Reader, Store
from jobistemer_tui.storage.tables import OCCURRENCES_BY_HANDLED

MOST_SLOTS = 200_000
"""More instants than this are too many to be gone through while a person waits."""
_LOOK_EVERY = 1_000


class SimulatedEngine:
    """One engine of a store in memory, as `owner`; `jobs` are the ids of those that it runs."""

    def __init__(
        self, store: Store, owner: Owner, jobs: Sequence[UUID], *, start: datetime, durations: Durations
    ) -> None:
        self._raw = store
        self._clock = SimulatedClock(start)
        self._store = StoreCalls(store, self._clock)
        self._owner = owner
        self._hands = SimulatedHands(self._store, self._clock, self._owner, durations)
        self._hands.on_change = self._wake
        self._woken = False
        self._turns = 0
        self._loaded = Loaded()
        for job_id in jobs:
            self._loaded.add(job_id)

    async def run(self, end: datetime, downs: Sequence[Down]) -> None:
        """Serve until `end`, but for the times `downs`, in order, in which no engine is there. Raises Refused.

        What runs when the engine goes down runs on, as it does under the supervisor.
        """
        for begin, back in downs:
            await self._serve(begin)
            self._clock.move_to(min(back, end))
        await self._serve(end)

    async def _serve(self, end: datetime) -> None:
        """From now until `end`, as an engine that has just started."""
        wakefulness = Wakefulness(self._clock.read())
        scheduler = Scheduler(self._store, self._clock, self._hands, self._loaded, lambda: self._owner, wakefulness)
        while self._clock.now() < end:
            ended = await self._hands.end_due()
            self._woken = False
            due = await scheduler.turn()
            self._check_size()
            if self._woken or ended:
                continue
            instants = [at for at in (due, self._hands.next_end) if at is not None]
            self._clock.move_to(min([*instants, end]))

    def _wake(self) -> None:
        self._woken = True

    def _check_size(self) -> None:
        self._turns += 1
        if self._turns % _LOOK_EVERY == 0:
            refuse_too_many(self._raw.read(_slots))


def refuse_too_many(slots: int) -> None:
    """Raises Refused for more instants than a person would wait for."""
    if slots > MOST_SLOTS:
        raise Refused(
            f"more than {MOST_SLOTS:,} instants fall into that time",
            hint="simulate a shorter time (--for), or name the jobs",
        )


def _slots(reader: Reader) -> int:
    return reader.count(OCCURRENCES_BY_HANDLED)
