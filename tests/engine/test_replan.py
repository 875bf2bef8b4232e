"""Which planned rows an edit adds, removes and keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from jobistemer_tui.domain.cascade import Level, job_policies
from jobistemer_tui.domain.policies import JobPolicies
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.replan import PlanDiff, compare, hand_over_at, slots_to_plan
from jobistemer_tui.schedules import Slot
from tests.support.sample_records import NOW, sample_occurrence


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def rows(*minutes: int, marked: tuple[int, ...] = ()) -> list[Occurrence]:
    planned = [sample_occurrence(60 * minute) for minute in minutes]
    return [replace(row, reason=Reason.SNOOZED) if row.scheduled_at in map(at, marked) else row for row in planned]


def slots(*minutes: int) -> list[Slot]:
    return [Slot(at(minute)) for minute in minutes]


def minutes(found: PlanDiff) -> tuple[list[int], list[int], list[int], list[int]]:
    def of(*instants: datetime) -> list[int]:
        return [(instant - NOW) // timedelta(minutes=1) for instant in instants]

    return (
        of(*(slot.instant for slot in found.added)), of(*(row.scheduled_at for row in found.removed)),
        of(*(row.scheduled_at for row, _ in found.kept)), of(*(row.scheduled_at for row in found.marked)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("have", "marked", "want", "named", "added", "removed", "kept", "kept_marks"),
    [
        ((), (), (), (), [], [], [], []),
        ((), (), (1, 2), (), [1, 2], [], [], []),
        ((1, 2), (), (), (), [], [1, 2], [], []),
        ((1, 2), (), (1, 2), (), [], [], [1, 2], []),
        ((1, 2), (), (2, 3), (), [3], [1], [2], []),
        ((2, 1), (1,), (2, 1), (), [], [], [1, 2], [1]),
        ((1, 5), (5,), (1,), (5,), [], [], [1, 5], [5]),
        ((1, 5), (5,), (1,), (), [], [5], [1], []),
        ((1, 5), (), (1,), (5,), [], [5], [1], []),
    ],
    ids=["nothing", "new", "gone", "same", "moved", "mark stays", "far mark stays", "mark of no slot", "no mark"],
)
def test_the_difference_of_two_plans(
    have: tuple[int, ...], marked: tuple[int, ...], want: tuple[int, ...], named: tuple[int, ...], added: list[int],
    removed: list[int], kept: list[int], kept_marks: list[int],
) -> None:  # fmt: skip
    found = compare(rows(*have, marked=marked), slots(*want), slots(*named))
    assert minutes(found) == (added, removed, kept, kept_marks)


def policies(update: str = "immediate", horizon: int = 1) -> JobPolicies:
    return job_policies([Level("job", {"update_policy": update, "plan_horizon": horizon})])


@pytest.mark.parametrize(
    ("update", "horizon", "have", "planned"),
    [
        ("immediate", 1, (), [1]),
        ("immediate", 3, (2,), [1, 2, 3]),
        ("graceful", 2, (9,), [1, 2]),
        ("windowed", 3, (2,), [1, 2]),
        ("windowed", 2, (4,), [1, 2]),
        ("windowed", 3, (), [1, 2, 3]),
    ],
)
def test_what_is_planned_after_an_edit(update: str, horizon: int, have: tuple[int, ...], planned: list[int]) -> None:
    found = slots_to_plan(policies(update, horizon), slots(1, 2, 3, 4), rows(*have))
    assert found == slots(*planned)


def test_a_window_without_an_instant_of_the_new_schedule_gets_the_next_one() -> None:
    assert slots_to_plan(policies("windowed", 3), slots(7, 8), rows(2, 3)) == slots(7)


def test_handing_over() -> None:
    def after(instant: datetime) -> datetime | None:
        return at(30) if instant < at(30) else None

    left_out = Slot(at(1), "excluded", "holiday")
    assert hand_over_at(policies("immediate"), slots(1), after) is None
    assert hand_over_at(policies("graceful"), [left_out, *slots(2)], after) == at(2)
    assert hand_over_at(policies("graceful"), [], after) is None
    assert hand_over_at(policies("graceful"), slots(40), after) is None, "nothing of the new one would be left"
