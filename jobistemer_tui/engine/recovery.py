"""Pure: what becomes of the instants that passed while no engine was awake."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from jobistemer_tui.domain.policies import RecoveryStrategy

MAX_ROWS = 10_000
"""Instants of one gap that get a row each; older ones share one range row."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The instants of a gap in order: at most MAX_ROWS newest, and the `older_count` before them as a span."""

    instants: tuple[datetime, ...]
    older_from: datetime | None = None
    older_to: datetime | None = None
    older_count: int = 0


def collect_gap(instants: Iterator[datetime]) -> Gap:
    """Read the instants of a gap in order, keeping the newest."""
    newest: deque[datetime] = deque(maxlen=MAX_ROWS)
    first: datetime | None = None
    dropped_last: datetime | None = None
    count = 0
    for instant in instants:
        first = first or instant
        if len(newest) == MAX_ROWS:
            dropped_last = newest[0]
            count += 1
        newest.append(instant)
    return Gap(tuple(newest), first if count else None, dropped_last, count)


def to_execute(strategy: RecoveryStrategy, eligible: Sequence[datetime]) -> frozenset[datetime]:
    """The instants of a gap that run after all; `eligible` leaves out those that passed during a pause."""
    match strategy:
        case RecoveryStrategy.EXECUTE_LAST:
            return frozenset(eligible[-1:])
        case RecoveryStrategy.MARK_AS_MISSED:
            return frozenset()
