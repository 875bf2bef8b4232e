"""Waiting for what an engine does."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event
from uuid import UUID

from jobistemer_tui.domain.states import TERMINAL_OCCURRENCES, OccurrenceState
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import EngineRole

_LOOK_EVERY_S = 0.1
_LOOKS_UNTIL_SURE = 20


def wait_for_end(operations: Operations, occurrence_id: UUID) -> OccurrenceState:
    """The state in which an occurrence ended, or the one in which it is left when its engine goes away."""
    looks_without_engine = 0
    for _ in looks(operations):
        status = operations.occurrence(occurrence_id).row.status
        alone = operations.engine().role is EngineRole.NONE
        looks_without_engine = looks_without_engine + 1 if alone else 0
        if status in TERMINAL_OCCURRENCES or looks_without_engine >= _LOOKS_UNTIL_SURE:
            return status
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
