"""A read of the store that never ends keeps nobody from leaving."""

from __future__ import annotations

import os
import sys

import pytest

from tests.support.terminal import Terminal


@pytest.mark.parametrize("role", ["attached", "serving"])
def test_the_program_ends(role: str) -> None:
    """Regression: asyncio waited for its threads, and the question that is asked of who leaves for a number."""
    command = [sys.executable, "-m", "tests.support.hanging_screen", role]
    with Terminal(command, dict(os.environ)) as screen:
        screen.wait_for("backup-db", "enter open")
        screen.press("q")
        screen.wait_for("stopped by ['handover']")
        assert screen.process.wait(60) == 0
