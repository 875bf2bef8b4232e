"""A store that lets no state change pass that the tables of `domain.states` do not allow."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID

from jobistemer_tui.domain.records import Event
from jobistemer_tui.domain.states import (
    ATTEMPT_MOVES,
    OCCURRENCE_MOVES,
    TASK_RUN_MOVES,
    AttemptState,
    OccurrenceState,
    TaskRunState,
)
from jobistemer_tui.storage.contract import Capabilities, Reader, Store, Transaction
from jobistemer_tui.storage.tables import ATTEMPTS, OCCURRENCES, TASK_RUNS, Index, Table

R = TypeVar("R")
T = TypeVar("T")
_MOVES: dict[str, Any] = {
    OCCURRENCES.name: OCCURRENCE_MOVES,
    TASK_RUNS.name: TASK_RUN_MOVES,
    ATTEMPTS.name: ATTEMPT_MOVES,
}
_FIRST: dict[str, frozenset[StrEnum]] = {
    OCCURRENCES.name: frozenset({OccurrenceState.PLANNED}),
    TASK_RUNS.name: frozenset({TaskRunState.PENDING}),
    ATTEMPTS.name: frozenset({AttemptState.PLANNED, AttemptState.RUNNING}),
}


class CheckedTransaction:
    """A transaction that asserts that each row begins, and moves, as the tables say."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def get(self, table: Table[R], *key: Any) -> R | None:
        return self._tx.get(table, *key)

    def scan(self, index: Index[R], *equal: Any, **bounds: Any) -> list[R]:
        return self._tx.scan(index, *equal, **bounds)

    def scan_part(self, part: Table[R], index: Index[Any], *equal: Any, **bounds: Any) -> list[R]:
        return self._tx.scan_part(part, index, *equal, **bounds)

    def count(self, index: Index[Any], *equal: Any) -> int:
        return self._tx.count(index, *equal)

    def insert(self, table: Table[R], record: R) -> bool:
        first: Any = record
        if table.name in _FIRST:
            assert first.state in _FIRST[table.name], f"a {table.name} may not begin as {first.state}"
        return self._tx.insert(table, record)

    def replace(self, table: Table[R], old: R, new: R) -> bool:
        before: Any = old
        after: Any = new
        if table.name in _MOVES and before.state is not after.state:
            assert (before.state, after.state) in _MOVES[table.name], f"{table.name}: {before.state} → {after.state}"
        return self._tx.replace(table, old, new)

    def delete(self, table: Table[Any], *key: Any) -> bool:
        return self._tx.delete(table, *key)

    def append(self, event: Event) -> int:
        return self._tx.append(event)


class CheckedStore:
    """Another store, all of whose transactions are checked. `fail` raises, or not, before each write."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.fail: Callable[[], None] = lambda: None
        self.fail_reads: Callable[[], None] = lambda: None
        self.ours = True

    @property
    def id(self) -> UUID:
        return self._store.id

    @property
    def capabilities(self) -> Capabilities:
        return self._store.capabilities

    def submit(self, work: Callable[[Transaction], T]) -> Future[T]:
        def checked(tx: Transaction) -> T:
            self.fail()
            return work(CheckedTransaction(tx))

        return self._store.submit(checked)

    def write(self, work: Callable[[Transaction], T]) -> T:
        return self.submit(work).result()

    def read(self, work: Callable[[Reader], T]) -> T:
        self.fail_reads()
        return self._store.read(work)

    def check(self, *, thorough: bool) -> None:
        self._store.check(thorough=thorough)

    def change_token(self) -> int:
        return self._store.change_token()

    def on_change(self, listener: Callable[[], None]) -> Callable[[], None]:
        return self._store.on_change(listener)

    def files_are_ours(self) -> bool:
        return self.ours and self._store.files_are_ours()

    def close(self) -> None:
        self._store.close()
