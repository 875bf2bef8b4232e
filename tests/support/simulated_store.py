"""One store that outlives its programs, and the handle each of them has on it, whose every call may fail.

A commit can fail before its effect (nothing was written), after it (it was, but the answer is lost), or be slow.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID

from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.storage.codec import RecordCodec, Row, codec_of
from jobistemer_tui.storage.contract import Capabilities, Reader, Transaction
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.memory.rows import MemoryRows
from jobistemer_tui.storage.tables import EVENTS, Table
from tests.support.simulated_loop import SimulatedLoop

R = TypeVar("R")
T = TypeVar("T")
Work = Callable[[Transaction], Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What a commit did to one row, as it is stored; None: it was not there before, or is not there after."""

    table: Table[Any]
    before: Row | None
    after: Row | None


@dataclass(frozen=True, slots=True)
class Commit:
    """One transaction that took effect: by which engine (None: a person's command), and the kinds of its events."""

    number: int
    by: UUID | None
    changes: Sequence[Change]
    events: Sequence[str]


@dataclass(slots=True)
class Faults:
    """What goes wrong at present: probabilities of a call, and the longest delays in seconds."""

    before: float = 0.0
    after: float = 0.0
    read: float = 0.0
    commit_s: float = 0.005
    answer_s: float = 0.002


class RecordedRows(MemoryRows):
    """Rows that note what the present transaction has changed, each time it did."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.events: list[str] = []

    def begin(self) -> None:
        super().begin()
        self.changes, self.events = [], []

    def put(self, table: Table[Any], key: Row, row: Row | None) -> None:
        before = self.get(table, key)
        super().put(table, key, row)
        if table is EVENTS and row is not None:
            self.events.append(row[_KIND])
        else:
            self.changes.append(Change(table, before, row))


_KIND = codec_of(EVENTS).places["kind"]


class SimulatedDisk:
    """What survives every program: the rows, and for the checker the commits in order."""

    def __init__(self) -> None:
        self.raw = RecordedRows()
        self.rows = MemoryStore(self.raw)
        self.commits: list[Commit] = []

    def commit(self, work: Callable[[Transaction], T], by: UUID | None) -> T:
        """Run a transaction to its end, now. Raises what it raises."""
        result = self.rows.write(work)
        self.commits.append(Commit(len(self.commits), by, self.raw.changes, self.raw.events))
        return result


class StoreHandle:
    """Implements `storage.contract.Store` for one program; its writer commits whatever has queued up, in order."""

    def __init__(self, disk: SimulatedDisk, loop: SimulatedLoop, chance: random.Random, faults: Faults) -> None:
        self._disk = disk
        self._loop = loop
        self._chance = chance
        self._faults = faults
        self._queue: list[tuple[Work, Future[Any]]] = []
        self.closed = False
        self.by: UUID | None = None
        self.ours = True

    @property
    def id(self) -> UUID:
        return self._disk.rows.id

    @property
    def capabilities(self) -> Capabilities:
        return self._disk.rows.capabilities

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        self._check()
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        if not self._queue:
            self._loop.call_later(self._chance.random() * self._faults.commit_s, self._write_queue)
        self._queue.append((work, future))
        return future

    def _write_queue(self) -> None:
        group, self._queue = self._queue, []
        delay = self._chance.random() * self._faults.answer_s
        for work, future in group:
            # One after another, a moment apart: answers come in the order of the commits.
            delay += 1e-6
            self._loop.call_later(delay, _answer, future, self._outcome(work))

    def _outcome(self, work: Work) -> tuple[Any, BaseException | None]:
        if self.closed:
            return None, asyncio.CancelledError()
        if self._chance.random() < self._faults.before:
            return None, StoreUnavailable("simulated: nothing was written")
        try:
            result = self._disk.commit(work, self.by)
        except Exception as error:  # noqa: BLE001 - whatever the work raised belongs to the waiter
            return None, error
        if self._chance.random() < self._faults.after:
            return None, StoreUnavailable("simulated: it was written, but the answer is lost")
        return result, None

    def write(self, work: Callable[[Transaction], T]) -> T:
        raise AssertionError("an engine never waits for a commit on its loop")

    def read(self, work: Callable[[Reader], T]) -> T:
        self._check()
        if self._faults.read and self._chance.random() < self._faults.read:
            raise StoreUnavailable("simulated: the store cannot be read")
        return self._disk.rows.read(work)

    def change_token(self) -> int:
        return self._disk.rows.change_token()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._disk.rows.on_change(listener)

    def check(self, *, thorough: bool) -> None:
        self._check()

    def files_are_ours(self) -> bool:
        return self.ours

    def close(self) -> None:
        """From now on nothing is read or written through this handle."""
        self.closed = True

    def _check(self) -> None:
        if self.closed:
            raise asyncio.CancelledError


def _answer(future: Future[Any], outcome: tuple[Any, BaseException | None]) -> None:
    result, error = outcome
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)


def remembered_rows() -> AbstractContextManager[object]:
    """Decode each row once: rows and records never change, and decoding is half of what a simulation would cost."""
    decode, known = RecordCodec.decode, dict[int, tuple[Row, Any]]()

    def remembered(codec: RecordCodec[R], row: Row) -> R:
        found = known.get(id(row))
        if found is None:
            found = known[id(row)] = row, decode(codec, row)  # a row that is kept has its id for itself
        record: R = found[1]
        return record

    return patch.object(RecordCodec, "decode", remembered)
