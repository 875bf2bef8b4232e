"""Waiting until a Textual app has nothing left to do, however busy the machine is.

Textual's own wait sleeps until the process has used little of the processor for a while, which is slow on a quiet
machine and, on a busy one, says that an app is idle which is only waiting for its turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest import mock

from textual.app import App

from jobistemer_tui.tui import reading

from .wait_until import wait_until_async

_OFTEN = 0.001


class CountedThreads(ThreadPoolExecutor):
    """The event loop's threads. `open` holds the calls whose results the loop has not been told yet."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = loop
        self.open: set[Future[Any]] = set()

    def submit(self, call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The call as a future, counted as open."""
        future = super().submit(call, *args, **kwargs)
        self.open.add(future)
        # The loop adds its own callback after this returns, and has to be told first.
        self._loop.call_soon(future.add_done_callback, self.open.discard)
        return future


class Settling:
    """When an app is done: on its event loop, and with what it does in threads."""

    def __init__(self, app: App[None], answered: Callable[[], bool]) -> None:
        self._app = app
        self._answered = answered
        self._loop = asyncio.get_running_loop()
        self.threads = CountedThreads(self._loop)
        self._loop.set_default_executor(self.threads)

    async def turned(self, *_: float) -> None:
        """Until the loop has nothing to run and the screen is painted; threads may be at work."""
        await wait_until_async(self._is_painted, every=_OFTEN, what="the app to be painted")

    async def settled(self) -> None:
        """Until, besides, all that was asked of threads has been answered and shown."""
        await wait_until_async(self._is_settled, every=_OFTEN, what="the app to settle")

    def _is_settled(self) -> bool:
        return self._answered() and not self.threads.open and self._is_painted()

    def _is_painted(self) -> bool:
        # Messages, callbacks and timers that are due are all handles in the loop's queue: it holds every one but ours.
        if self._loop._ready:  # type: ignore[attr-defined]  # the loop has no other name for it
            return False
        if not self._app.is_running or self._app._exit:
            return True
        if self._app._resize_event is not None:
            self._app._check_resize()  # a timer, too
            return False
        screen = self._app.screen
        waits = (
            screen._layout_required or screen._scroll_required or screen._repaint_required
            or screen._recompose_required or screen._dirty_widgets or screen._callbacks
        )  # fmt: skip
        if waits:
            screen._on_timer_update()  # what a timer does at the next frame
        # What lies under a dialog has frames of its own, and calls there what is to be done after a refresh.
        below = [screen for screen in self._app._background_screens if screen._callbacks or screen._dirty_widgets]
        for screen in below:
            screen._on_timer_update()
            screen._dirty_widgets.clear()  # what is out of sight stays there for ever
        return not waits and not below


@contextmanager
def settling(app: App[None], answered: Callable[[], bool]) -> Iterator[Settling]:
    """Let the pilot of an app that runs on this loop wait until the app has turned, too."""
    found = Settling(app, answered)
    with (
        mock.patch("textual.app.wait_for_idle", found.turned),
        mock.patch("textual.pilot.wait_for_idle", found.turned),
        mock.patch.object(reading, "READERS", found.threads),
    ):
        yield found
