"""Waiting for conditions; the only place in the tests where time passes on purpose."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

PATIENCE_S = 120.0
"""For how long a condition is waited for: a machine may be twenty times slower than one that is idle."""
_SHARE = 4
"""A condition that costs much, as to list processes does, is looked at less often: at most a fifth of a core."""
_LONGEST_S = 0.25


def wait_until(condition: Callable[[], object], *, seconds: float = PATIENCE_S, what: str = "") -> None:
    """Return as soon as `condition()` is true; fail the test after `seconds`."""
    for pause in _pauses(condition, 0.01, seconds, what):
        time.sleep(pause)


async def wait_until_async(
    condition: Callable[[], object], *, seconds: float = PATIENCE_S, every: float = 0.01, what: str = ""
) -> None:
    """The same on an event loop, which keeps turning meanwhile."""
    for pause in _pauses(condition, every, seconds, what):
        await asyncio.sleep(pause)


def _pauses(condition: Callable[[], object], shortest: float, seconds: float, what: str) -> Iterator[float]:
    """How long to wait after each look until `condition()` is true."""
    deadline = time.monotonic() + seconds
    while True:
        begun = time.thread_time()
        if condition():
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {seconds} s waiting for {what or condition}")
        yield max(shortest, min(_LONGEST_S, _SHARE * (time.thread_time() - begun)))


def let_pass(seconds: float) -> None:
    """Let time pass; for a fault that comes at a random moment, never to wait for something."""
    time.sleep(seconds)
