"""The store as a coroutine sees it: nothing commits on the event loop, and a full disk is waited out."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from itertools import islice, takewhile
from typing import Any, NamedTuple, TypeVar

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.histogram import DELAY_BOUNDS, observed
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.errors import StoreDamaged, StoreFull, StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Store, Transaction

K = TypeVar("K")
T = TypeVar("T")
log = logging.getLogger(__name__)
RETRY_S = 1.0
MOVED_TRIES = 5
TOGETHER = 128
"""So many of the transactions of one kind are on their way at most: whatever else is written waits behind them."""


class _Answered(NamedTuple):
    """The answer to a piece of work, whoever waits for it, and when the work was submitted."""

    waiting: asyncio.Future[Any]
    done: Future[Any]
    began: float


class StoreCalls:
    """Awaitable reads and writes of one store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.trouble: str | None = None
        """Why the store takes no writes at present, for the person; None if it does."""
        self.damage: StoreDamaged | None = None
        """What was found to be damaged: then nothing of the store is to be trusted any more."""
        self.on_damage: Callable[[], None] = lambda: None
        self.write_seconds: Detail = {}
        """Histogram (`DELAY_BOUNDS`) of what transactions took, their wait for others included."""
        self.on_full: Callable[[], bool] = lambda: False
        """Makes room for what has to be written on a full disk; True if that may have helped."""
        self.is_patient: Callable[[], bool] = lambda: True
        """Whether a write that the store does not take is worth another try."""
        self._answered: deque[_Answered] = deque()
        self._is_called = False

    def read(self, work: Callable[[Reader], T]) -> T:
        """A short read, on the caller's thread."""
        return self._store.read(work)

    async def read_long(self, work: Callable[[Reader], T]) -> T:
        """A read that may take long, on a thread of its own."""
        return await asyncio.to_thread(self._store.read, work)

    def submit(self, work: Callable[[Transaction], T]) -> asyncio.Future[T]:
        """One transaction, on its way when this returns; the wait for its answer may be cancelled, the transaction not.

        The answer is the result, or whatever the store raises.
        """
        loop, began = asyncio.get_running_loop(), self._clock.read().monotonic
        answer: asyncio.Future[T] = loop.create_future()
        self._store.submit(work).add_done_callback(lambda done: self._bring(loop, _Answered(answer, done, began)))
        return answer

    async def try_write(self, work: Callable[[Transaction], T]) -> T:
        """`submit`, and wait for the answer."""
        return await self.submit(work)

    def _bring(self, loop: asyncio.AbstractEventLoop, answered: _Answered) -> None:
        """On the thread that commits: let the loop know, once for all that is answered until it looks."""
        self._answered.append(answered)
        if not self._is_called:
            self._is_called = True
            try:
                loop.call_soon_threadsafe(self._take_answers)
            except RuntimeError:  # the loop has ended, and with it whoever waited
                self._answered.clear()
                self._is_called = False

    def _take_answers(self) -> None:
        self._is_called = False  # before the first is taken: what comes from now on calls again
        now = self._clock.read().monotonic
        while self._answered:
            answer, done, began = self._answered.popleft()
            if answer.cancelled():
                continue
            error = done.exception()
            if error is not None:
                answer.set_exception(error)
            else:
                self.write_seconds = observed(self.write_seconds, now - began, DELAY_BOUNDS)
                answer.set_result(done.result())

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """One transaction that has to be written: repeated until the store takes it or is damaged, while `is_patient`.

        A guarded write that found another state (Moved) is repeated too, at most MOVED_TRIES times.
        """
        moved = 0
        while True:
            try:
                result = await self.try_write(work)
            except StoreUnavailable as error:
                self.complain(error)
                if isinstance(error, StoreDamaged) or not self.is_patient():
                    raise
                if isinstance(error, StoreFull) and self.on_full():
                    continue
                await self._clock.wait(asyncio.Event(), self._clock.now() + timedelta(seconds=RETRY_S))
            except Moved:
                moved += 1
                if moved >= MOVED_TRIES:
                    raise
            else:
                self.trouble = None
                return result

    async def write_each(
        self,
        keys: Iterable[K],
        work: Callable[[K], Callable[[Transaction], T]],
        follow: Callable[[T], object],
        complain: Callable[[K, Exception], object],
    ) -> None:
        """One transaction for each key, so many together that they commit in groups; a bad one stops no other.

        In their order each result is given to `follow` while the next group is being written, each error to
        `complain`. Once the store takes no writes nothing more is submitted, as each group might wait for it as long
        again; that is raised when all that was committed has been followed.
        """
        trouble: StoreUnavailable | None = None
        untroubled = takewhile(lambda _: trouble is None, keys)
        for key, answer in self._submit_each(untroubled, work):
            try:
                result = await answer
            except StoreUnavailable as error:
                trouble = error
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one must not stop the others
                complain(key, error)
            else:
                follow(result)
        if trouble is not None:
            raise trouble

    def _submit_each(
        self, keys: Iterable[K], work: Callable[[K], Callable[[Transaction], T]]
    ) -> Iterator[tuple[K, asyncio.Future[T]]]:
        """Submit half of TOGETHER whenever no more than that are on their way: the store always has a whole group."""
        rest, ahead = iter(keys), deque[tuple[K, asyncio.Future[T]]]()
        half = TOGETHER // 2
        while True:
            while len(ahead) <= half or ahead[-half - 1][1].done():  # they are answered in order
                some = [(key, self.submit(work(key))) for key in islice(rest, half)]
                if not some:
                    break
                ahead.extend(some)
            if not ahead:
                return
            yield ahead.popleft()

    def complain(self, error: StoreUnavailable) -> None:
        """Log that the store takes no writes, once until it does again; one that is damaged never will."""
        if self.trouble is None:
            log.error("the store takes no writes: %s", error)
        self.trouble = error.message
        if isinstance(error, StoreDamaged) and self.damage is None:
            self.damage = error
            self.on_damage()
