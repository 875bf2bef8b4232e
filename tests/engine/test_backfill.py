"""What a backfill does about each slot, and how it splits ranges of missed instants."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import MissedRange
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, TERMINAL_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine.backfill import Act, Ranged, Step, split, steps_of
from jobistemer_tui.schedules import Slot, parse_schedule
from tests.support.sample_records import NOW, sample_occurrence

TICK = datetime.resolution


def at(minute: int) -> datetime:
    return NOW.replace(microsecond=0) + timedelta(minutes=minute)


RANGE = MissedRange(UUID(int=1), at(10), at(20), 11, Reason.DOWNTIME)
EACH_MINUTE = Ranged(RANGE, parse_schedule({"interval": "PT1M"}, timezone="UTC", key="job", anchor=at(0)))


def test_an_instant_without_a_row_runs_and_one_of_a_range_is_replayed() -> None:
    steps = steps_of([Slot(at(9)), Slot(at(10)), Slot(at(20)), Slot(at(21))], {}, [EACH_MINUTE])
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
    assert steps_of([slot], {}, [Ranged(replace(RANGE, from_at=NOW), EACH_MINUTE.schedule)]) == (
        Step(NOW, Act.LEFT_OUT, why="holiday"),
    )
    assert steps_of([slot], {NOW: row}, [])[0].act is Act.REPLAY


def minutes(begin: datetime, last: datetime) -> int:
    return len([minute for minute in range(60) if begin <= at(minute) <= last])


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        ((13, 14), [(at(10), at(13) - TICK, 3), (at(14) + TICK, at(20), 6)]),
        ((10, 11), [(at(11) + TICK, at(20), 9)]),
        ((19, 20), [(at(10), at(19) - TICK, 9)]),
        ((12, 15), [(at(10), at(12) - TICK, 2), (at(12) + TICK, at(15) - TICK, 2), (at(15) + TICK, at(20), 5)]),
        (tuple(range(10, 21)), []),
    ],
    ids=["middle", "beginning", "end", "apart", "all"],
)
def test_a_range_is_split(inside: tuple[int, ...], wanted: list[tuple[datetime, datetime, int]]) -> None:
    parts = split(RANGE, [at(minute) for minute in inside], minutes)
    assert [(part.from_at, part.to_at, part.count) for part in parts] == wanted
    assert sum(part.count for part in parts) + len(inside) == RANGE.count


def test_a_count_that_is_wrong_cannot_make_a_range_hold_more_or_less_than_nothing() -> None:
    inside = [at(minute) for minute in range(10, 24)]
    assert split(RANGE, inside, minutes) == ()
    assert [part.count for part in split(RANGE, [at(15)], lambda begin, last: 99)] == [10]


def test_only_what_the_schedule_of_a_range_names_is_one_of_it() -> None:
    """Regression: an instant of a schedule that came later was taken for one that was missed."""
    odd = parse_schedule({"interval": "PT2M"}, timezone="UTC", key="job", anchor=at(9))
    steps = steps_of([Slot(at(minute)) for minute in (9, 10, 11, 20, 21)], {}, [Ranged(RANGE, odd)])
    assert [step.missed is RANGE for step in steps] == [False, False, True, False, False]
    assert [step.act for step in steps] == [Act.RUN, Act.RUN, Act.REPLAY, Act.RUN, Act.RUN]
