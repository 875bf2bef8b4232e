"""A server on the loopback that sends the same piece again and again, as long as it is listened to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


@contextmanager
def endless_server(piece: bytes, pause_s: float = 0.01) -> Iterator[int]:
    """Gives its port. Each client is sent the piece every `pause_s` seconds, until it goes or the block ends."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, piece, pause_s, over), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(60)


def _serve(listener: socket.socket, piece: bytes, pause_s: float, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(OSError):
            client, _ = listener.accept()
            with client:
                while not over.wait(pause_s):
                    client.sendall(piece)
