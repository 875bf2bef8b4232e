"""Screens as text files under `tests/tui/snapshots`: compared exactly, and read in a review like any other text.

A file is written only when the environment says `WRITE_SCREEN_TEXTS=1`; a missing file is a failure.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path
from typing import Final

from tests.support.screen import Running

SIZES: Final = ((80, 24), (120, 40), (200, 60))
FOLDER = Path(__file__).parent.parent / "tui" / "snapshots"


def assert_screen_text(name: str, rows: Sequence[str]) -> None:
    """Fail with a diff unless the rows are those of the file `name.txt`."""
    path = FOLDER / f"{name}.txt"
    text = "\n".join(rows) + "\n"
    if os.environ.get("WRITE_SCREEN_TEXTS") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if text != expected:
        diff = unified_diff(expected.splitlines(), text.splitlines(), f"{name}.txt", "shown", lineterm="")
        raise AssertionError(f"{name} looks different; WRITE_SCREEN_TEXTS=1 renews it\n" + "\n".join(diff))


async def assert_at_every_size(name: str, run: Running) -> None:
    """What is shown now, a dialog too, in terminals of all sizes; the last one is the smallest."""
    for width, height in reversed(SIZES):
        await run.pilot.resize_terminal(width, height)
        await run.settle()
        assert_screen_text(f"{name}_{width}x{height}", run.rows)
