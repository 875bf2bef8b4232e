"""The same steps on every backend: equal results step by step, and the invariants hold after each."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.engine.transactions import advance, claim, takeover
from jobistemer_tui.storage import row_transaction
from jobistemer_tui.storage.tables import OCCURRENCES
from tests.support.state_machine import MemoryMachine, StoreMachine
from tests.support.store_backends import BACKENDS

NORMAL = settings(max_examples=100, stateful_step_count=50, suppress_health_check=list(HealthCheck))
EXAMPLES = int(os.environ.get("STATE_MACHINE_EXAMPLES", "5000"))
PARTS = min(50, EXAMPLES)
"""Half of the time is spent in a server, so that several processes are faster even on one core."""
FIRST_FAILURE = settings(NORMAL, max_examples=200, phases=[Phase.generate], report_multiple_bugs=False)


class QuickMachine(StoreMachine):
    """The backends whose statements take no journey to another process."""

    backends = tuple(backend for backend in BACKENDS if backend.quick)


@pytest.mark.timeout(600)
def test_quick_backends_agree_and_invariants_hold() -> None:
    run_state_machine_as_test(QuickMachine, settings=NORMAL)


@pytest.mark.timeout(600)
def test_all_backends_agree() -> None:
    run_state_machine_as_test(StoreMachine, settings=settings(NORMAL, max_examples=15))


@pytest.mark.campaign("state-machine")
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_backends_agree_and_invariants_hold_for_long(part: int) -> None:
    """`STATE_MACHINE_EXAMPLES` (5,000) of 100 steps, other ones each time; a failure prints its steps."""
    number = EXAMPLES // PARTS + (part < EXAMPLES % PARTS)
    run_state_machine_as_test(
        StoreMachine,
        settings=settings(NORMAL, max_examples=number, stateful_step_count=100, derandomize=False, print_blob=True),
    )


def no_new_epoch(row: Any, owner: Any) -> Any:
    """An adoption that does not raise the epoch."""
    return replace(row, owner=owner)


def no_fence(tx: Any, owner: Any, occurrence_id: Any) -> Any:
    """A fence that lets every owner pass."""
    return tx.get(OCCURRENCES, occurrence_id)


def no_waking(*_: Any) -> list[Any]:
    """An end that wakes nobody."""
    return []


def tasks_left_open(*_: Any) -> None:
    """A reaping that forgets the tasks."""


def room_for_one(*_: Any) -> int:
    """A group that is never full."""
    return 1


def one_too_few(real: Callable[..., int]) -> Callable[..., int]:
    """A backend that counts one row too few."""
    return lambda self, index, *equal: max(0, real(self, index, *equal) - 1)


PLANTED: dict[str, tuple[Any, str, Any]] = {
    "an epoch that is not raised": (occurrence_moves, "adopt", no_new_epoch),
    "no fence": (advance, "owned", no_fence),
    "nobody is woken": (advance, "wake_queue", no_waking),
    "open tasks of what has ended": (takeover, "_end_run", tasks_left_open),
    "a claim that asks for no room in the group": (claim, "room_in", room_for_one),
}


@pytest.mark.parametrize("defect", PLANTED)
def test_a_planted_defect_breaks_an_invariant(defect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    where, name, instead = PLANTED[defect]
    monkeypatch.setattr(where, name, instead)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(MemoryMachine, settings=FIRST_FAILURE)


def test_a_backend_that_counts_wrongly_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = one_too_few(row_transaction.RowReader.count)
    monkeypatch.setattr(row_transaction.RowTransaction, "count", wrong)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(QuickMachine, settings=FIRST_FAILURE)
