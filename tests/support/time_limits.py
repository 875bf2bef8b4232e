"""No test waits for ever: one that takes longer than its limit fails, and says what it waits for.

The limits are those of pytest-timeout (`timeout` in pyproject.toml, or a test's own mark), which is given another timer
here. What an event loop or a test swallows comes again, and what keeps Python from running ends the process, with all
stacks; so does the end of a run from outside (SIGTERM), which also names the tests that were running.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from types import CodeType, FrameType
from typing import Any

import pytest

AGAIN_S = 30.0
"""After so long the failure is raised once more, where something has swallowed it."""
LAST_S = 120.0
"""So much later than its limit a test that does not fail ends its process."""
_LIMIT = pytest.StashKey[float]()


class TimeLimits:
    """The hooks; register it when nothing keeps the standard error yet."""

    def __init__(self, config: pytest.Config) -> None:
        self._stderr = os.dup(2)
        self._shares_out = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
        self._running: dict[str, float] = {}
        if not hasattr(config, "workerinput"):
            signal.signal(signal.SIGTERM, self._told_to_end)

    @pytest.hookimpl(tryfirst=True, optionalhook=True)
    def pytest_timeout_set_timer(self, item: pytest.Item, settings: Any) -> bool:
        """Instead of pytest-timeout's own timer, which fires once and is silent in a process of xdist."""
        item.stash[_LIMIT] = settings.timeout
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """The fixtures have as much time as the test, and so has what undoes them, a failure or not."""
        self._arm(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        """See `pytest_runtest_setup`."""
        self._arm(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        """See `pytest_runtest_setup`."""
        self._arm(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self) -> None:
        """Called at the end of each of the three."""
        _disarm()

    @pytest.hookimpl
    def pytest_enter_pdb(self) -> None:
        """A person thinks as long as a person likes."""
        _disarm()

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Also told of the tests of other processes, in the one that shares them out."""
        self._running[nodeid] = os.times().elapsed
        if not self._shares_out:
            faulthandler.unregister(signal.SIGTERM)  # a test may have set a handler of its own, and taken it back
            faulthandler.register(signal.SIGTERM, file=self._stderr, chain=True)

    @pytest.hookimpl
    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """The counterpart."""
        self._running.pop(nodeid, None)

    def _arm(self, item: pytest.Item) -> None:
        seconds = item.stash.get(_LIMIT, 0.0)
        if not seconds:
            return

        def late(*_: object) -> None:
            pytest.fail(f"it takes longer than {seconds:g} s; others wait here:\n{stacks()}")

        signal.signal(signal.SIGALRM, late)
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
        faulthandler.dump_traceback_later(seconds + LAST_S, file=self._stderr, exit=True)

    def _told_to_end(self, number: int, _: FrameType | None) -> None:
        now = os.times().elapsed
        lines = [f"{nodeid} for {now - began:.0f} s" for nodeid, began in self._running.items()]
        text = "\n".join([f"\nended by {signal.Signals(number).name}; these tests were running:", *lines, ""])
        os.write(self._stderr, text.encode())
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _disarm() -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    faulthandler.cancel_dump_traceback_later()


def stacks() -> str:
    """Where each other thread is, and each task of the event loop that runs in this one."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    lines = []
    others = {number: frame for number, frame in sys._current_frames().items() if number != threading.get_ident()}
    for number, frame in others.items():
        lines += [f"thread {names.get(number, number)}:\n", *traceback.format_stack(frame)]
    try:
        tasks = asyncio.all_tasks()
    except RuntimeError:  # no event loop runs here
        tasks = set()
    for task in tasks:
        lines += [f"task {task.get_name()}:\n", *(_place(frame) for frame in _awaited(task.get_coro()))]
    return "".join(lines)


def _awaited(coroutine: Any) -> Iterator[FrameType]:
    """The frames of a coroutine and of those that it awaits, the innermost last."""
    while coroutine is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(coroutine, f"{kind}_frame")), None)
        frame = None if kind is None else getattr(coroutine, f"{kind}_frame")
        if frame is None:
            return
        yield frame
        coroutine = getattr(coroutine, "gi_yieldfrom" if kind == "gi" else f"{kind}_await")


def _place(frame: FrameType) -> str:
    code: CodeType = frame.f_code
    return f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}\n'
