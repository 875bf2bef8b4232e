"""A program: the screen, told to end by signals that come once it has the terminal and before it is mounted.

`python -m tests.support.ended_early NUMBER...`; at its end it says how its engine was stopped.
"""

from __future__ import annotations

import os
import sys
from unittest import mock

from textual.app import ComposeResult

from jobistemer_tui.tui.app import JobistemerApp

from .fake_operations import FakeEngine, FakeOperations
from .screen import make_app


def signalled(app: JobistemerApp) -> ComposeResult:
    """Nothing, as ever; meanwhile the signals come."""
    for number in sys.argv[1:]:
        os.kill(os.getpid(), int(number))
    return ()


if __name__ == "__main__":
    engine = FakeEngine()
    with mock.patch.object(JobistemerApp, "compose", signalled):
        make_app(FakeOperations(), engine).run()
    sys.stdout.write(f"stopped by {engine.stops}\n")
