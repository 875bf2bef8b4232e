"""A store in one SQLite database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.storage.contract import Capabilities, Reader, Transaction
from jobistemer_tui.storage.embedded import damaged, folder_error, for_a_reader, refuse_emptied
from jobistemer_tui.storage.file_system import refuse_network
from jobistemer_tui.storage.listeners import Listeners
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.ownership import files_are_ours
from jobistemer_tui.storage.sqlite.connect import connect, disconnect
from jobistemer_tui.storage.sqlite.failures import opening_error
from jobistemer_tui.storage.sqlite.readers import Readers
from jobistemer_tui.storage.sqlite.schema import ensure_schema, store_id
from jobistemer_tui.storage.sqlite.transaction import SqliteReader

if TYPE_CHECKING:
    from jobistemer_tui.storage.sqlite import damage, writing
    from jobistemer_tui.storage.writer import Writer
else:
    damage = deferred("jobistemer_tui.storage.sqlite.damage")
    writing = deferred("jobistemer_tui.storage.sqlite.writing")

T = TypeVar("T")


class SqliteStore:
    """See `contract.Store`. Open it with `SqliteStore.open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection, id: UUID) -> None:
        self._path = path
        self._id = id
        self._connection = connection
        self._readers = Readers(path)
        self._nesting = NestingGuard()
        self._listeners = Listeners()
        self._making_writer = Lock()
        self._made_writer: Writer | None = None

    @classmethod
    def open(cls, path: Path, *, as_is: bool = False) -> SqliteStore:
        """Open the database at `path`, making it and its folder if they are not there; `as_is`: see `open_store`.

        Raises HomeNotWritable, NetworkFileSystem, StoreTooNew, StoreFull and StoreUnavailable.
        """
        path = path.resolve()
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            refuse_network(path.parent)
            refuse_emptied(path)
            return cls(path, *_open(path, as_is=as_is))
        except OSError as error:
            meant = folder_error(error, path)
            raise (for_a_reader(meant, path) if as_is else meant) from error
        except sqlite3.Error as error:
            meant = opening_error(error, path)
            raise (for_a_reader(meant, path) if as_is else meant) from error
        except (ValueError, TypeError) as error:
            raise damaged(path, error) from error

    @property
    def _writer(self) -> Writer:
        """Made when it is first needed: what only reads has no use for its thread and the modules that it takes."""
        with self._making_writer:
            if self._made_writer is None:
                self._made_writer = writing.start_writer(
                    self._connection, self._path, self._nesting, self._listeners.call
                )
            return self._made_writer

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
        with self._readers.snapshot() as connection, self._nesting.inside():
            return work(SqliteReader(connection))

    def change_token(self) -> int:
        return self._readers.data_version()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._listeners.add(listener)

    def check(self, *, thorough: bool) -> None:
        self._nesting.check()
        with self._readers.snapshot() as connection, self._nesting.inside():
            damage.find_damage(connection, self._path, thorough=thorough)

    def files_are_ours(self) -> bool:
        return files_are_ours(self._path, Path(f"{self._path}-wal"))

    def close(self) -> None:
        self._writer.close()  # which makes it, if need be, so that nobody can any more
        self._readers.close()
        disconnect(self._path, [self._connection])


def _open(path: Path, *, as_is: bool) -> tuple[sqlite3.Connection, UUID]:
    connection = connect(path)
    try:
        ensure_schema(connection, path, as_is=as_is)
        return connection, store_id(connection)
    except BaseException:
        disconnect(path, [connection])
        raise
