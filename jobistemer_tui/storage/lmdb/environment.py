"""One LMDB environment for each file and process, shared by all of its stores, whose map grows as it must.

A second environment over one file would share the first one's locks, and its closing would drop them; one that is
used after a fork would be two processes with one slot in the table of readers
(http://www.lmdb.tech/doc/, "Caveats"). The map may be resized only while no transaction of the process is under way.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import lmdb

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.embedded import damaged

T = TypeVar("T")

FIRST_MAP_BYTES = 1024 * 1024 * 1024
"""The map is address space, not memory or disk: only pages that are used take up any."""
_MAX_READERS = 1024
_MODE = 0o600
_ADOPT = 0
"""As a size: the one that another process has made of it."""


class Environment:
    """An open file; get it with `open_environment` and give it back with `release`."""

    def __init__(self, path: Path, opened: lmdb.Environment) -> None:
        self.path = path
        self.uses = 1
        self._lmdb = opened
        self._pid = os.getpid()
        self._changed = threading.Condition()
        self._inside = 0
        self._resizing = False
        self._ending = False

    @property
    def last_transaction(self) -> int:
        """The number of the last commit by any process."""
        with self._use() as opened:
            return opened.info()["last_txnid"]

    @property
    def used_bytes(self) -> int:
        """How long the file is at least, if it is whole."""
        with self._use() as opened:
            return (opened.info()["last_pgno"] + 1) * opened.stat()["psize"]

    def read(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Run `work` over one state. Raises lmdb.Error."""
        with self._transaction(write=False) as transaction:
            return work(transaction)

    def write(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Run `work`, more than once if the map has to grow, and commit it. Raises lmdb.Error."""
        while True:
            with self._use() as opened:
                size = opened.info()["map_size"]
                opened.reader_check()  # what a killed reader saw is kept, and the file grows with each commit
            try:
                with self._transaction(write=True) as transaction:
                    result = work(transaction)
                    transaction.commit()
                    return result
            except lmdb.MapFullError:
                self._resize(size * 2, unless_above=size)

    def hold_still(self, work: Callable[[lmdb.Transaction[bytes]], T]) -> T:
        """Run `work` while nobody writes; what it writes is thrown away. Raises lmdb.Error."""
        with self._transaction(write=True) as transaction:
            return work(transaction)

    def nested(self, parent: lmdb.Transaction[bytes]) -> lmdb.Transaction[bytes]:
        """A transaction within one, that can be undone alone."""
        return self._lmdb.begin(write=True, parent=parent)

    def backup(self, target: Path) -> None:
        """Write a consistent, compact copy, while others read and write. Raises lmdb.Error."""
        with self._use() as opened:
            opened.copy(str(target), compact=True)

    def end(self) -> None:
        """Close it as soon as nobody is in a transaction."""
        with self._changed:
            self._ending = True
            if self._inside == 0:
                self._lmdb.close()

    def revive(self) -> bool:
        """Use it again, although it was to end; False if it is closed."""
        with self._changed:
            closed = self._ending and self._inside == 0
            self._ending = closed
            return not closed

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[lmdb.Transaction[bytes]]:
        with self._use_until_it_begins(write=write) as transaction:
            try:
                yield transaction
            finally:
                transaction.abort()  # harmless after a commit

    @contextmanager
    def _use_until_it_begins(self, *, write: bool) -> Iterator[lmdb.Transaction[bytes]]:
        """A transaction, once what other processes did to the map and the table of readers is dealt with."""
        cleared = False
        while True:
            with self._use() as opened:
                try:
                    transaction = opened.begin(write=write)
                except lmdb.MapResizedError:
                    pass
                except lmdb.ReadersFullError:
                    if cleared:
                        raise
                    opened.reader_check()  # frees what killed processes have left
                    cleared = True
                    continue
                else:
                    yield transaction
                    return
            self._resize(_ADOPT)

    @contextmanager
    def _use(self) -> Iterator[lmdb.Environment]:
        """Keep the map as it is meanwhile. Raises StoreUnavailable in a process that was forked from ours."""
        if os.getpid() != self._pid:
            raise StoreUnavailable("the store was opened before this process was forked", hint="open it after a fork")
        with self._changed:
            self._changed.wait_for(lambda: not self._resizing)
            self._inside += 1
        try:
            yield self._lmdb
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()
                if self._ending and self._inside == 0:
                    self._lmdb.close()

    def _resize(self, size: int, *, unless_above: int | None = None) -> None:
        """Set the map's size, once nobody is in a transaction; not if somebody was faster."""
        with self._changed:
            self._changed.wait_for(lambda: not self._resizing)
            self._resizing = True
            try:
                self._changed.wait_for(lambda: self._inside == 0)
                if unless_above is None or self._lmdb.info()["map_size"] <= unless_above:
                    self._lmdb.reader_check()
                    self._lmdb.set_mapsize(size)
            finally:
                self._resizing = False
                self._changed.notify_all()


_lock = threading.Lock()
_open: dict[tuple[int, int], Environment] = {}
"""By device and inode. A closed one stays until another file has its number; the number of an open one is its own."""


def open_environment(path: Path) -> Environment:
    """The environment of a file, which is made if it is not there. Raises lmdb.Error, OSError and StoreUnavailable."""
    with _lock:
        known = _open.get(_identity(path)) if path.exists() else None
        if known is not None and known.revive():
            known.uses += 1
            return known
        opened = lmdb.open(
            str(path), map_size=FIRST_MAP_BYTES, subdir=False, mode=_MODE, max_readers=_MAX_READERS, lib_version=0
        )
        opened.reader_check()
        environment = Environment(path, opened)
        _refuse_cut_short(environment)
        _open[_identity(path)] = environment
        return environment


def release(environment: Environment) -> None:
    """Give back one use; the last one closes it."""
    with _lock:
        environment.uses -= 1
        if environment.uses == 0:
            environment.end()


def _refuse_cut_short(environment: Environment) -> None:
    """Reading a page behind the end of its file would kill this process (SIGBUS)."""
    if os.stat(environment.path).st_size < environment.used_bytes:
        environment.end()
        raise damaged(environment.path, "it is shorter than it was")


def _identity(path: Path) -> tuple[int, int]:
    status = os.stat(path)
    return status.st_dev, status.st_ino
