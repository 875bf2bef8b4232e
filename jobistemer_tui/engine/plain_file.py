"""Opening what stands in the folder of a task. The task may have put a trap there: a link to a secret, or a pipe."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
_OTHERS: Final = {errno.ELOOP, errno.ENXIO}
"""What opening a link and a socket gives."""


class NotPlain(OSError):
    """There is something, but no plain file."""


def open_plain(path: Path) -> int:
    """A descriptor to read a plain file with; never blocks. Raises NotPlain for anything else, else OSError."""
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError as error:
        if error.errno in _OTHERS:
            raise _not_plain(path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _not_plain(path)
    return descriptor


def _not_plain(path: Path) -> NotPlain:
    return NotPlain(errno.EINVAL, "it is no plain file", str(path))
