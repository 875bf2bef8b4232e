"""Waiting for conditions; the only place in the tests where time passes on purpose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], *, seconds: float = 60.0, what: str = "") -> None:
    """Return as soon as `condition()` is true; fail the test after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds} s waiting for {what or condition}")
        time.sleep(0.01)


async def wait_until_async(
    condition: Callable[[], object], *, seconds: float = 60.0, every: float = 0.01, what: str = ""
) -> None:
    """The same on an event loop, which keeps turning meanwhile."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds} s waiting for {what or condition}")
        await asyncio.sleep(every)


def let_pass(seconds: float) -> None:
    """Let time pass; for a fault that comes at a random moment, never to wait for something."""
    time.sleep(seconds)
