"""An event loop whose time is a number, whose order of callbacks a seed decides, and whose programs can be killed.

Everything that a simulated program starts (tasks, timers, callbacks) inherits the program's number through the
context, so that killing it is simply never running another callback of it: no `finally`, no `except`, as `kill -9`.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import random
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")
PROGRAM: contextvars.ContextVar[int | None] = contextvars.ContextVar("program", default=None)
"""Which simulated program the running code belongs to; None: the world itself."""
TURN_S = 1e-6
"""What one turn of the loop takes: a program that asks again and again gets on in time, as it would in the world."""
Entry = tuple[asyncio.Handle, int | None]


class Deadlock(Exception):
    """Nothing is ready and nothing is scheduled: everybody waits for ever."""


class SimulatedTask(asyncio.Task[Any]):
    """A task whose place in a set does not depend on its address."""

    def __init__(self, coro: Any, serial: int, **kwargs: Any) -> None:
        self._serial = serial
        super().__init__(coro, **kwargs)

    def __hash__(self) -> int:
        return self._serial

    def __eq__(self, other: object) -> bool:
        return self is other


class SimulatedLoop(asyncio.BaseEventLoop):
    """Runs on one thread, opens no descriptor, and jumps to the next timer when nothing is ready."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._now = 0.0
        self._entries: deque[Entry] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle, int | None]] = []
        self._serials = count()
        self._tasks: list[SimulatedTask] = []
        self._stopped: dict[int, list[Entry]] = {}
        self._dead: set[int] = set()
        self._never_run: list[Entry] = []
        self._to_kill: dict[int, int] = {}
        self._on_killed: dict[int, Callable[[], None]] = {}
        self.set_task_factory(self._make_task)
        self.get_debug = bool  # type: ignore[method-assign]  # False without a call of Python: each handle asks

    # --- what asyncio asks of a loop

    def time(self) -> float:
        return self._now

    def call_soon(  # type: ignore[override]  # as many arguments as the callback takes, which typeshed alone can say
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        context = contextvars.copy_context() if context is None else context
        handle = asyncio.Handle(callback, args, self, context)
        self._entries.append((handle, context.get(PROGRAM)))
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # as above

    def call_at(  # type: ignore[override]  # as above
        self, when: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        context = contextvars.copy_context() if context is None else context
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._serials), handle, context.get(PROGRAM)))
        return handle

    def call_later(  # type: ignore[override]  # as above
        self, delay: float, callback: Callable[..., object], *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now + delay, callback, *args, context=context)

    def run_in_executor(  # type: ignore[override]  # typeshed calls the result a Future of asyncio's own loop type
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """As a thread would do it, a moment later; blocking work takes no simulated time of others."""
        future: asyncio.Future[T] = self.create_future()
        self.call_later(self._chance.random() * 0.01, _run_into, future, func, args)
        return future

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Coroutine[Any, Any, T] | Generator[Any, None, T], **kwargs: Any
    ) -> asyncio.Task[T]:
        task = SimulatedTask(coro, next(self._serials), loop=loop, **kwargs)
        self._tasks.append(task)
        return task

    def _run_once(self) -> None:
        self._now += TURN_S
        if not self._entries:
            self._jump()
        while self._timers and self._timers[0][0] <= self._now:
            _, _, timer, program = heapq.heappop(self._timers)
            self._entries.append((timer, program))
        ready = list(self._entries)
        self._entries.clear()
        if len(ready) > 1:
            self._chance.shuffle(ready)
        for handle, program in ready:
            if program is not None and not self._may_run(handle, program):
                continue
            if not handle.cancelled():
                handle._run()

    def _jump(self) -> None:
        while self._timers and (self._timers[0][2].cancelled() or self._timers[0][3] in self._dead):
            heapq.heappop(self._timers)
        if not self._timers:
            raise Deadlock("nothing is ready and nothing is scheduled")
        self._now = max(self._now, self._timers[0][0])

    def _may_run(self, handle: asyncio.Handle, program: int) -> bool:
        if program in self._dead:
            self._never_run.append((handle, program))
            return False
        if program in self._stopped:
            self._stopped[program].append((handle, program))
            return False
        if program in self._to_kill:
            self._to_kill[program] -= 1
            if self._to_kill[program] <= 0:
                self._never_run.append((handle, program))
                self.kill(program)
                return False
        return True

    # --- what the world does to programs

    def start_program(self, program: int, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run `work` as a program of its own."""
        context = contextvars.copy_context()
        context.run(PROGRAM.set, program)
        return self.create_task(work, context=context)

    def kill_after(self, program: int, callbacks: int, then: Callable[[], None]) -> None:
        """Kill a program when it has run so many more callbacks, that is at some await of it."""
        self._to_kill[program] = callbacks
        self._on_killed[program] = then

    def kill(self, program: int) -> None:
        """Not one more callback of the program runs."""
        self._to_kill.pop(program, None)
        if program not in self._dead:
            self._dead.add(program)
            self._never_run.extend(self._stopped.pop(program, []))
            self._on_killed.pop(program, lambda: None)()

    def spare(self, program: int) -> None:
        """Do not kill a program after all."""
        self._to_kill.pop(program, None)

    def freeze(self, program: int) -> None:
        """Stop a program (SIGSTOP): what becomes ready waits."""
        self._stopped.setdefault(program, [])

    def thaw(self, program: int) -> None:
        """Let a stopped program go on (SIGCONT)."""
        self._entries.extend(self._stopped.pop(program, []))

    def sweep_up(self) -> None:
        """At the very end: let every task that is left go through its `finally`, so that none is left to the collector.

        The world has to see that nothing of this has an effect.
        """
        self.set_exception_handler(lambda loop, context: None)
        self._dead.clear()
        self._to_kill.clear()
        self._entries.extend(self._never_run)
        for entries in self._stopped.values():
            self._entries.extend(entries)
        self._stopped.clear()
        for _ in range(50):
            left = [task for task in self._tasks if not task.done()]
            if not left:
                break
            self.run_until_complete(self._turns(3))  # each has begun, so that no coroutine is left unawaited
            for task in left:
                task.cancel()
            self.run_until_complete(self._turns(10))
        stuck = [task for task in self._tasks if not task.done()]
        if stuck:
            raise Deadlock(f"tasks that cannot be cancelled: {stuck}")
        for task in self._tasks:
            if not task.cancelled():
                task.exception()  # read, so that nobody complains that it was not
        self._tasks.clear()

    async def _turns(self, number: int) -> None:
        for _ in range(number):
            await asyncio.sleep(0)


def _run_into(future: asyncio.Future[T], func: Callable[..., T], args: tuple[Any, ...]) -> None:
    if future.cancelled():
        return
    try:
        result = func(*args)
    except Exception as error:  # noqa: BLE001 - whatever the work raised belongs to the waiter
        future.set_exception(error)
    else:
        future.set_result(result)
