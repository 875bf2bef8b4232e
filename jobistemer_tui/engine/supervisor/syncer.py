"""The one thread beside the loop: it waits for the disk."""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import threading
from collections import deque
from collections.abc import Sequence

from .attempt_files import AttemptFiles

ONE_BY_ONE = 16
"""So many results are synced one by one; of more the whole file system is, which costs a hundredth for hundreds."""


class Syncer:
    """Syncs results; `fileno` becomes readable when some are done."""

    def __init__(self, files: AttemptFiles) -> None:
        self._files = files
        # Open from the beginning: what could not be written back before would be known to no descriptor opened later.
        self._root = os.open(files.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._waiting: queue.SimpleQueue[Sequence[str]] = queue.SimpleQueue()
        self._done: deque[tuple[str, bool]] = deque()
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        threading.Thread(target=self._run, name="syncer", daemon=True).start()

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._event

    def submit(self, attempts: Sequence[str]) -> None:
        """Sync the results of these attempts."""
        self._waiting.put(attempts)

    def done(self) -> list[tuple[str, bool]]:
        """What has been synced since the last call, each with its success."""
        os.eventfd_read(self._event)
        finished = []
        while self._done:
            finished.append(self._done.popleft())
        return finished

    def _run(self) -> None:
        # Each child's end is a signal, and the thread that gets it asks for the interpreter.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        while True:
            attempts = self._waiting.get()
            if len(attempts) > ONE_BY_ONE and self._libc.syncfs(self._root) == 0:
                self._done.extend((attempt, True) for attempt in attempts)
            else:
                self._done.extend((attempt, self._sync(attempt)) for attempt in attempts)
            os.eventfd_write(self._event, 1)

    def _sync(self, attempt: str) -> bool:
        try:
            self._files.sync_result(attempt)
        except OSError:
            return False
        return True
