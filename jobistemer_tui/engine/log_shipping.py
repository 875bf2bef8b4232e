"""The output of tries goes into a shared store, in compressed pieces, so that every node can show it.

While a try runs its owner adds what is new each second, at most a piece of each file; when it has ended, the rest.
Only the head of a log grows while a try runs; its tail is joined to it at the end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.domain.states import OPEN_ATTEMPTS
from jobistemer_tui.engine.expired_folders import folders
from jobistemer_tui.engine.log_pieces import FILES, PIECE, ends_of, is_whole, keep, last_piece, next_pieces
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import attempt_folder
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import ATTEMPTS

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=1)
GATHER = timedelta(milliseconds=200)
"""How long the output of a try that has ended waits for that of others: each commit costs the server a sync."""
AT_ONCE = 16
"""Tries of one transaction, so that nothing else waits for long."""


class LogShipper:
    """Ships what the supervisor's folders hold of the tries in this engine's hands."""

    def __init__(self, store: StoreCalls, clock: Clock, runner: Runner, attempts_dir: Path) -> None:
        self._store = store
        self._clock = clock
        self._runner = runner
        self._attempts_dir = attempts_dir
        self._ended: set[UUID] = set()
        self._shipped: dict[UUID, dict[str, int]] = {}
        self._wake = asyncio.Event()
        runner.on_start, runner.on_end = self._note_start, self._note_end

    def _note_start(self, attempt_id: UUID) -> None:
        self._shipped[attempt_id] = dict.fromkeys(FILES, 0)  # it has just begun, so nobody has to be asked

    def _note_end(self, attempt_id: UUID) -> None:
        self._ended.add(attempt_id)
        self._wake.set()

    async def run(self) -> None:
        """Ship again and again; a store in trouble is waited out. First what an engine was killed over."""
        left: list[UUID] | None = None
        while True:
            self._wake.clear()
            try:
                if left is None:
                    left = await self._left_behind()
                self._ended.update(left[:AT_ONCE])
                del left[:AT_ONCE]
                await self.ship()
            except StoreUnavailable as error:
                self._store.complain(error)
            except Exception:  # an output that cannot be shown elsewhere must not stop the engine
                log.exception("the output of tasks could not be stored")
                self._ended.clear()
            await self._clock.wait(self._wake, self._clock.now() + EVERY)
            await self._clock.wait(asyncio.Event(), self._clock.now() + GATHER)

    async def finish(self) -> None:
        """Ship what has ended, before the engine does."""
        try:
            await self.ship()
        except Exception:  # it is still in its folder, on this host
            log.exception("the output of tasks could not be stored")

    async def _left_behind(self) -> list[UUID]:
        """The tries with a folder here that have ended and are not whole in the store."""
        here = await asyncio.to_thread(folders, self._attempts_dir)
        return await self._store.read_long(partial(_ended_and_not_whole, attempts=here))

    async def ship(self) -> None:
        """One round: a piece of each file that runs on, and all the rest of what has ended."""
        ended = frozenset(self._ended)
        for some in _in_parts([*ended, *(self._runner.given - ended)]):
            while some:
                some = await self._ship_pieces(some, ended)
        self._ended -= ended
        for attempt in ended:
            self._shipped.pop(attempt, None)

    async def _ship_pieces(self, attempts: Sequence[UUID], ended: frozenset[UUID]) -> list[UUID]:
        """The next piece of each file of some tries; gives those that have ended and may have more."""
        unknown = [attempt for attempt in attempts if attempt not in self._shipped]
        if unknown:
            self._shipped |= await self._store.read_long(partial(_ends_of_all, attempts=unknown))
        chunks, unread = await asyncio.to_thread(self._read, attempts, ended)
        more = {chunk.attempt_id for chunk in chunks if chunk.size == PIECE} & ended
        chunks += [last_piece(attempt) for attempt in attempts if attempt in ended - more - unread]
        if chunks:
            await self._store.write(partial(keep, chunks=chunks))
        for chunk in chunks:
            self._shipped[chunk.attempt_id][chunk.file] = chunk.position + chunk.size
        return [attempt for attempt in attempts if attempt in more]

    def _read(self, attempts: Sequence[UUID], ended: Collection[UUID]) -> tuple[list[LogChunk], set[UUID]]:
        """The next pieces, and the tries whose output cannot be read: that stays to be shipped by the next engine."""
        found, unread = list[LogChunk](), set[UUID]()
        for attempt in attempts:
            folder, running = attempt_folder(self._attempts_dir, attempt), self._clock.now()
            try:
                found += next_pieces(
                    attempt, folder, self._shipped[attempt], running=None if attempt in ended else running
                )
            except OSError as error:  # what is wrong with one log keeps back no other
                log.warning("the output in %s cannot be read: %s", folder, error.strerror)
                unread.add(attempt)
        return found, unread


def _ends_of_all(reader: Reader, attempts: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    return {attempt: ends_of(reader, attempt) for attempt in attempts}


def _ended_and_not_whole(reader: Reader, attempts: Sequence[UUID]) -> list[UUID]:
    found = (reader.get(ATTEMPTS, attempt) for attempt in attempts)
    ended = [attempt.id for attempt in found if attempt is not None and attempt.state not in OPEN_ATTEMPTS]
    return [attempt for attempt in ended if not is_whole(reader, attempt)]


def _in_parts(attempts: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(attempts), AT_ONCE):
        yield attempts[start : start + AT_ONCE]
