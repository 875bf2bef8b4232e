"""Whether the files on disk are still the ones our connections write to.

Somebody may remove or replace a database's files under a running process; what is committed after that is
lost without an error. Descriptors are looked at through /proc, never by opening the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_DELETED = " (deleted)"
_DESCRIPTORS = "/proc/self/fd"


def files_are_ours(*paths: Path) -> bool:
    """Whether every descriptor we have of these files is the one that its path names now.

    The paths are resolved. False as well where there is no descriptor at all.
    """
    return all(_is_ours(path) for path in paths)


def _is_ours(path: Path) -> bool:
    try:
        there = _identity(path)
    except FileNotFoundError:
        return False
    return set(_open_files(path)) == {there}


def _open_files(path: Path) -> Iterator[tuple[int, int]]:
    names = {str(path), f"{path}{_DELETED}"}
    for number in os.listdir(_DESCRIPTORS):
        link = Path(_DESCRIPTORS, number)
        with suppress(FileNotFoundError):  # the descriptor of the listing itself, or one that another thread closed
            if os.readlink(link) in names:
                yield _identity(link)


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
