"""The real `Node` in a simulated world: what it reaches of the machine is replaced where the node's module names it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Notification
from jobistemer_tui.engine import file_changes, handed_on, host, liveness, reloader, resting, takeover
from jobistemer_tui.engine import node as node_module
from jobistemer_tui.engine.outbox import sender
from jobistemer_tui.engine.supervisor_client import AttemptResult
from jobistemer_tui.engine.transactions.outbox import Answer
from jobistemer_tui.errors import AlreadyServed
from tests.support.simulated_jobs import SimulatedFiles
from tests.support.simulated_loop import PROGRAM
from tests.support.simulated_supervisor import SimulatedClient, SimulatedSupervisor, connect

T = TypeVar("T")

Wake = Callable[[], None]


class SimulatedLock:
    """Implements `EngineLock` for one program, over one file of that name."""

    def __init__(self, table: LockTable, program: int) -> None:
        self._table = table
        self.program = program

    def is_ours(self) -> bool:
        return self._table.held is self

    def release(self) -> None:
        self._table.release(self.program)


class LockTable:
    """Who holds the engine lock: the kernel drops it at the holder's death, and a file that is replaced has no holder.

    `on_free` is called when the lock at the path becomes free, however that came.
    """

    def __init__(self) -> None:
        self.held: SimulatedLock | None = None
        self.on_free: Wake = lambda: None

    def acquire(self, program: int) -> SimulatedLock:
        """Raises AlreadyServed."""
        if self.held is not None:
            raise AlreadyServed("simulated: another engine serves this store")
        self.held = SimulatedLock(self, program)
        return self.held

    def release(self, program: int) -> None:
        """Let go, if the program holds the lock at the path."""
        if self.held is not None and self.held.program == program:
            self.replace()

    def replace(self) -> None:
        """Somebody removes the file: whoever holds it goes on and does not know yet."""
        self.held = None
        self.on_free()


class SimulatedWatch:
    """Implements the iterator of `watch`: a turn at first, one for each change of files, and one when `again` says."""

    def __init__(self, changed: asyncio.Event, clock: Clock, again: Callable[[], timedelta]) -> None:
        self._changed = changed
        self._clock = clock
        self._again = again
        changed.set()

    def __aiter__(self) -> SimulatedWatch:
        return self

    async def __anext__(self) -> None:
        await self._clock.wait(self._changed, self._clock.now() + self._again())
        self._changed.clear()


class Machine:
    """What the programs of a world share, besides the store."""

    def __init__(self, supervisor: SimulatedSupervisor, chance: random.Random) -> None:
        self.supervisor = supervisor
        self.files = SimulatedFiles()
        self.locks = LockTable()
        self._chance = chance
        self.on_delivery: Callable[[UUID, bool], None] = lambda notification, arrived: None
        self.refuses = 0.0
        self.boots = 1
        self._pokes: dict[int, Wake] = {}
        self._watches: dict[int, asyncio.Event] = {}

    def poke(self) -> None:
        """Tell the engine that the store has changed."""
        for wake in self._pokes.values():
            wake()

    def touch_files(self) -> None:
        """Let the engine notice that files have changed."""
        for changed in self._watches.values():
            changed.set()

    async def deliver(self, row: Notification, *_: object) -> Answer:
        """A receiver that takes a while, and may refuse."""
        self.on_delivery(row.id, False)
        await asyncio.sleep(self._chance.random() * 2.0)
        if self._chance.random() < self.refuses:
            return Answer("refused")
        self.on_delivery(row.id, True)
        return Answer()

    def _boot_id(self) -> str:
        return f"boot {self.boots}"

    def forget(self, program: int) -> None:
        """A program has ended, however it did."""
        self._pokes.pop(program, None)
        self._watches.pop(program, None)
        self.locks.release(program)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Nodes that are made meanwhile live on this machine."""
        machine = self

        class Lock:
            @staticmethod
            def acquire(nodes_dir: Path, owner: object) -> SimulatedLock:
                return machine.locks.acquire(running_program())

        class Client:
            @staticmethod
            def connect(
                *, on_finished: Callable[[AttemptResult], None], on_lost: Wake, **_: Any
            ) -> Awaitable[SimulatedClient]:
                return connect(machine.supervisor, on_finished, on_lost)

        class Listener:
            def __init__(self, nodes_dir: Path, wake: Wake) -> None:
                self._program = running_program()
                machine._pokes[self._program] = wake

            def close(self) -> None:
                machine._pokes.pop(self._program, None)

        def watch(*_: object, clock: Clock, again: Callable[[], timedelta], **__: object) -> SimulatedWatch:
            return SimulatedWatch(machine._watches.setdefault(running_program(), asyncio.Event()), clock, again)

        def watched_files(*_: object) -> SimulatedFiles:
            return machine.files

        def new_incarnation() -> UUID:
            return UUID(int=machine._chance.getrandbits(128), version=4)

        names = {
            "EngineLock": Lock, "SupervisorClient": Client, "PokeListener": Listener, "watch": watch,
            "WatchedFiles": watched_files,
        }  # fmt: skip
        with ExitStack() as stack:
            for name, value in names.items():
                stack.enter_context(patch.object(node_module, name, value))
            # What a month of a job that runs every few seconds would be is no part of what is simulated.
            stack.enter_context(patch.object(file_changes, "STEPS", 10))
            for module in (reloader, resting):
                stack.enter_context(patch.object(module, "on_own_thread", on_simulated_thread))
            stack.enter_context(patch.object(sender, "deliver", self.deliver))
            stack.enter_context(patch.object(handed_on, "_content", self.supervisor.written.content))
            stack.enter_context(patch.object(identity, "new_incarnation", new_incarnation))
            stack.enter_context(patch.object(host, "boot_id", self._boot_id))
            stack.enter_context(patch.object(takeover, "boot_id", self._boot_id))
            stack.enter_context(patch.object(liveness, "machine_id", lambda: "simulated"))
            yield


async def on_simulated_thread(work: Callable[[], T], _: str) -> T:
    """What the loop does as a thread would."""
    return await asyncio.to_thread(work)


def running_program() -> int:
    """The number of the simulated program whose code runs now."""
    program = PROGRAM.get()
    assert program is not None, "no simulated program runs"
    return program
