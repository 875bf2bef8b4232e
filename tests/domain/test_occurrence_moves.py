"""One constructor for each move of an occurrence: from where it works, and what it changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from jobistemer_tui.domain import occurrence_moves as moves
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import IllegalMove, OccurrenceState, Reason, Trigger, Who
from tests.domain import move_tables
from tests.domain.rows import ALICE, BOB, INSTANT, LATER, occurrence

S = OccurrenceState
Make = Callable[[Occurrence], Occurrence]


def start(row: Occurrence) -> Occurrence:
    return moves.start(row, owner=BOB, now=LATER, version=2, timeout_s=60.0, last_run_at=INSTANT)


def finish(state: OccurrenceState) -> Make:
    return lambda row: moves.finish(row, state, Reason.TASK_FAILED, now=LATER)


def skip(who: Who) -> Make:
    return lambda row: moves.skip(row, who, Reason.OVERLAP, now=LATER)


def cancel_waiting(who: Who) -> Make:
    return lambda row: moves.cancel_waiting(row, who, Reason.USER, now=LATER)


def request_cancel(who: Who) -> Make:
    return lambda row: moves.request_cancel(row, who, Reason.USER)


def promote(who: Who) -> Make:
    return lambda row: moves.promote(row, who)


CASES: list[tuple[Make, OccurrenceState, Who]] = [
    (start, S.RUNNING, Who.PLANNER),
    (lambda row: moves.wait(row, Reason.NO_SLOT), S.PENDING, Who.PLANNER),
    (lambda row: moves.enqueue(row, Reason.OVERLAP, sequence=7), S.QUEUED, Who.PLANNER),
    (lambda row: moves.miss(row, Reason.DOWNTIME, now=LATER), S.MISSED, Who.PLANNER),
    (moves.plan_again, S.PLANNED, Who.PLANNER),
    (lambda row: moves.reap(row, Reason.OWNER_LOST, now=LATER), S.FAILED_STALE, Who.REAPER),
    (lambda row: moves.release(row, Reason.RERUN), S.PENDING, Who.REAPER),
    *((promote(who), S.PENDING, who) for who in (Who.OWNER, Who.SWEEP, Who.USER)),
    *((skip(who), S.SKIPPED, who) for who in Who),
    *((cancel_waiting(who), S.CANCELED, who) for who in Who if who is not Who.OWNER),
    *((request_cancel(who), S.CANCELING, who) for who in Who),
    *((finish(state), state, Who.OWNER) for state in S),
]


@pytest.mark.parametrize("old", S)
def test_constructors_work_where_the_table_allows_their_moves(old: OccurrenceState) -> None:
    allowed = move_tables.moves(move_tables.OCCURRENCES)
    for make, new, who in CASES:
        if (old, new, who) in allowed:
            assert make(occurrence(old)).state == new
        else:
            with pytest.raises(IllegalMove):
                make(occurrence(old))


def test_every_move_of_the_table_has_a_constructor() -> None:
    made = {(new, who) for _, new, who in CASES} | {(S.PENDING, Who.REAPER)}
    assert {(new, who) for _, new, who in move_tables.moves(move_tables.OCCURRENCES)} <= made


def test_start_takes_ownership_under_the_next_epoch() -> None:
    row = start(occurrence(S.PENDING, owner=None))
    assert (row.owner, row.epoch, row.version) == (BOB, 5, 2)
    assert (row.started_at, row.last_run_at) == (LATER, INSTANT)
    assert row.deadline_at == LATER + timedelta(seconds=60)


def test_start_without_a_limit_has_no_deadline() -> None:
    row = moves.start(
        occurrence(S.PLANNED), owner=BOB, now=LATER, version=1, timeout_s=None, last_run_at=None
    )  # fmt: skip
    assert row.deadline_at is None


def test_a_wait_says_why() -> None:
    row = moves.wait(occurrence(S.PLANNED), Reason.NO_SLOT, {"slots": 8})
    assert (row.reason, row.detail) == (Reason.NO_SLOT, {"slots": 8})


def test_a_queued_one_knows_its_place() -> None:
    row = moves.enqueue(occurrence(S.PLANNED), Reason.OVERLAP, sequence=7, detail={"ahead": 2})
    assert (row.sequence, row.reason, row.detail) == (7, Reason.OVERLAP, {"ahead": 2})


def test_a_promoted_one_says_so() -> None:
    assert moves.promote(occurrence(S.QUEUED), Who.SWEEP).reason == Reason.PROMOTED


@pytest.mark.parametrize(
    ("make", "old"),
    [
        (skip(Who.PLANNER), S.PLANNED),
        (lambda row: moves.miss(row, Reason.ASLEEP, now=LATER), S.PLANNED),
        (cancel_waiting(Who.USER), S.QUEUED),
        (finish(S.FAILED), S.RUNNING),
        (lambda row: moves.reap(row, Reason.OWNER_LOST, now=LATER), S.CANCELING),
    ],
)
def test_an_end_has_its_time_and_forgets_the_detail_of_the_state_before(make: Make, old: OccurrenceState) -> None:
    row = make(occurrence(old))
    assert row.finished_at == LATER
    assert row.detail == {}


def test_a_request_to_cancel_ends_nothing_and_keeps_the_owner() -> None:
    row = moves.request_cancel(occurrence(S.RUNNING), Who.USER, Reason.USER, {"by": "eva"})
    assert (row.finished_at, row.owner, row.epoch, row.detail) == (None, ALICE, 4, {"by": "eva"})


def test_an_outcome_keeps_the_owner_for_the_record() -> None:
    row = moves.finish(occurrence(S.RUNNING), S.COMPLETED, None, now=LATER)
    assert (row.owner, row.epoch, row.reason) == (ALICE, 4, None)


def test_a_row_planned_again_is_like_one_never_handled() -> None:
    missed = moves.miss(occurrence(S.PLANNED), Reason.DOWNTIME, now=LATER, detail={"from": "x"})
    row = moves.plan_again(missed)
    assert (row.reason, row.detail, row.finished_at, row.handled_at) == (None, {}, None, None)
    recovered = replace(occurrence(S.QUEUED), trigger=Trigger.RECOVERY, window={"count": 2}, sequence=3, due_at=LATER)
    assert moves.plan_again(recovered) == replace(
        occurrence(S.QUEUED), state=S.PLANNED, trigger=Trigger.SCHEDULE, due_at=recovered.scheduled_at, detail={}
    )  # fmt: skip


@pytest.mark.parametrize("state", S)
def test_adoption_changes_the_owner_and_nothing_else(state: OccurrenceState) -> None:
    if state in (S.RUNNING, S.CANCELING):
        row = moves.adopt(occurrence(state), BOB)
        assert (row.state, row.owner, row.epoch, row.detail) == (state, BOB, 5, {"left": "over"})
    else:
        with pytest.raises(IllegalMove):
            moves.adopt(occurrence(state), BOB)


def test_the_reaper_fences_the_old_owner() -> None:
    assert moves.reap(occurrence(S.RUNNING), Reason.OWNER_LOST, now=LATER).epoch == 5


def test_a_released_one_is_free_and_fences_the_old_owner() -> None:
    row = moves.release(start(occurrence(S.PENDING)), Reason.NEVER_STARTED)
    assert (row.owner, row.epoch, row.started_at, row.deadline_at) == (None, 6, None, None)
    assert row.reason == Reason.NEVER_STARTED


@pytest.mark.parametrize("state", [state for state in S if state is not S.PLANNED])
def test_only_a_planned_row_is_marked(state: OccurrenceState) -> None:
    with pytest.raises(IllegalMove, match="only a planned"):
        moves.mark(occurrence(state), Reason.SKIPPED_BY_USER)


@pytest.mark.parametrize("state", [state for state in S if state not in (S.PENDING, S.QUEUED)])
def test_only_a_row_that_waits_is_held(state: OccurrenceState) -> None:
    with pytest.raises(IllegalMove, match="only an occurrence that waits"):
        moves.hold(occurrence(state), LATER, Reason.SNOOZED)
