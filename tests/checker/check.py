"""All invariants over one history, and over the files of a real store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tests.checker import (
    delays,
    execution,
    gaps,
    groups,
    in_force,
    logs,
    moves,
    outbox,
    overlap,
    ownership,
    presence,
    recoveries,
    starts,
    values,
    waiting,
)
from tests.checker.history import History, Violation
from tests.checker.real_store import integrity, read_history

CHECKS: tuple[Callable[[History], Iterator[Violation]], ...] = (
    presence.check, in_force.check, execution.check, overlap.check, groups.check, moves.check, ownership.check,
    waiting.check, values.check, outbox.check, gaps.check, delays.check, recoveries.check, starts.check,
)  # fmt: skip


def check_history(history: History) -> list[Violation]:
    """Everything that was promised and not kept."""
    return [violation for check in CHECKS for violation in check(history)]


def check(
    database: Path, ledger: Path | None = None, *, folders: Path | None = None, alive: Iterable[bytes] = (),
    over: bool = False, until: int | None = None,
) -> list[Violation]:  # fmt: skip
    """Judge a real SQLite store, read-only.

    `folders` is where the attempts' folders lie; `alive` are the attempts that have processes; `over`, `until` as in
    History, `until` being now as well.

    Raises sqlite3.Error if the database cannot be read, ValueError for a ledger line that is none.
    """
    history = read_history(database, ledger)
    history.alive, history.over, history.until, history.now = list(alive), over, until, until
    kept = [] if folders is None else list(logs.check(history, folders))
    return [*integrity(database), *kept, *check_history(history)]
