"""Starting a task's main process."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
from functools import cache
from typing import NamedTuple

from . import tree
from .protocol import Order
from .tree import Mark

PIPE_BYTES = 1 << 20
_NO_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOSPC}


class SpawnFailed(Exception):
    """Nothing runs. `outcome` is `spawn` (it cannot be executed) or `not_started` (nothing left to do it with)."""

    def __init__(self, outcome: str, text: str) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.text = text


class Spawned(NamedTuple):
    """A main process: its pid (also its session and group) and the pipes it writes to."""

    pid: int
    stdout: int
    stderr: int


def spawn(order: Order, mark: Mark) -> Spawned:
    """Start the process; raises SpawnFailed."""
    opened: list[int] = []
    try:
        for _ in range(2):
            opened += os.pipe2(os.O_CLOEXEC)
        out_read, out_write, error_read, error_write = opened
        for end in (out_read, error_read):
            _prepare(end)
        pid = _execute(order, mark, out_write, error_write)
    except (OSError, ValueError) as error:
        for end in opened:
            os.close(end)
        raise _explained(error, order) from None
    os.close(out_write)
    os.close(error_write)
    return Spawned(pid, out_read, error_read)


def _prepare(end: int) -> None:
    os.set_blocking(end, False)
    try:
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except OSError:
        return  # the user's allowance for large pipes is used up; a small one works as well


def _execute(order: Order, mark: Mark, stdout: int, stderr: int) -> int:
    with mark.stamped():
        process = subprocess.Popen(
            order.argv,
            stdin=_nothing(),
            stdout=stdout,
            stderr=stderr,
            cwd=order.cwd,
            env=tree.environment(mark, order.env),
            start_new_session=True,
            close_fds=True,
        )
    # A Popen that believes its process runs would collect the status when it is deleted.
    process.returncode = 0
    return process.pid


@cache
def _nothing() -> int:
    """The standard input of all tasks, opened once."""
    return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)


def _explained(error: OSError | ValueError, order: Order) -> SpawnFailed:
    if isinstance(error, OSError):
        if error.errno in _NO_RESOURCES:
            return SpawnFailed("not_started", f"the system could not start a process: {error.strerror}")
        at_folder = error.filename == order.cwd
        what = f"cannot enter the folder {order.cwd}" if at_folder else f"cannot execute {order.argv[0]}"
        return SpawnFailed("spawn", f"{what}: {error.strerror}")
    return SpawnFailed("spawn", f"cannot execute {order.argv[0]}: {error}")
