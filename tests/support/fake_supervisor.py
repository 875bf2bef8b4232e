"""A supervisor in this process, whose every answer can be held back, refused or broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from jobistemer_tui.engine.supervisor_client import (
    AttemptResult,
    Exists,
    Finished,
    Listing,
    Running,
    Started,
    StartOrder,
    SupervisorUnavailable,
    Voided,
)
from jobistemer_tui.engine.supervisor_client_types import Outcome


def result_of(attempt: UUID, at: datetime, outcome: Outcome = "exited", exit_code: int | None = 0) -> AttemptResult:
    """How an attempt ended."""
    return AttemptResult(attempt, outcome, exit_code, None, None, 42, at, at, 0.0, 0.0, 0, 0, 0, 0, True)


class FakeSupervisor:
    """Keeps what the folders of the real one keep: who won the mkdir of each attempt, and how it ended."""

    def __init__(self) -> None:
        self.folders: dict[UUID, Running | Voided | Finished] = {}
        self.taken: list[UUID] = []
        self.asked: list[tuple[str, UUID]] = []
        self.clients: list[FakeClient] = []
        self.orders: list[StartOrder] = []
        self.cancelled: set[UUID] = set()
        self.before_start: Callable[[StartOrder], None] = lambda order: None
        self.before_void: Callable[[UUID], None] = lambda attempt: None
        self.refuse_connection: Exception | None = None
        self.start_gate = asyncio.Event()
        self.start_gate.set()

    async def connect(self, on_finished: Callable[[AttemptResult], None], on_lost: Callable[[], None]) -> FakeClient:
        """As the runner is told to connect."""
        await asyncio.sleep(0)
        if self.refuse_connection is not None:
            raise self.refuse_connection
        for older in self.clients:
            older.break_off()
        client = FakeClient(self, on_finished, on_lost)
        self.clients.append(client)
        return client

    def end(self, result: AttemptResult) -> None:
        """An attempt ends; whoever is connected hears of it."""
        self.folders[result.attempt_id] = Finished(result)
        for client in self.clients:
            client.tell(result)

    def die(self) -> None:
        """Every connection breaks; what ran is gone and its outcome unknown."""
        for client in self.clients:
            client.break_off()


class FakeClient:
    """One connection."""

    def __init__(
        self, supervisor: FakeSupervisor, on_finished: Callable[[AttemptResult], None], on_lost: Callable[[], None]
    ) -> None:
        self._supervisor = supervisor
        self._on_finished = on_finished
        self._on_lost = on_lost
        self.ended = False
        self._broken = asyncio.Event()

    async def list(self) -> Listing:
        """What ended and was not taken; what runs is not told."""
        ended = [state.result for state in self._supervisor.folders.values() if isinstance(state, Finished)]
        return Listing((), tuple(one for one in ended if one.attempt_id not in self._supervisor.taken))

    def break_off(self) -> None:
        """The connection ends other than by `close`."""
        if not self.ended:
            self.ended = True
            self._broken.set()
            asyncio.get_running_loop().call_soon(self._on_lost)

    def tell(self, result: AttemptResult) -> None:
        if not self.ended:
            asyncio.get_running_loop().call_soon(self._on_finished, result)

    async def start(self, order: StartOrder) -> Started | Exists:
        self._supervisor.before_start(order)
        await self._answer(self._supervisor.start_gate)
        self._supervisor.asked.append(("start", order.attempt_id))
        if order.attempt_id in self._supervisor.folders:
            return Exists()
        self._supervisor.folders[order.attempt_id] = Running()
        self._supervisor.orders.append(order)
        return Started(42, None)

    async def void(self, attempt: UUID) -> Voided | Running | Finished:
        self._supervisor.before_void(attempt)
        await self._answer()
        self._supervisor.asked.append(("void", attempt))
        return self._supervisor.folders.setdefault(attempt, Voided())

    async def cancel(self, attempt: UUID) -> None:
        await self._answer()
        self._supervisor.asked.append(("cancel", attempt))
        self._supervisor.cancelled.add(attempt)

    def taken(self, attempt: UUID) -> None:
        self._supervisor.taken.append(attempt)

    async def close(self) -> None:
        self.ended = True

    async def _answer(self, gate: asyncio.Event | None = None) -> None:
        """Wait a turn, or for the gate; a broken connection answers nothing any more."""
        await asyncio.sleep(0)
        waits = [asyncio.ensure_future(event.wait()) for event in (gate, self._broken) if event is not None]
        if gate is not None:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for waiting in waits:
            waiting.cancel()
        if self.ended:
            raise SupervisorUnavailable("the connection to the supervisor has ended")
