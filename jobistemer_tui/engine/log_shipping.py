"""The output of tries goes into a shared store, in compressed pieces, so that every node can show it.

While a try runs its owner adds what is new each second, at most `PIECE` bytes of each file; when it has ended, the
rest. Only the head of a log grows while a try runs; its tail is joined to it at the end.
"""

from __future__ import annotations

import asyncio
import base64
import logging
import zlib
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import LogChunk
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor.log_format import INDEX, OUTPUT
from jobistemer_tui.engine.supervisor_client import attempt_folder
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, CHUNKS_BY_ATTEMPT, LOG_CHUNKS

log = logging.getLogger(__name__)
EVERY = timedelta(seconds=1)
PIECE = 1 << 18
FILES = (OUTPUT, INDEX)
"""In the order in which they are read elsewhere: the index speaks of what is in the output."""
WHOLE = "whole"
"""The name of a last, empty piece: nothing more will come."""


class LogShipper:
    """Ships what the supervisor's folders hold of the tries in this engine's hands."""

    def __init__(self, store: StoreCalls, clock: Clock, runner: Runner, attempts_dir: Path) -> None:
        self._store = store
        self._clock = clock
        self._runner = runner
        self._attempts_dir = attempts_dir
        self._ended: set[UUID] = set()
        self._shipped: dict[tuple[UUID, str], int] = {}
        self._wake = asyncio.Event()
        runner.on_end = self._note_end

    def _note_end(self, attempt_id: UUID) -> None:
        self._ended.add(attempt_id)
        self._wake.set()

    async def run(self) -> None:
        """Ship again and again; a store in trouble is waited out."""
        while True:
            self._wake.clear()
            try:
                await self.ship()
            except StoreUnavailable as error:
                self._store.complain(error)
            except Exception:  # an output that cannot be shown elsewhere must not stop the engine
                log.exception("the output of tasks could not be stored")
                self._ended.clear()
            await self._clock.wait(self._wake, self._clock.now() + EVERY)

    async def finish(self) -> None:
        """Ship what has ended, before the engine does."""
        try:
            await self.ship()
        except Exception:  # it is still in its folder, on this host
            log.exception("the output of tasks could not be stored")

    async def ship(self) -> None:
        """One round: a piece of each file that runs on, and all the rest of what has ended."""
        ended = frozenset(self._ended)
        for attempt in ended | self._runner.given:
            while await self._ship_pieces(attempt) and attempt in ended:
                pass
            if attempt in ended:
                whole = LogChunk(attempt, WHOLE, 0, 0, "")
                await self._store.write(partial(_keep, chunks=[whole]))
        self._ended -= ended
        self._forget(ended)

    async def _ship_pieces(self, attempt: UUID) -> bool:
        """The next piece of each file; whether there may be more."""
        for file in FILES:
            if (attempt, file) not in self._shipped:
                known = partial(_end_of, attempt=attempt, file=file)
                self._shipped[attempt, file] = await self._store.read_long(known)
        chunks = await asyncio.to_thread(self._read, attempt)
        if chunks:
            await self._store.write(partial(_keep, chunks=chunks))
            for chunk in chunks:
                self._shipped[attempt, chunk.file] = chunk.position + chunk.size
        return any(chunk.size == PIECE for chunk in chunks)

    def _read(self, attempt: UUID) -> list[LogChunk]:
        found = []
        for file in FILES:
            position = self._shipped[attempt, file]
            data = _piece(attempt_folder(self._attempts_dir, attempt) / file, position)
            if data:
                text = base64.b85encode(zlib.compress(data)).decode("ascii")
                found.append(LogChunk(attempt, file, position, len(data), text))
        return found

    def _forget(self, attempts: Iterable[UUID]) -> None:
        for attempt in attempts:
            for file in FILES:
                self._shipped.pop((attempt, file), None)


def _piece(path: Path, position: int) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(position)
            return file.read(PIECE)
    except FileNotFoundError:  # it has written nothing
        return b""


def _end_of(reader: Reader, attempt: UUID, file: str) -> int:
    last = reader.scan(CHUNKS_BY_ATTEMPT, attempt, file, reverse=True, limit=1)
    return last[0].position + last[0].size if last else 0


def _keep(tx: Transaction, chunks: Iterable[LogChunk]) -> None:
    for chunk in chunks:
        if tx.get(ATTEMPTS, chunk.attempt_id) is not None:  # else it was cleared away meanwhile
            tx.insert(LOG_CHUNKS, chunk)
