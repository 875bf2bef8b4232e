"""The lock that makes a supervisor the only one of its store on this host, and the socket it guards."""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from pathlib import Path

from .protocol import LOCK_NAME, SOCKET_NAME


class Lock:
    """`supervisor.lock` in the nodes folder, held for the life of the process."""

    def __init__(self, nodes: Path, descriptor: int) -> None:
        self._path = nodes / LOCK_NAME
        self._descriptor = descriptor

    @classmethod
    def take(cls, nodes: Path) -> Lock | None:
        """The lock, or None if another process holds it. Raises OSError."""
        path = nodes / LOCK_NAME
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            lock = cls(nodes, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            if lock.is_ours():
                lock._write_pid()
                return lock
            # Somebody has put another file there between open and flock.
            os.close(descriptor)

    def is_ours(self) -> bool:
        """True if the file at the path is still the one that is locked."""
        try:
            there = os.stat(self._path)
        except OSError:
            return False
        here = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) == (here.st_dev, here.st_ino)

    def release(self) -> None:
        """Give the lock up; the file stays."""
        os.close(self._descriptor)

    def _write_pid(self) -> None:
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, b"%d\n" % os.getpid(), 0)
        except OSError:
            return  # for people only; a full disk must not keep a supervisor from starting


def bind_socket(nodes: Path) -> socket.socket:
    """Listen on the socket in the nodes folder; only for the lock's holder. Raises OSError."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    # A socket's path may have 107 bytes at most, so it is bound by its short name.
    os.chdir(nodes)
    try:
        if os.path.lexists(SOCKET_NAME):
            os.unlink(SOCKET_NAME)
        listener.bind(SOCKET_NAME)
    finally:
        os.chdir("/")
        os.umask(mask)
    listener.listen(16)
    listener.setblocking(False)
    return listener


def unlink_socket(nodes: Path) -> None:
    """Remove the socket's name; only for a holder whose lock is still the one at the path."""
    try:
        os.unlink(nodes / SOCKET_NAME)
    except OSError:
        return


def is_own_user(connection: socket.socket) -> bool:
    """True if the process at the other end runs as this user."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, uid, _ = struct.unpack("3i", credentials)
    return bool(uid == os.geteuid())
