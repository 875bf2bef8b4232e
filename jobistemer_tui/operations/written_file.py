"""A new file of the person's: where it is to be; private, whole or not there, never over another one unasked."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

from jobistemer_tui.errors import HomeNotWritable, Refused

_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
"""What file systems without hard links answer: FAT, some shares."""


def typed_path(text: str) -> Path:
    """The absolute path that a person typed; `~` is a home folder.

    Raises ValueError, in words, for a user who is not there, or where the working folder is gone.
    """
    try:
        return Path(os.path.abspath(Path(text.strip()).expanduser()))
    except (RuntimeError, OSError) as error:
        raise ValueError(f"{text} cannot be found: {error}") from error


def write_new(path: Path, text: str, *, force: bool = False, hint: str = "name another file") -> None:
    """Write a file (0600) that appears with all its text at once.

    Raises Refused, with the `hint`, for one that is there already unless by `force`; HomeNotWritable where it cannot
    be written.
    """
    try:
        handle, made = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            if force:
                os.replace(made, path)
            else:
                _place(made, path)
        finally:
            if os.path.lexists(made):
                os.unlink(made)
    except FileExistsError as error:
        raise Refused(f"{path} is there already", hint=hint) from error
    except OSError as error:
        raise HomeNotWritable(f"{path} cannot be written: {error.strerror}") from error


def _place(made: str, path: Path) -> None:
    """Name a finished file, unless something has that name; without hard links an empty file takes it first."""
    try:
        os.link(made, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        os.replace(made, path)
