"""Work must not ask its own store for anything but its transaction."""

from __future__ import annotations

import threading
from typing import Self

_NESTED = "work may use only the transaction it was given, not the store"


class LockedGuard:
    """A lock around each piece of work; the thread that holds it is refused, instead of waiting for itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def __enter__(self) -> None:
        self.check()
        self._lock.acquire()
        self._holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._holder = None
        self._lock.release()

    def check(self) -> None:
        """Raise RuntimeError if this thread is inside work."""
        if self._holder == threading.get_ident():
            raise RuntimeError(_NESTED)


class NestingGuard:
    """Knows which threads are inside a piece of work. One for each store."""

    def __init__(self) -> None:
        self._threads: set[int] = set()

    def inside(self) -> Self:
        """This thread runs work meanwhile: `with` it. No generator, for it is there at each read and each commit."""
        return self

    def __enter__(self) -> None:
        self._threads.add(threading.get_ident())

    def __exit__(self, *_: object) -> None:
        self._threads.discard(threading.get_ident())

    def check(self) -> None:
        """Raise RuntimeError if this thread is inside work."""
        if threading.get_ident() in self._threads:
            raise RuntimeError(_NESTED)
