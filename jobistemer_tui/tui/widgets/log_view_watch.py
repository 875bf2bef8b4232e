"""Reads a log in a thread while the event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from jobistemer_tui.operations.log_levels import Problems
from jobistemer_tui.operations.log_reader import LogReader
from jobistemer_tui.tui.reading import read_in_thread

from .log_view_rows import Found, Wanted, find

POLL_S = 0.25
_LINES_AT_ONCE = 50_000


class LogWatch:
    """Looks four times a second for what came, and at once for what is wanted anew.

    `take` gets each answer, and whether it is one to a new wish, on the event loop; in between, while a long log
    is read for the first time, `take_part` is called. When all that is answered, errors and warnings are looked for,
    a piece at a time, and `take_problems` gets what there is.
    """

    def __init__(
        self,
        reader: LogReader,
        take: Callable[[Found, bool], None],
        take_part: Callable[[], None],
        take_problems: Callable[[Problems], None],
    ) -> None:
        self._reader = reader
        self._take = take
        self._take_part = take_part
        self._take_problems = take_problems
        self._problems = Problems()
        self._wanted = Wanted()
        self._changed_from: int | None = None
        self._wish = 1
        self._answered = 0
        self._wake = asyncio.Event()
        self._stopped = threading.Event()
        self.problem = ""

    @property
    def is_reading(self) -> bool:
        """Whether the answer to the last wish is still to come."""
        return self._answered < self._wish and not self._stopped.is_set()

    @property
    def is_scanning(self) -> bool:
        """Whether errors and warnings are still to be looked for."""
        return self._problems.scanned < self._reader.line_count and not self.problem and not self._stopped.is_set()

    def want(self, wanted: Wanted) -> None:
        """Answer this from now on."""
        self._wanted = wanted
        self._wish += 1
        self._wake.set()

    def look(self) -> None:
        """Look now."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` and its thread end soon."""
        self._stopped.set()
        self._wake.set()

    async def run(self) -> None:
        """Look until stopped. A log that cannot be read for a moment is tried again."""
        while not self._stopped.is_set():
            self._wake.clear()
            wish, is_new = self._wish, self._answered < self._wish
            looking = asyncio.ensure_future(read_in_thread(self._look, self._wanted, is_new))
            while not (await asyncio.wait({looking}, timeout=POLL_S))[0]:
                self._take_part()
            if self._changed_from is not None:
                self._problems.forget(self._changed_from)
            self._answer(looking.result(), wish, is_new)
            await self._look_for_problems()
            await self._wait()

    def _answer(self, found: Found | None, wish: int, is_new: bool) -> None:
        """Hand over what was found, unless something else is wanted by now: that is answered for all lines."""
        if found is not None and wish == self._wish and not self._stopped.is_set():
            self._answered = wish
            self._take(found, is_new)

    def _look(self, wanted: Wanted, is_new: bool) -> Found | None:
        try:
            changed = self._reader.refresh()
            self._changed_from = self._reader.first_changed if changed else None
            if not changed and not is_new:
                return None
            found = find(self._reader, wanted, 0 if is_new else self._reader.first_changed, self._stopped.is_set)
        except OSError as error:
            self.problem = error.strerror or str(error)
            return None
        self.problem = self._reader.error
        return found

    async def _look_for_problems(self) -> None:
        """A piece at a time, found in the thread and joined here, as nothing may change while it is drawn."""
        if self.is_scanning and not self._wake.is_set():
            self._problems.extend(await read_in_thread(self._scan, self._problems.scanned))
            if not self._stopped.is_set():
                self._take_problems(self._problems)

    def _scan(self, start: int) -> Problems:
        piece = Problems(start)
        try:
            piece.scan(self._reader, start + _LINES_AT_ONCE, cancelled=self._wake.is_set)
        except OSError as error:
            self.problem = error.strerror or str(error)
        return piece

    async def _wait(self) -> None:
        """A log of an attempt that is over is never read again, unless something else is wanted of it."""
        if self.is_scanning:
            return
        is_over = self._reader.ended and not self.is_reading and not self.problem
        try:
            async with asyncio.timeout(None if is_over else POLL_S):
                await self._wake.wait()
        except TimeoutError:
            return
