"""Waiting for what an engine does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, auto
from threading import Event
from uuid import UUID

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import EngineRole, OccurrenceDetail

_LOOK_EVERY_S = 0.1
_LOOKS_UNTIL_SURE = 20


class Stopped(Enum):
    """Why nothing more is waited for: the run has ended, its engine has gone away, or the time is over."""

    ENDED = auto()
    NO_ENGINE = auto()
    TIME_OUT = auto()


def watch(
    operations: Operations, occurrence_id: UUID, *, seconds: float | None = None,
    each: Callable[[OccurrenceDetail], None] = lambda detail: None,
) -> Stopped:  # fmt: skip
    """Look at a run until it has ended, at most for `seconds`; `each` is called with it at each look."""
    clock = SystemClock()
    begin, alone = clock.read().monotonic, 0
    detail = operations.occurrence(occurrence_id)
    for changed in looks(operations):
        if changed:
            detail = operations.occurrence(occurrence_id)
        each(detail)
        alone = alone + 1 if operations.engine().role is EngineRole.NONE else 0
        if detail.row.status in TERMINAL_OCCURRENCES:
            return Stopped.ENDED
        if alone >= _LOOKS_UNTIL_SURE:
            return Stopped.NO_ENGINE
        if seconds is not None and clock.read().monotonic - begin >= seconds:
            return Stopped.TIME_OUT
    raise AssertionError("looks never end")


def looks(operations: Operations) -> Iterator[bool]:
    """Look now and then, for ever; true where the store has changed since the last look."""
    tick = Event()
    token: int | None = None
    while True:
        newer = operations.change_token()
        yield newer != token
        token = newer
        tick.wait(_LOOK_EVERY_S)
