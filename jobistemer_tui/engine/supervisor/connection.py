"""One engine's connection: lines in, lines out, never blocking."""

from __future__ import annotations

import socket

from .protocol import MAX_LINE, Message, encode

_READ_BYTES = 1 << 18
_MAX_UNSENT = 256 * 1024 * 1024


class Connection:
    """A connected socket with its buffers."""

    def __init__(self, connected: socket.socket) -> None:
        connected.setblocking(False)
        self.socket = connected
        self.descriptor = connected.fileno()
        self.introduced = False
        self.closed = False
        self._received = bytearray()
        self._unsent = bytearray()

    def receive(self) -> list[bytes]:
        """The whole lines that have come; closes the connection at its end."""
        try:
            data = self.socket.recv(_READ_BYTES)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.close()
            return []
        self._received += data
        *lines, rest = bytes(self._received).split(b"\n") if b"\n" in data else [self._received]
        self._received = bytearray(rest)
        if len(self._received) > MAX_LINE:
            self.close()
            return []
        return [bytes(line) for line in lines]

    def put(self, message: Message) -> None:
        """Add a line to what `flush` sends."""
        if not self.closed:
            self._unsent += encode(message)

    def flush(self) -> None:
        """Send as much as goes now; a reader that takes nothing for too long is dropped."""
        try:
            while self._unsent:
                del self._unsent[: self.socket.send(self._unsent)]
        except BlockingIOError:
            if len(self._unsent) > _MAX_UNSENT:
                self.close()
        except OSError:
            self.close()

    @property
    def sending(self) -> bool:
        """True while something waits to be sent."""
        return bool(self._unsent) and not self.closed

    def close(self) -> None:
        """Count as closed from now on; what was received or not yet sent is thrown away."""
        self.closed = True
        self._received.clear()
        self._unsent.clear()
