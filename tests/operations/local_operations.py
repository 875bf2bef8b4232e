"""Operations over a store in memory, at a fixed moment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.contract import Store
from tests.support.factories import NOW


class FixedClock(SystemClock):
    """A wall clock that a test sets."""

    def __init__(self, now: datetime = NOW) -> None:
        self.wall = now

    def now(self) -> datetime:
        return self.wall


def operations_on(store: Store, folder: Path, clock: FixedClock | None = None) -> LocalOperations:
    """Operations whose nodes and attempts lie under `folder`."""
    return LocalOperations(
        store, clock=clock or FixedClock(), actor="test", nodes_dir=folder / "nodes", attempts_dir=folder / "attempts"
    )
