"""A hint between processes: "something changed, look now". Nothing depends on it; a sweep finds what is lost."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from jobistemer_tui.settings.deferred import deferred

if TYPE_CHECKING:
    import asyncio
else:
    asyncio = deferred("asyncio")  # for the listener: whoever only pokes has no loop

SOCKET_NAME = "engine.sock"


def poke(nodes_dir: Path) -> bool:
    """Wake the engine of a store; False, and harmless, if none listens."""
    try:
        folder = os.open(nodes_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender:
            # A path through the descriptor stays under the 107 bytes that a socket's name may have (unix(7)).
            sender.sendto(b"!", f"/proc/self/fd/{folder}/{SOCKET_NAME}")
            return True
    except OSError:
        return False
    finally:
        os.close(folder)


class PokeListener:
    """The engine's end; only the holder of the engine lock may make one, since it replaces the socket."""

    def __init__(self, nodes_dir: Path, wake: Callable[[], None]) -> None:
        self._path = nodes_dir / SOCKET_NAME
        self._wake = wake
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._path.unlink(missing_ok=True)
        folder = os.open(nodes_dir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._socket.bind(f"/proc/self/fd/{folder}/{SOCKET_NAME}")
        finally:
            os.close(folder)
        os.chmod(self._path, 0o600)
        asyncio.get_running_loop().add_reader(self._socket, self._receive)

    def _receive(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(16):
                pass
        self._wake()

    def close(self) -> None:
        """Stop listening and remove the socket."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._path.unlink(missing_ok=True)
