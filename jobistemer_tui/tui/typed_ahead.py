"""Keys typed faster than screens come and go: each waits until the one before it has had its effect.

Textual hands a key at once to what has the focus at that moment. What a key leads to, a dialog, another screen, the
line of a filter, comes some turns of the event loop later, and a key typed in between would go to what is on its way
out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from textual import events
from textual.app import App, ScreenStackError
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

PATIENCE_S: Final = 10.0
"""For how long keys wait for what the key before them looks up; then they are dropped, and the person is told."""
_MOST_LOOKS: Final = 50


class TypedAhead:
    """Hands events to `deliver` one after another; all methods are called on the event loop.

    An act holds the keys from its start to its end, as it may ask something, except while what it asked is shown and
    while it lets them go.
    """

    def __init__(self, app: App[Any], deliver: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app, self._deliver = app, deliver
        self._waiting: deque[events.Event] = deque()
        self._acts: dict[Worker[Any], Screen[Any]] = {}
        self._moved = asyncio.Event()
        self._settling: asyncio.Task[None] | None = None

    async def take(self, event: events.Event) -> None:
        """A key was pressed, or a text pasted."""
        self._waiting.append(event)
        if self._settling is None:
            await self._next()

    def hold_for(self, worker: Worker[Any], screen: Screen[Any]) -> None:
        """An act has begun on a screen; while that is on top and the act has not ended, keys wait."""
        self._acts[worker] = screen

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Within the worker of an act: what it does now leads to no question and no screen, so keys need not wait."""
        worker: Worker[Any] = get_current_worker()
        screen = self._acts.pop(worker, None)
        self.look_again()
        try:
            yield
        finally:
            if screen is not None:
                self._acts[worker] = screen

    def look_again(self) -> None:
        """What keys wait for may have come."""
        self._moved.set()

    def drop(self) -> bool:
        """Forget the keys that wait; says whether there were any."""
        any_waited = bool(self._waiting)
        self._waiting.clear()
        return any_waited

    def close(self) -> None:
        """The program ends."""
        if self._settling is not None:
            self._settling.cancel()

    async def _next(self) -> None:
        self._settling = None
        if self._waiting:
            await self._deliver(self._waiting.popleft())
            self._settling = asyncio.create_task(self._settle(), name="keys wait")

    async def _settle(self) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._settled()
        except TimeoutError:
            self._give_up()
        except ScreenStackError:
            return  # the program ends
        self._app.call_later(self._next)

    async def _settled(self) -> None:
        """Until two looks in a row find the same focus on the same screen, and nothing under way between them."""
        before, quiet = None, 0
        for _ in range(_MOST_LOOKS):
            await self._passed()
            while self._is_awaited():
                self._moved.clear()
                await self._moved.wait()
            now = (self._app.screen, self._app.focused)
            quiet = quiet + 1 if now == before and not any(node.message_queue_size for node in self._way()) else 0
            if quiet == 2:
                return
            before = now

    def _way(self) -> list[DOMNode]:
        """What a key passes: from what has the focus up to the program."""
        return (self._app.focused or self._app.screen).ancestors_with_self

    async def _passed(self) -> None:
        for node in self._way():
            handled = asyncio.Event()
            if node.call_later(handled.set):
                await handled.wait()

    def _is_awaited(self) -> bool:
        screen = self._app.screen
        self._acts = {worker: origin for worker, origin in self._acts.items() if not worker.is_finished}
        return screen in self._acts.values() or not getattr(screen, "takes_keys", True)

    def _give_up(self) -> None:
        """What the key before led to is still not there: later it would not be what these keys were typed for."""
        if self._app.screen in self._acts.values():
            self._acts.clear()
            if self.drop():
                self._app.bell()
                words = "the store has not answered yet: what was typed meanwhile is dropped"
                self._app.notify(words, severity="warning", timeout=10, markup=False)
