"""A program: the screen over a store that answers what the first picture needs, and nothing after that.

`python -m tests.support.hanging_screen ROLE` with the role of its engine; at its end it says how that was stopped.
"""

from __future__ import annotations

import sys
import threading

from jobistemer_tui.operations.read_models import JobDetail, LiveRuns

from .fake_operations import FakeEngine, FakeOperations
from .screen import make_app


class HangingOperations(FakeOperations):
    """Answers for ever neither what a pane nor what leaving asks for."""

    def job(self, name: str, *, instants: int = 5) -> JobDetail:
        threading.Event().wait()
        raise AssertionError

    def live(self) -> LiveRuns:
        threading.Event().wait()
        raise AssertionError


if __name__ == "__main__":
    engine = FakeEngine(sys.argv[1])
    make_app(HangingOperations(), engine).run()
    sys.stdout.write(f"stopped by {engine.stops}\n")
