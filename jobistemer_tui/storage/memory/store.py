"""A store in this process: each piece of work runs at once, in the caller's thread, under one lock."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar
from uuid import UUID

from jobistemer_tui.domain.identity import new_store_id
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Capabilities, Reader, Transaction
from jobistemer_tui.storage.listeners import Listeners
from jobistemer_tui.storage.memory.rows import MemoryRows
from jobistemer_tui.storage.nesting import LockedGuard
from jobistemer_tui.storage.row_transaction import RowReader, RowTransaction

T = TypeVar("T")


class MemoryStore:
    """See `contract.Store`. `rows` are where it keeps what it holds, empty at first."""

    def __init__(self, rows: MemoryRows | None = None) -> None:
        self._id = new_store_id()
        self._rows = MemoryRows() if rows is None else rows
        self._alone = LockedGuard()
        self._listeners = Listeners()
        self._commits = 0
        self._closed = False

    @property
    def id(self) -> UUID:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(processes=False, durable=False, many_engines=False)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        self._alone.check()
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(self.write(work))
        except BaseException as error:  # noqa: BLE001 whatever the work raised belongs to the waiter
            future.set_exception(error)
        return future

    def write(self, work: Callable[[Transaction], T]) -> T:
        with self._alone:
            self._check_open()
            result = self._commit(work)
        self._listeners.call()
        return result

    def read(self, work: Callable[[Reader], T]) -> T:
        with self._alone:
            self._check_open()
            return work(RowReader(self._rows))

    def change_token(self) -> int:
        self._check_open()
        return self._commits

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    def check(self, *, thorough: bool) -> None:
        self._check_open()

    def files_are_ours(self) -> bool:
        return True

    def close(self) -> None:
        with self._alone:
            self._closed = True

    def _commit(self, work: Callable[[Transaction], T]) -> T:
        transaction = RowTransaction(self._rows)
        self._rows.begin()
        try:
            result = work(transaction)
            if transaction.failure is not None:
                raise transaction.failure
        except BaseException:
            self._rows.rollback()
            raise
        finally:
            transaction.finish()
        self._commits += self._rows.changed
        return result

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")
