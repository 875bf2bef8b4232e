"""The screen in a terminal, over a store that hangs: it can be left, and it is drawn in whatever encoding there is."""

from __future__ import annotations

import os
import sys

import pytest

from jobistemer_tui.tui.terminal_driver import CELLS
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


def test_a_sign_that_the_terminal_does_not_have_takes_one_cell() -> None:
    """Regression: it was escaped in six, which shifted the rest of its row."""
    command = [sys.executable, "-m", "tests.support.hanging_screen", "attached"]
    with Terminal(command, {**os.environ, "PYTHONIOENCODING": "ascii"}) as screen:
        screen.wait_for("Jobistemer ? Jobs", "backup-db")


def test_what_the_terminal_does_not_have_stays_as_wide() -> None:
    """Regression: a wide sign became one question mark, and so did an accent that takes no cell."""
    assert "日本 e\u0301!".encode("ascii", CELLS) == b"???? e!"
