"""What a backfill does about each slot, and how it splits ranges of missed instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import MissedRange
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, TERMINAL_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine.backfill import Act, Step, split, steps_of
from jobistemer_tui.schedules import Slot
from tests.support.sample_records import NOW, sample_occurrence

TICK = datetime.resolution


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


RANGE = MissedRange(UUID(int=1), at(10), at(20), 11, Reason.DOWNTIME)


def test_an_instant_without_a_row_runs_and_one_of_a_range_is_replayed() -> None:
    steps = steps_of([Slot(at(9)), Slot(at(10)), Slot(at(20)), Slot(at(21))], {}, [RANGE])
    assert [(step.act, step.missed) for step in steps] == [
        (Act.RUN, None), (Act.REPLAY, RANGE), (Act.REPLAY, RANGE), (Act.RUN, None),
    ]  # fmt: skip


@pytest.mark.parametrize("state", OccurrenceState)
def test_an_instant_with_a_row_is_replayed_if_it_has_ended(state: OccurrenceState) -> None:
    row = replace(sample_occurrence(0), state=state)
    (step,) = steps_of([Slot(NOW)], {NOW: row}, [])
    assert (step.act is Act.REPLAY) == (state in TERMINAL_OCCURRENCES)
    assert (step.act is Act.OPEN) == (state in (*OPEN_OCCURRENCES, OccurrenceState.PLANNED))
    assert step.row == row


def test_what_the_schedule_leaves_out_is_left_out_unless_it_has_a_row() -> None:
    slot = Slot(NOW, "excluded", "holiday")
    row = replace(sample_occurrence(0), state=OccurrenceState.SKIPPED, reason=Reason.EXCLUDED)
    assert steps_of([slot], {}, [replace(RANGE, from_at=NOW)]) == (Step(NOW, Act.LEFT_OUT, why="holiday"),)
    assert steps_of([slot], {NOW: row}, [])[0].act is Act.REPLAY


@pytest.mark.parametrize(
    ("inside", "left", "right"),
    [
        ((13, 14), (10, 12, 3), (14, 20, 6)),
        ((10, 11), None, (11, 20, 9)),
        ((19, 20), (10, 18, 9), None),
        (tuple(range(10, 21)), None, None),
    ],
    ids=["middle", "beginning", "end", "all"],
)
def test_a_range_is_split(
    inside: tuple[int, ...], left: tuple[int, int, int] | None, right: tuple[int, int, int] | None
) -> None:
    parts = split(RANGE, [at(minute) for minute in inside], (at(minute) for minute in range(10, inside[0])))
    wanted = []
    if left is not None:
        wanted.append(replace(RANGE, from_at=at(left[0]), to_at=at(left[1]), count=left[2]))
    if right is not None:
        wanted.append(replace(RANGE, from_at=at(right[0]) + TICK, to_at=at(right[1]), count=right[2]))
    assert list(parts) == wanted
    assert sum(part.count for part in parts) + len(inside) == RANGE.count


def test_a_schedule_that_has_changed_cannot_make_a_range_count_more_or_less_than_nothing() -> None:
    inside = [at(minute) for minute in range(10, 24)]
    assert split(RANGE, inside, []) == ()
    crowded = split(RANGE, [at(15)], (at(10) + timedelta(seconds=second) for second in range(99)))
    assert [part.count for part in crowded] == [10]
