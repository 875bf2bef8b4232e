"""One checkpoint at a time, over all processes: an flock on `<database>.checkpoint`.

SQLite before 3.51.3 may corrupt the database when two connections checkpoint at once (the WAL-reset bug). The lock
file is never removed; each holder opens it anew, so that threads of one process exclude each other too.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def lock_path(database: Path) -> Path:
    """The lock file that belongs to a database."""
    return database.with_name(f"{database.name}.checkpoint")


@contextmanager
def checkpoint_lock(database: Path) -> Iterator[None]:
    """Hold the lock, waiting for it. Raises OSError if the lock file cannot be opened."""
    descriptor = _open(database)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def checkpoint_lock_if_free(database: Path) -> Iterator[bool]:
    """The same without waiting; gives whether it is held."""
    descriptor = _open(database)
    try:
        yield _taken(descriptor)
    finally:
        os.close(descriptor)


def _open(database: Path) -> int:
    return os.open(lock_path(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
