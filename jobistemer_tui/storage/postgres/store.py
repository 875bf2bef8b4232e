"""A store in one schema of a PostgreSQL database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import psycopg

from jobistemer_tui.domain.instants import from_microseconds
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Capabilities, Reader, Transaction
from jobistemer_tui.storage.listeners import Listeners
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.postgres.address import Address, address_of
from jobistemer_tui.storage.postgres.connect import Connection, connect, refuse_transaction_pooling
from jobistemer_tui.storage.postgres.failures import store_error
from jobistemer_tui.storage.postgres.group_commit import GroupCommit
from jobistemer_tui.storage.postgres.own_commits import OwnCommits
from jobistemer_tui.storage.postgres.presence import PostgresPresence, alive_nodes
from jobistemer_tui.storage.postgres.readers import Readers
from jobistemer_tui.storage.postgres.schema import ensure_schema, store_id
from jobistemer_tui.storage.postgres.transaction import PostgresReader
from jobistemer_tui.storage.postgres.watcher import Watcher
from jobistemer_tui.storage.writer import Writer

T = TypeVar("T")


class PostgresStore:
    """See `contract.Store`. Open it with `PostgresStore.open`."""

    def __init__(self, address: Address, connection: Connection, id: UUID) -> None:
        self._address = address
        self._id = id
        self._readers = Readers(address)
        self._nesting = NestingGuard()
        self._listeners = Listeners()
        self._others = Listeners()
        self._own = OwnCommits()
        self._commits = GroupCommit(connection, address, self._nesting, self._own)
        self._writer = Writer(self._commits.commit, self._nesting, self._listeners.call)
        self._watching = threading.Lock()
        self._watcher: Watcher | None = None
        self._closed = False

    @classmethod
    def open(cls, url: str, *, as_is: bool = False) -> PostgresStore:
        """Open the store that a URL names, making its tables if they are not there; `as_is`: see `open_store`.

        Raises UsageError, StoreTooNew and StoreUnavailable.
        """
        address = address_of(url, to_look=as_is)
        connection = connect(address)
        try:
            refuse_transaction_pooling(connection, address)
            ensure_schema(connection, address, as_is=as_is)
            return cls(address, connection, store_id(connection))
        except psycopg.Error as error:
            connection.close()
            raise store_error(error) from error
        except BaseException:
            connection.close()
            raise

    def __str__(self) -> str:
        return self._address.shown

    @property
    def id(self) -> UUID:
        return self._id

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(processes=True, durable=True, many_engines=True)

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        return self._writer.submit(work)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self._writer.write(work)

    def read(self, work: Callable[[Reader], T]) -> T:
        self._nesting.check()
        with self._readers.snapshot() as connection, self._nesting.inside():
            return work(PostgresReader(connection))

    def change_token(self) -> int:
        row = self._readers.ask("SELECT commits FROM store")
        return 0 if row is None else int(row[0])

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Others' commits are told too, within a second."""
        self._watch()
        return self._listeners.add(listener)

    def on_others_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        """See `presence.SharedStore`."""
        self._watch()
        return self._others.add(listener)

    def join(self, node_id: UUID) -> PostgresPresence:
        """See `presence.SharedStore`."""
        return PostgresPresence(self._address, self._id, node_id)

    def alive(self, nodes: Iterable[UUID]) -> frozenset[UUID]:
        """See `presence.SharedStore`."""
        self._nesting.check()
        with self._readers.snapshot() as connection:
            return alive_nodes(connection, self._id, nodes)

    def _watch(self) -> None:
        with self._watching:
            if self._watcher is None and not self._closed:
                self._watcher = Watcher(self._address, self._own, self._tell_of_others)

    def _tell_of_others(self) -> None:
        self._listeners.call()
        self._others.call()

    def check(self, *, thorough: bool) -> None:
        """The server looks after its own pages; what is looked at is whether the schema is still this store's."""
        self._nesting.check()
        if not self.files_are_ours():
            raise StoreUnavailable(f"{self._address.shown} holds another store now", hint="restore it from a backup")

    def files_are_ours(self) -> bool:
        """Whether the schema holds the store that was opened: somebody may have dropped or replaced it."""
        row = self._readers.ask("SELECT id FROM store")
        return row is not None and UUID(bytes=row[0]) == self._id

    def server_time(self) -> datetime:
        """See `store_clock.TimedStore`."""
        row = self._readers.ask("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
        if row is None:
            raise StoreUnavailable(f"{self._address.shown} did not say what time it is")
        return from_microseconds(row[0])

    def close(self) -> None:
        self._writer.close()
        with self._watching:
            self._closed = True
            watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.close()
        self._readers.close()
        self._commits.close()
