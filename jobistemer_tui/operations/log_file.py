"""Reading one file of an attempt's folder: by position, as a file cut short under a map kills the process."""

from __future__ import annotations

import os
from pathlib import Path

from jobistemer_tui.engine.plain_file import open_plain


class LogFile:
    """An open regular file. It stays readable after it is deleted, and closes when nobody holds the object."""

    def __init__(self, path: Path) -> None:
        """Open `path`; raises OSError if it is missing, unreadable, a link or no regular file."""
        self._descriptor = -1
        self._descriptor = open_plain(path)

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
