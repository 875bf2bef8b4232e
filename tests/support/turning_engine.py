"""The real scheduler, sweep and runner over a store, turned by hand; processes are those of a fake supervisor."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.states import AttemptState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.scheduler import Scheduler
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.sweep import Sweep
from jobistemer_tui.engine.takeover import Takeover
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.storage.contract import Store
from jobistemer_tui.storage.tables import ATTEMPTS_BY_OCCURRENCE, JOBS_BY_KEY
from tests.support.fake_supervisor import FakeSupervisor, result_of
from tests.support.manual_clock import ManualClock
from tests.support.wait_until import wait_until_async


class TurningEngine:
    """An engine that begins now and runs every job of the store."""

    def __init__(self, store: Store, clock: ManualClock, supervisor: FakeSupervisor, *, slots: int = 8) -> None:
        self.clock = clock
        self.supervisor = supervisor
        self.owner = Owner(identity.new_incarnation(), Definitions(), slots)
        self._raw = store
        self._store = StoreCalls(store, clock)
        loaded = Loaded()
        for job in store.read(lambda reader: reader.scan(JOBS_BY_KEY)):
            loaded.add(job.id)
        connect = cast("Any", supervisor.connect)
        self._runner = Runner(self._store, clock, lambda: self.owner, connect, Path("/no attempts"))
        wakefulness = Wakefulness(clock.read())
        self._scheduler = Scheduler(self._store, clock, self._runner, loaded, lambda: self.owner, wakefulness)
        self._runner.follow_clock = self._scheduler.follow_clock
        takeover = Takeover(self._store, clock, self._runner, lambda: self.owner)
        self._sweep = Sweep(
            self._store, clock, self._runner, self._scheduler, loaded, lambda: self.owner, takeover, wakefulness
        )

    async def begin(self) -> None:
        """Reach the supervisor."""
        await self._runner.connect()

    async def sync(self) -> None:
        """Turn until nothing more is due now."""
        while True:
            due = await self._scheduler.turn()
            await self._settle()
            if due is None or due > self.clock.now():
                return

    async def sweep(self) -> None:
        """Look at everything once."""
        await self._sweep.run(self.clock.now())
        await self._settle()

    async def end(self, occurrence: UUID) -> None:
        """The processes of an occurrence end: by themselves, or as they were told."""
        for attempt in self._raw.read(lambda reader: reader.scan(ATTEMPTS_BY_OCCURRENCE, occurrence)):
            if attempt.state is AttemptState.RUNNING:
                told = attempt.id in self.supervisor.cancelled
                self.supervisor.end(result_of(attempt.id, self.clock.now(), "canceled" if told else "exited"))
        await self._settle()

    async def close(self) -> None:
        """Let go of the supervisor."""
        await self._runner.close()

    async def _settle(self) -> None:
        """Let all that is on its way arrive; the first turn of the loop lets what was told be taken up."""
        await asyncio.sleep(0)
        await wait_until_async(lambda: not self._runner.busy, what="the runner")
