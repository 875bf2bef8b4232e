"""Room on the disk: nothing new is started on little of it, and a reserve lets terminal states be written on none."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)
MIN_FREE: Final = 200 * 2**20
"""Bytes below which nothing new is started, where nothing else is set."""
RESERVE: Final = 4 * 2**20
RESERVE_NAME: Final = "reserve"


def free_bytes(folder: Path) -> int:
    """What is free for this user on the file system of a folder. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Disk:
    """The file systems of the store and of the attempts.

    `min_free` bytes of 0 switch everything here off. `read` is how free space is read.
    """

    def __init__(self, folders: Sequence[Path], min_free: int, *, read: Callable[[Path], int] = free_bytes) -> None:
        self._folders = tuple(folders)
        self._reserve = folders[0] / RESERVE_NAME
        self._size = min(RESERVE, min_free)
        self._read = read
        self.min_free = min_free

    @property
    def is_low(self) -> bool:
        """Whether too little is free to start anything new."""
        free = self.free() if self.min_free else None
        return free is not None and free < self.min_free

    def free(self) -> int | None:
        """Bytes free where there is least, folders that are not made yet left out; None where none can be asked."""
        found = []
        for folder in self._folders:
            with suppress(OSError):
                found.append(self._read(folder))
        return min(found, default=None)

    def keep_reserve(self) -> None:
        """Set the reserve aside, beside the database, where there is none and enough is free."""
        if not self._size or self._reserve.exists():
            return
        free = self.free()
        if free is None or free < self.min_free + self._size:
            return
        try:
            descriptor = os.open(self._reserve, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, self._size)
            finally:
                os.close(descriptor)
        except OSError as error:
            log.warning("no reserve of disk space could be set aside: %s", error)
            self.give_up_reserve()

    def give_up_reserve(self) -> bool:
        """Free the reserve, because the disk is full; False if there is none."""
        try:
            self._reserve.unlink()
        except OSError as error:
            if error.errno != errno.ENOENT:
                log.warning("the reserve of disk space cannot be removed: %s", error)
            return False
        return True
