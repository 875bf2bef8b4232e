"""A process with a store that is stopped, as by Ctrl+Z, and goes on later."""

from __future__ import annotations

import os
import signal


def stop_this_process() -> None:
    """Stop until SIGCONT, and not within a transaction: its lock would keep every other process from writing."""
    from jobistemer_tui.storage.writer import between_writes  # the screen can be stopped from its first picture on

    with between_writes():
        os.kill(os.getpid(), signal.SIGSTOP)
