"""The one thread of a process that writes: it commits whatever has queued up as one group."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from weakref import WeakSet

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.nesting import NestingGuard

GROUP_LIMIT = 64

T = TypeVar("T")
Work = Callable[[Transaction], Any]

_log = logging.getLogger(__name__)
_PATIENCE_S = 2.0
_writers: WeakSet[Writer] = WeakSet()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a piece of work: its result, committed; or its error, and nothing of it written."""

    result: Any = None
    error: BaseException | None = None


Commit = Callable[[Sequence[Work]], list[Outcome]]
"""Gives the outcome of each piece of work, in order, after whatever could be committed is committed."""


@dataclass(frozen=True, slots=True)
class _Submitted:
    work: Work
    future: Future[Any]

    def resolve(self, outcome: Outcome) -> None:
        if outcome.error is not None:
            self.future.set_exception(outcome.error)
        else:
            self.future.set_result(outcome.result)


class Writer:
    """Runs submitted work in order on its own thread.

    `committed` is called after each commit, `afterwards` once the waiters have their answers too.
    """

    def __init__(
        self, commit: Commit, nesting: NestingGuard, committed: Callable[[], None],
        afterwards: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        self._commit_group = commit
        self._nesting = nesting
        self._committed = committed
        self._afterwards = afterwards
        self._queue: SimpleQueue[_Submitted | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()
        _writers.add(self)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        """See `contract.Store.submit`."""
        self._nesting.check()
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()  # a waiter that is cancelled cannot take the work back
        with self._lock:
            if not self._closed:
                self._queue.put(_Submitted(work, future))
                return future
        future.set_exception(StoreUnavailable("the store is closed"))
        return future

    def write(self, work: Callable[[Transaction], T]) -> T:
        """See `contract.Store.write`."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("the thread that commits cannot wait for a commit")
        return self.submit(work).result()

    @contextmanager
    def between_writes(self) -> Iterator[None]:
        """See `between_writes`."""
        has_it = self._writing.acquire(timeout=_PATIENCE_S)
        try:
            yield
        finally:
            if has_it:
                self._writing.release()

    def close(self) -> None:
        """Finish what was submitted and end the thread."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            group, ended = self._next_group()
            if group:
                self._commit_surely(group)

    def _next_group(self) -> tuple[list[_Submitted], bool]:
        """Wait for work, then take all there is; and whether it was the last."""
        item = self._queue.get()
        group: list[_Submitted] = []
        while item is not None:
            group.append(item)
            if len(group) == GROUP_LIMIT:
                return group, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return group, False
        return group, True

    def _commit_surely(self, group: list[_Submitted]) -> None:
        try:
            self._commit(group)
        except BaseException as error:  # noqa: BLE001 a dead thread would leave every waiter, now and later, hanging
            _log.exception("the store's writer failed")
            for submitted in group:
                if not submitted.future.done():
                    submitted.future.set_exception(error)

    def _commit(self, group: list[_Submitted]) -> None:
        sync_point("store.submitted")
        with self._writing:
            outcomes = self._commit_group([submitted.work for submitted in group])
        sync_point("store.committed")
        for submitted, outcome in zip(group, outcomes, strict=True):
            submitted.resolve(outcome)
        if any(outcome.error is None for outcome in outcomes):
            self._committed()
        sync_point("store.answered")
        self._afterwards()


@contextmanager
def between_writes() -> Iterator[None]:
    """Meanwhile no writer of this process is inside a transaction, for somebody who is about to stop the process.

    A writer that itself waits for another process is not waited for: it holds no lock.
    """
    with ExitStack() as stack:
        for writer in tuple(_writers):
            stack.enter_context(writer.between_writes())
        yield
