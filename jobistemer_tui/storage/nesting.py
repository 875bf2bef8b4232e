"""Work must not ask its own store for anything but its transaction."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class NestingGuard:
    """Knows which threads are inside a piece of work. One for each store."""

    def __init__(self) -> None:
        self._threads: set[int] = set()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """This thread runs work meanwhile."""
        me = threading.get_ident()
        self._threads.add(me)
        try:
            yield
        finally:
            self._threads.discard(me)

    def check(self) -> None:
        """Raise RuntimeError if this thread is inside work."""
        if threading.get_ident() in self._threads:
            raise RuntimeError("work may use only the transaction it was given, not the store")
