"""Every move of every entity is tried from every state by everybody."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TypeVar

import pytest

from jobistemer_tui.domain.states import (
    ATTEMPT_MOVES,
    LIVE_OCCURRENCES,
    OCCURRENCE_MOVES,
    OPEN_ATTEMPTS,
    OPEN_OCCURRENCES,
    OPEN_TASK_RUNS,
    OWNED_OCCURRENCES,
    TASK_RUN_MOVES,
    TERMINAL_OCCURRENCES,
    AttemptState,
    IllegalMove,
    OccurrenceState,
    Reason,
    TaskRunState,
    Trigger,
    Who,
    check_attempt_move,
    check_occurrence_move,
    check_task_run_move,
)
from tests.domain import move_tables

State = TypeVar("State")


def refused(check: Callable[[State, State, Who], None], old: State, new: State, who: Who) -> bool:
    try:
        check(old, new, who)
    except IllegalMove:
        return True
    return False


@pytest.mark.parametrize("old", OccurrenceState)
def test_occurrence_moves_are_those_of_the_reference(old: OccurrenceState) -> None:
    allowed = move_tables.moves(move_tables.OCCURRENCES)
    for new, who in product(OccurrenceState, Who):
        wrong = refused(check_occurrence_move, old, new, who)
        assert wrong == ((old, new, who) not in allowed), (old, new, who)


@pytest.mark.parametrize("old", TaskRunState)
def test_task_run_moves_are_those_of_the_reference(old: TaskRunState) -> None:
    allowed = move_tables.moves(move_tables.TASK_RUNS)
    for new, who in product(TaskRunState, Who):
        wrong = refused(check_task_run_move, old, new, who)
        assert wrong == ((old, new, who) not in allowed), (old, new, who)


@pytest.mark.parametrize("old", AttemptState)
def test_attempt_moves_are_those_of_the_reference(old: AttemptState) -> None:
    allowed = move_tables.moves(move_tables.ATTEMPTS)
    for new, who in product(AttemptState, Who):
        wrong = refused(check_attempt_move, old, new, who)
        assert wrong == ((old, new, who) not in allowed), (old, new, who)


def test_a_refusal_names_who_and_both_states() -> None:
    with pytest.raises(IllegalMove, match="user may not move an occurrence from completed to running") as caught:
        check_occurrence_move(OccurrenceState.COMPLETED, OccurrenceState.RUNNING, Who.USER)
    assert caught.value.code == "illegal_move"


def test_terminal_states_are_never_left_but_for_a_wrong_clock() -> None:
    left = {(old, new) for old, new in OCCURRENCE_MOVES if old in TERMINAL_OCCURRENCES}
    never_begun = OccurrenceState.MISSED, OccurrenceState.SKIPPED, OccurrenceState.CANCELED
    assert left == {(old, OccurrenceState.PLANNED) for old in never_begun}
    assert {old for old, _ in TASK_RUN_MOVES} == OPEN_TASK_RUNS
    assert {old for old, _ in ATTEMPT_MOVES} == OPEN_ATTEMPTS


def test_groups_of_states() -> None:
    assert {*OPEN_OCCURRENCES, *TERMINAL_OCCURRENCES, OccurrenceState.PLANNED} == set(OccurrenceState)
    assert not TERMINAL_OCCURRENCES & set(OPEN_OCCURRENCES)
    assert set(LIVE_OCCURRENCES) == {"running", "canceling", "pending"}
    assert set(OWNED_OCCURRENCES) == {"running", "canceling"}
    assert {"success", "failed", "timeout", "canceled", "failed_stale", "skipped"} | OPEN_TASK_RUNS == set(TaskRunState)
    assert {"success", "failed", "timeout", "canceled", "lost", "not_started"} | OPEN_ATTEMPTS == set(AttemptState)


def test_every_state_is_reached() -> None:
    assert {new for _, new in OCCURRENCE_MOVES} == set(OccurrenceState)
    assert {new for _, new in TASK_RUN_MOVES} == set(TaskRunState)
    assert {new for _, new in ATTEMPT_MOVES} | {AttemptState.PLANNED} == set(AttemptState)


def test_words_of_the_reference() -> None:
    assert {str(trigger) for trigger in Trigger} == {"schedule", "recovery", "manual", "replay", "backfill", "after"}
    words = (
        "overlap paused skipped_by_user queue_full excluded dst downtime asleep out_of_window too_late compressed_into"
        " no_slot no_node promoted spread group replacing user replaced shutdown job_removed expired task_failed"
        " timeout spawn owner_lost supervisor_lost deadline"
    )
    assert set(words.split()) <= {str(reason) for reason in Reason}
