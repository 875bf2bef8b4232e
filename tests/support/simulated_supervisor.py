"""A supervisor that outlives engines and may die itself, and the processes of tasks, which outlive both.

What the real one keeps in folders (who won the `mkdir` of an attempt, how it ended) survives here as well. Processes
write the ledger: what really happened, whatever the store says.
"""

from __future__ import annotations

import asyncio
import contextvars
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from jobistemer_tui.domain.clock import Reading
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
from jobistemer_tui.engine.supervisor_client_types import Outcome, RunningAttempt
from tests.support.simulated_clock import SimulatedClock
from tests.support.simulated_loop import PROGRAM, SimulatedLoop
from tests.support.simulated_values import SimulatedFolders

T = TypeVar("T")
ANSWER_S = 30.0
Folder = Running | Voided | Finished
Say = Callable[..., None]


@dataclass(slots=True)
class Process:
    """The main process of an attempt."""

    order: StartOrder
    started: Reading
    timers: list[asyncio.TimerHandle] = field(default_factory=list)
    stopping: Outcome | None = None


@dataclass(slots=True)
class Behaviour:
    """How tasks of this world behave: seconds they take, how often they fail, never start, hand on values."""

    shortest_s: float = 0.0
    longest_s: float = 20.0
    fails: float = 0.1
    spawn_fails: float = 0.0
    not_started: float = 0.0
    delay_s: float = 0.01
    hands_on: float = 0.0


class SimulatedSupervisor:
    """The one of a host. `alive` False: it has died, and the next connection starts its successor."""

    def __init__(
        self, loop: SimulatedLoop, clock: SimulatedClock, chance: random.Random, behaviour: Behaviour, say: Say
    ) -> None:
        self.loop, self.clock, self.chance, self.behaviour = loop, clock, chance, behaviour
        self._say = say
        self.alive = False
        self.hangs_until = 0.0
        self.folders: dict[UUID, Folder] = {}
        self.taken: set[UUID] = set()
        self.processes: dict[UUID, Process] = {}
        self.client: SimulatedClient | None = None
        self.written = SimulatedFolders(chance, behaviour.hands_on)
        clock.on_jump.append(self._look_at_deadlines)

    # --- life and death

    def die(self) -> None:
        """`kill -9`: connections break, what runs goes on without anybody to see its end."""
        self.alive = False
        if self.client is not None:
            self.client.break_off()
            self.client = None

    def lose_power(self) -> None:
        """The machine stops dead, every process with it; what had just been written may not be on the disk."""
        self.die()
        for attempt in list(self.processes):
            self._gone(attempt)
        for attempt, folder in list(self.folders.items()):
            if isinstance(folder, Running) and self.chance.random() < 0.5:
                del self.folders[attempt]

    def begin(self) -> None:
        """The successor: kills every recorded tree and says that nobody knows how it ended, before it listens."""
        if self.alive:
            return
        self.alive = True
        for attempt in list(self.processes):
            self._gone(attempt)
        for attempt, folder in list(self.folders.items()):
            if isinstance(folder, Running):
                self.folders[attempt] = Finished(self._result(attempt, "lost", error="supervisor_lost"))

    def hello(self, client: SimulatedClient) -> None:
        """A new engine: older connections are closed and their unread bytes discarded, before it is answered."""
        if self.client is not None:
            self.client.break_off()
        self.client = client

    # --- requests, in the supervisor's own time

    def start(self, order: StartOrder) -> Started | Exists:
        attempt = order.attempt_id
        if attempt in self.folders:
            return Exists()
        self.folders[attempt] = Running()
        draw = self.chance.random()
        if draw < self.behaviour.spawn_fails:
            self._end(attempt, "spawn", error="no such program")
            return Started(None, None)
        if draw < self.behaviour.spawn_fails + self.behaviour.not_started:
            self._end(attempt, "not_started", error="no descriptors are left")
            return Started(None, None)
        self._spawn(order)
        return Started(42, self.clock.now())

    def void(self, attempt: UUID) -> Voided | Running | Finished:
        return self.folders.setdefault(attempt, Voided())

    def cancel(self, attempt: UUID) -> None:
        if attempt in self.processes:
            self._stop(attempt, "canceled")

    def list(self) -> Listing:
        running = tuple(RunningAttempt(attempt, 42, None) for attempt in self.processes)
        ended = tuple(f.result for f in self.folders.values() if isinstance(f, Finished))
        return Listing(running, tuple(one for one in ended if one.attempt_id not in self.taken))

    # --- processes

    def _spawn(self, order: StartOrder) -> None:
        attempt, behaviour = order.attempt_id, self.behaviour
        process = self.processes[attempt] = Process(order, self.clock.read())
        lasts = behaviour.shortest_s + self.chance.random() * (behaviour.longest_s - behaviour.shortest_s)
        code = self.chance.choice((1, 2, 7)) if self.chance.random() < behaviour.fails else 0
        self._say("begin", order, values=self.written.make(order))
        process.timers.append(self.loop.call_later(lasts, self._exit, attempt, code))
        if order.timeout_s is not None:
            process.timers.append(self.loop.call_later(order.timeout_s, self._stop, attempt, "timeout"))
        self._look_at_deadlines()

    def _look_at_deadlines(self) -> None:
        for attempt, process in list(self.processes.items()):
            deadline = process.order.deadline_boot
            if deadline is not None:
                left = max(0.0, deadline - self.clock.boot())
                process.timers.append(self.loop.call_later(left, self._pass_deadline, attempt, deadline))

    def _pass_deadline(self, attempt: UUID, deadline: float) -> None:
        if self.clock.boot() >= deadline - 1e-6:
            self._stop(attempt, "deadline")

    def _exit(self, attempt: UUID, code: int) -> None:
        """The process ends by itself; without a supervisor nobody sees it."""
        process = self.processes.get(attempt)
        if process is None:
            return
        self._say("end", process.order, code, values=self.written.write(process.order))
        self._forget(attempt)
        if self.alive:
            self._end(attempt, "exited" if process.stopping is None else process.stopping, code)

    def _stop(self, attempt: UUID, outcome: Outcome) -> None:
        """TERM, and after a while, at most the grace, it is gone."""
        process = self.processes.get(attempt)
        if process is not None and self.alive and process.stopping is None:
            process.stopping = outcome
            grace = self.chance.random() * min(3.0, process.order.kill_grace_s)
            process.timers.append(self.loop.call_later(grace, self._killed, attempt, outcome))

    def _killed(self, attempt: UUID, outcome: Outcome) -> None:
        if attempt in self.processes and self.alive:
            self._gone(attempt)
            self._end(attempt, outcome, signal=15)

    def _gone(self, attempt: UUID) -> None:
        self._say("gone", self.processes[attempt].order)
        self._forget(attempt)

    def _forget(self, attempt: UUID) -> None:
        for timer in self.processes.pop(attempt).timers:
            timer.cancel()

    def _end(
        self, attempt: UUID, outcome: Outcome, code: int | None = None, *, signal: int | None = None,
        error: str | None = None,
    ) -> None:  # fmt: skip
        result = self._result(attempt, outcome, code, signal=signal, error=error)
        self.folders[attempt] = Finished(result)
        if self.client is not None:
            self.client.tell(result)

    def _result(
        self, attempt: UUID, outcome: Outcome, code: int | None = None, *, signal: int | None = None,
        error: str | None = None,
    ) -> AttemptResult:  # fmt: skip
        now = self.clock.now()
        return AttemptResult(attempt, outcome, code, signal, error, 42, None, now, 0.0, 0.0, 0, 0, 0, 0, True)


class SimulatedClient:
    """One engine's connection: messages take time, in order, and are lost when either end dies."""

    def __init__(
        self, supervisor: SimulatedSupervisor, on_finished: Callable[[AttemptResult], None], on_lost: Callable[[], None]
    ) -> None:
        self._supervisor = supervisor
        self._on_finished, self._on_lost = on_finished, on_lost
        self._context = contextvars.copy_context()  # the engine's: what we call dies with it
        self._world = contextvars.copy_context()
        self._world.run(PROGRAM.set, None)  # what is in the socket is read even when the engine has died
        self._ended = False
        self._closing = False
        self._waiting: dict[asyncio.Future[Any], None] = {}
        self._sent_at = 0.0
        self._told_at = 0.0

    def break_off(self) -> None:
        """The connection ends other than by `close`."""
        if self._ended:
            return
        self._ended = True
        loop = self._supervisor.loop
        loop.call_later(self._supervisor.chance.random() * 0.01, self._notice_the_end, context=self._context)

    def _notice_the_end(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_exception(SupervisorUnavailable("simulated: the connection has ended"))
                future.exception()  # whoever asked may have been killed before it could look
        if not self._closing:
            self._on_lost()

    def tell(self, result: AttemptResult) -> None:
        """An attempt has ended."""
        if not self._ended:
            self._at_engine(self._hear, result)

    def _hear(self, result: AttemptResult) -> None:
        if not self._closing:
            self._on_finished(result)

    async def start(self, order: StartOrder) -> Started | Exists:
        return await self._ask(partial(self._supervisor.start, order))

    async def void(self, attempt: UUID) -> Voided | Running | Finished:
        return await self._ask(partial(self._supervisor.void, attempt))

    async def cancel(self, attempt: UUID) -> None:
        await self._ask(partial(self._supervisor.cancel, attempt))

    async def list(self) -> Listing:
        return await self._ask(self._supervisor.list)

    def taken(self, attempt: UUID) -> None:
        self._at_supervisor(partial(self._supervisor.taken.add, attempt))

    async def close(self) -> None:
        self._closing = True
        if not self._ended:
            self._ended = True
            if self._supervisor.client is self:
                self._supervisor.client = None
        await asyncio.sleep(0)

    async def _ask(self, request: Callable[[], T]) -> T:
        if self._ended or self._closing:
            raise SupervisorUnavailable("simulated: the connection has ended")
        answer: asyncio.Future[T] = self._supervisor.loop.create_future()
        self._waiting[answer] = None
        self._at_supervisor(partial(self._serve, request, answer))
        try:
            done, _ = await asyncio.wait({answer}, timeout=ANSWER_S)
            if not done:
                raise SupervisorUnavailable("simulated: no answer came")
            return answer.result()
        finally:
            self._waiting.pop(answer, None)

    def _serve(self, request: Callable[[], T], answer: asyncio.Future[T]) -> None:
        self._at_engine(_resolve, answer, request())

    def _at_supervisor(self, work: Callable[[], object]) -> None:
        """A message on its way; it is discarded if another engine has said hello, or the supervisor has died."""
        now = self._supervisor.loop.time()
        delay = self._supervisor.chance.random() * self._supervisor.behaviour.delay_s
        self._sent_at = max(self._sent_at + 1e-6, now + delay, self._supervisor.hangs_until)
        self._supervisor.loop.call_at(self._sent_at, self._arrive, work, context=self._world)

    def _arrive(self, work: Callable[[], object]) -> None:
        if self._supervisor.client is self and self._supervisor.alive:
            work()

    def _at_engine(self, callback: Callable[..., object], *args: object) -> None:
        now = self._supervisor.loop.time()
        delay = self._supervisor.chance.random() * self._supervisor.behaviour.delay_s
        self._told_at = max(self._told_at + 1e-6, now + delay)
        self._supervisor.loop.call_at(self._told_at, callback, *args, context=self._context)


def _resolve(future: asyncio.Future[T], answer: T) -> None:
    if not future.done():
        future.set_result(answer)


CONNECT_S = 20.0


async def connect(
    supervisor: SimulatedSupervisor, on_finished: Callable[[AttemptResult], None], on_lost: Callable[[], None]
) -> SimulatedClient:
    """As `SupervisorClient.connect`: starts a supervisor if there is none. Raises SupervisorUnavailable."""
    loop = supervisor.loop
    give_up = loop.time() + CONNECT_S
    while loop.time() < give_up:
        await asyncio.sleep(0.005 + supervisor.chance.random() * 0.1)
        if loop.time() < supervisor.hangs_until:
            continue
        if not supervisor.alive:
            supervisor.begin()
        client = SimulatedClient(supervisor, on_finished, on_lost)
        supervisor.hello(client)
        return client
    raise SupervisorUnavailable("simulated: the supervisor does not answer")
