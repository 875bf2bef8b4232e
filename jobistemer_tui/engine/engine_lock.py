"""One engine per embedded store: an flock(2) on `engine.lock` beside the database, held for life.

The kernel drops the lock at the holder's death, so it is evidence and never goes stale. The file's text only
says who holds it.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from datetime import datetime
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.instants import instant_text, parse_instant
from jobistemer_tui.errors import AlreadyServed, HomeNotWritable
from jobistemer_tui.settings.quick_dataclass import dataclass

LOCK_NAME = "engine.lock"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class EngineOwner:
    """Who serves a store: process, host, incarnation, since when (UTC), and over which files and folders."""

    pid: int
    host: str
    node_id: UUID
    started_at: datetime
    roots: tuple[str, ...] = ()


class EngineLock:
    """The lock, once acquired."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, nodes_dir: Path, owner: EngineOwner) -> EngineLock:
        """Take the lock of a store. Raises AlreadyServed, HomeNotWritable.

        The descriptor's inode must still be the path's when the lock is held: else the file was replaced
        meanwhile, and the lock of a file without a name proves nothing.
        """
        path = nodes_dir / LOCK_NAME
        while True:
            try:
                descriptor = os.open(path, _FLAGS, 0o600)
            except OSError as error:
                raise HomeNotWritable(f"cannot make {path}: {error.strerror}") from error
            lock = cls(path, descriptor)
            if not _try_lock(descriptor):
                os.close(descriptor)
                raise _already_served(path)
            if lock.is_ours():
                lock.tell(owner)
                return lock
            os.close(descriptor)

    def is_ours(self) -> bool:
        """Whether the path still names the file we hold; if not, another engine may already have it."""
        try:
            held, named = os.fstat(self._descriptor), os.stat(self._path, follow_symlinks=False)
        except OSError:
            return False
        return (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)

    def release(self) -> None:
        """Let go; the file stays, so that a missing lock file is never evidence."""
        os.close(self._descriptor)

    def tell(self, owner: EngineOwner) -> None:
        """Write who holds it."""
        text = json.dumps(
            {
                "pid": owner.pid,
                "host": owner.host,
                "node": str(owner.node_id),
                "started_at": instant_text(owner.started_at),
                "roots": owner.roots,
            }
        )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)


def serving_engine(nodes_dir: Path) -> EngineOwner | None:
    """Who holds the lock of a store now; None if nobody does."""
    path = nodes_dir / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        return None if _is_free(descriptor) else _read_owner(descriptor)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    """Whether nobody holds it exclusively; asking takes a shared lock for an instant, which `acquire` tells apart."""
    return _flock(descriptor, fcntl.LOCK_SH)


def _try_lock(descriptor: int) -> bool:
    """Take it exclusively; a shared holder is only somebody asking, and is waited for."""
    while not _flock(descriptor, fcntl.LOCK_EX):
        if not _flock(descriptor, fcntl.LOCK_SH):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _flock(descriptor: int, mode: int) -> bool:
    try:
        fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            return False
        raise
    return True


def _already_served(path: Path) -> AlreadyServed:
    owner = serving_engine(path.parent)
    who = "another engine" if owner is None else f"pid {owner.pid} on {owner.host}"
    return AlreadyServed(
        f"{who} already serves {path.parent.parent}",
        pid=None if owner is None else owner.pid,
        hint="attach a screen with `jobistemer`, or stop that engine first",
    )


def _read_owner(descriptor: int) -> EngineOwner | None:
    try:
        value = json.loads(os.pread(descriptor, 1 << 20, 0))
        started_at, roots = parse_instant(value["started_at"]), tuple(value["roots"])
        return EngineOwner(value["pid"], value["host"], UUID(value["node"]), started_at, roots)
    except (ValueError, KeyError, TypeError):
        return None
