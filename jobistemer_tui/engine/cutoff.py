"""An end for conversations whose other side sends a little now and then: no limit of a single step sees that."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from types import TracebackType


class Cutoff:
    """Within the block, what is watched is shut down after `seconds`: whoever reads or writes it sees its end."""

    def __init__(self, seconds: float) -> None:
        self._watched: list[socket.socket] = []
        self._over = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True

    def __enter__(self) -> Cutoff:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def watch(self, connection: socket.socket) -> None:
        """Include this one; of one that is wrapped in TLS both belong here, as each takes the descriptor along."""
        with self._lock:
            self._watched.append(connection)
            if self._over:
                _shut(connection)

    def cut(self) -> None:
        """Do it now."""
        with self._lock:
            self._over = True
            for connection in self._watched:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):  # closed already
        # Not the method of a TLS socket, which would change what another thread is reading with.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
