"""Keys typed faster than screens come and go: each waits until the one before it has had its effect.

Textual hands a key at once to what has the focus at that moment. What a key leads to, a dialog, another screen, the
line of a filter, comes some turns of the event loop later, and a key typed in between would go to what is on its way
out.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from textual import events, messages
from textual.app import App, ScreenStackError
from textual.dom import DOMNode
from textual.screen import Screen
from textual.worker import Worker, get_current_worker

from .messages import Answer, EngineMoved, ReadingFailed, Tick
from .widgets.row_table import RowTable

PATIENCE_S: Final = 10.0
"""For how long keys wait for what the key before them looks up; then they are dropped, and the person is told."""
_MOST_LOOKS: Final = 20
_LEADS_NOWHERE: Final = (
    *(Answer, EngineMoved, ReadingFailed, Tick, RowTable.RowHighlighted),
    *(messages.InvokeLater, messages.Layout, messages.Prompt, messages.Update, messages.UpdateScroll),
    *(events.InputEvent, events.Paste, events.Resize, events.Timer),
)
"""What no key waits for: what the store and the clock tell, what is painted for it, and what else a person did.

None of it comes of a key and then gives the keys to something else; while the store changes all the time it never ends.
"""


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
        self._has_moved = False

    async def take(self, event: events.Event) -> None:
        """A key was pressed, or a text pasted."""
        self._waiting.append(event)
        if self._settling is None:
            await self._next()
        else:
            self.look_again()  # it may be one that need not wait for what others wait for

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
        """Deliver moves at once, and another key when what the moves before it lead to has come."""
        self._settling = None
        while self._waiting and self._settling is None:
            before, only_moves = self._taker(), self._only_moves(self._waiting[0])
            if only_moves or not self._has_moved:
                await self._deliver(self._waiting.popleft())
            if not only_moves:
                self._settling = asyncio.create_task(self._settle(before), name="keys wait")
            self._has_moved = only_moves

    def _only_moves(self, event: events.Event) -> bool:
        """Whether the next move may follow at once: it goes the same way behind this one."""
        only_moves: Callable[[str], bool] = getattr(self._app.screen, "only_moves", lambda key: False)
        return isinstance(event, events.Key) and only_moves(event.key) and not self._is_deciding()

    def _taker(self) -> tuple[Screen[Any], DOMNode | None]:
        """What would take a key now."""
        return self._app.screen, self._app.focused

    async def _settle(self, before: object) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._settled(before)
        except TimeoutError:
            self._give_up()
        except ScreenStackError:
            return  # the program ends
        self._app.call_later(self._next)

    async def _settled(self, before: object) -> None:
        """Until two looks in a row find the same focus on the same screen, and nothing under way that may change it.

        `before` is what took the key. A look comes when a mark has gone the way of a key: the first behind the key,
        each other one behind all that had been posted at the look before.
        """
        quiet = 0
        for _ in range(_MOST_LOOKS):
            await self._passed()
            while self._is_awaited():
                self._moved.clear()
                await self._moved.wait()
            now = self._taker()
            quiet = quiet + 1 if now == before and not self._is_under_way() else 0
            if quiet == 2:
                return
            before = now

    def _is_under_way(self) -> bool:
        queues: Iterable[Iterable[object]] = (node._message_queue.values for node in self._way())
        return any(not isinstance(message, _LEADS_NOWHERE) for queue in queues for message in queue)

    def _way(self) -> list[DOMNode]:
        """What a key passes: from what has the focus up to the program."""
        return (self._app.focused or self._app.screen).ancestors_with_self

    async def _passed(self) -> None:
        arrived = asyncio.Event()
        self._hand_on(self._way(), arrived)
        await arrived.wait()

    def _hand_on(self, way: list[DOMNode], arrived: asyncio.Event) -> None:
        """To the first that still takes messages, and when its turn has come to the next, as a key bubbles."""
        for place, node in enumerate(way, 1):
            if node.call_later(self._hand_on, way[place:], arrived):
                return
        arrived.set()

    def _is_awaited(self) -> bool:
        takes: Callable[[events.Event | None], bool] = getattr(self._app.screen, "takes", lambda event: True)
        return self._is_deciding() or not takes(next(iter(self._waiting), None))

    def _is_deciding(self) -> bool:
        """Whether an act that was begun here has not asked yet what it will."""
        self._acts = {worker: origin for worker, origin in self._acts.items() if not worker.is_finished}
        return self._app.screen in self._acts.values()

    def _give_up(self) -> None:
        """What the key before led to is still not there: later it would not be what these keys were typed for."""
        if self._is_deciding():
            self._acts.clear()
            if self.drop():
                self._app.bell()
                words = "the store has not answered yet: what was typed meanwhile is dropped"
                self._app.notify(words, severity="warning", timeout=10, markup=False)
