"""The screen is ended from outside before it is mounted: it gives the terminal back all the same."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.support.terminal import Terminal


@pytest.mark.parametrize(
    "numbers", [[signal.SIGTERM], [signal.SIGHUP], [signal.SIGINT], [signal.SIGINT, signal.SIGINT]]
)
def test_the_terminal_is_given_back(numbers: list[signal.Signals]) -> None:
    """Regression: signals were not taken before the screen was mounted, and left a terminal that echoed nothing."""
    command = [sys.executable, "-m", "tests.support.ended_early", *(str(int(number)) for number in numbers)]
    with Terminal(command, dict(os.environ)) as screen:
        assert screen.process.wait(60) == 0
        screen.wait_for("stopped by ['handover']")
        assert screen.sent.count(b"\x1b[?1049h") == screen.sent.count(b"\x1b[?1049l") == 1
