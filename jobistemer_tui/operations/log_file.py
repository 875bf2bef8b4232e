"""Reading one file of an attempt's folder: by position, as a file cut short under a map kills the process."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


class LogFile:
    """An open regular file. It stays readable after it is deleted, and closes when nobody holds the object."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises OSError if it is missing, unreadable, a link or no regular file."""
        self._descriptor = -1
        self._descriptor = os.open(path, _FLAGS)
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            raise OSError(f"{path} is not a regular file")

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def size(self) -> int:
        """Bytes, now."""
        return os.fstat(self._descriptor).st_size

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes from `offset`; fewer at the end of the file."""
        return os.pread(self._descriptor, length, offset)


def open_if_there(path: Path) -> LogFile | None:
    """The open file, or None if it does not exist; other errors are raised as OSError."""
    try:
        return LogFile(path)
    except FileNotFoundError:
        return None
