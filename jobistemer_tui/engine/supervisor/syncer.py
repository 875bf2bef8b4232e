"""The one thread beside the loop: it waits for the disk."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections import deque

from .attempt_files import AttemptFiles


class Syncer:
    """Syncs results one after another; `fileno` becomes readable when some are done."""

    def __init__(self, files: AttemptFiles) -> None:
        self._files = files
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._done: deque[tuple[str, bool]] = deque()
        self._event = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        threading.Thread(target=self._run, name="syncer", daemon=True).start()

    def fileno(self) -> int:
        """The descriptor to wait on."""
        return self._event

    def submit(self, attempt: str) -> None:
        """Sync the result of an attempt."""
        self._waiting.put(attempt)

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
            attempt = self._waiting.get()
            try:
                self._files.sync_result(attempt)
                success = True
            except OSError:
                success = False
            self._done.append((attempt, success))
            os.eventfd_write(self._event, 1)
