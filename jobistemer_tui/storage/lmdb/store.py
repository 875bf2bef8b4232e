"""A store in one LMDB file."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import lmdb

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Capabilities, Reader, Transaction
from jobistemer_tui.storage.embedded import damaged, folder_error, refuse_emptied
from jobistemer_tui.storage.file_system import refuse_network
from jobistemer_tui.storage.listeners import Listeners
from jobistemer_tui.storage.lmdb.damage import find_damage
from jobistemer_tui.storage.lmdb.environment import Environment, open_environment, release
from jobistemer_tui.storage.lmdb.failures import opening_error, store_error_at
from jobistemer_tui.storage.lmdb.group_commit import GroupCommit
from jobistemer_tui.storage.lmdb.layout import is_current, make_current, refuse_changed, store_id
from jobistemer_tui.storage.lmdb.rows import LmdbRows
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.ownership import files_are_ours
from jobistemer_tui.storage.read_only import not_as_is
from jobistemer_tui.storage.row_transaction import RowReader
from jobistemer_tui.storage.writer import Writer

T = TypeVar("T")


class LmdbStore:
    """See `contract.Store`. Open it with `LmdbStore.open`."""

    def __init__(self, environment: Environment, id: UUID) -> None:
        self._environment = environment
        self._id = id
        self._nesting = NestingGuard()
        self._listeners = Listeners()
        self._closed = False
        commit = GroupCommit(environment, self._nesting).commit
        self._writer = Writer(commit, self._nesting, self._listeners.call)

    @classmethod
    def open(cls, path: Path, *, as_is: bool = False) -> LmdbStore:
        """Open the file at `path`, making it, its folder and `path`-lock if they are not there; `as_is`: see
        `open_store`.

        Raises HomeNotWritable, NetworkFileSystem, StoreTooNew, StoreFull and StoreUnavailable.
        """
        path = path.resolve()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_network(path.parent)
            refuse_emptied(path)
            return cls(*_open(path, as_is=as_is))
        except OSError as error:
            raise folder_error(error, path) from error
        except lmdb.Error as error:
            raise opening_error(error, path) from error
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(path, error) from error

    @property
    def id(self) -> UUID:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(processes=True, durable=True, many_engines=False)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        return self._writer.submit(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._writer.write(work)

    def read(self, work: Callable[[Reader], T]) -> T:
        self._nesting.check()

        def run(transaction: lmdb.Transaction[bytes]) -> T:
            refuse_changed(transaction, self._environment.path)
            with self._nesting.inside():
                return work(RowReader(LmdbRows(transaction)))

        return self._ask(lambda: self._environment.read(run))

    def change_token(self) -> int:
        return self._ask(lambda: self._environment.last_transaction)

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    def check(self, *, thorough: bool) -> None:
        self._nesting.check()
        self._ask(lambda: find_damage(self._environment, thorough=thorough))

    def files_are_ours(self) -> bool:
        path = self._environment.path
        return files_are_ours(path, path.with_name(f"{path.name}-lock"))

    def close(self) -> None:
        self._writer.close()
        if not self._closed:
            self._closed = True
            release(self._environment)

    def _ask(self, question: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        try:
            return question()
        except lmdb.Error as error:
            raise store_error_at(error, self._environment.path) from error


def _open(path: Path, *, as_is: bool) -> tuple[Environment, UUID]:
    environment = open_environment(path)
    try:
        if not environment.read(is_current):
            if as_is:
                raise not_as_is(path)
            environment.write(lambda transaction: make_current(transaction, path))
        return environment, environment.read(store_id)
    except BaseException:
        release(environment)
        raise
