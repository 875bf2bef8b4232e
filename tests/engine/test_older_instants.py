"""The oldest instants of a long gap: where a pause of the job cuts them, and how many there are on each side."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.pauses import pause_over
from jobistemer_tui.domain.records import Pause
from jobistemer_tui.engine.older_instants import parts_of, with_cut
from jobistemer_tui.engine.recovery import Gap, Part
from jobistemer_tui.schedules import Schedule, parse_schedule

DAWN = datetime(2026, 3, 2, 5, tzinfo=UTC)
COUNTED = parse_schedule("* * * * *", timezone="UTC", key="job", anchor=DAWN)
WALKED = parse_schedule(["*/2 * * * *", "1-59/2 * * * *"], timezone="UTC", key="job", anchor=DAWN)
HOUR = Gap((), DAWN, DAWN + timedelta(minutes=59), 60)


def at(minutes: float) -> datetime:
    return DAWN + timedelta(minutes=minutes)


def paused(begin: float, end: float | None) -> Pause:
    return Pause(UUID(int=1), at(begin), None if end is None else at(end), reason=None)


def test_a_gap_in_which_each_instant_has_a_row_has_none() -> None:
    assert parts_of(Gap(()), COUNTED, [paused(0, 60)]) == ()


@pytest.mark.parametrize(
    ("pauses", "begins", "counts", "covered"),
    [
        ([], [0], [60], [False]),
        ([paused(-9, None)], [0], [60], [True]),
        ([paused(-9, 0), paused(60, None)], [0], [60], [False]),
        ([paused(20.5, 40)], [0, 20.5, 40], [21, 19, 20], [False, True, False]),
        ([paused(-9, 40)], [0, 40], [40, 20], [True, False]),
        ([paused(59, None)], [0, 59], [59, 1], [False, True]),
        ([paused(10.2, 10.8)], [0, 10.8], [11, 49], [False, False]),
    ],
)
def test_they_are_cut_where_a_pause_begins_and_ends(
    pauses: list[Pause], begins: list[float], counts: list[int], covered: list[bool]
) -> None:
    found = parts_of(HOUR, COUNTED, pauses)
    assert [part.from_at for part in found] == [at(begin) for begin in begins]
    assert [part.count for part in found] == counts
    assert [part.is_paused for part in found] == covered
    assert found[-1].to_at == at(59)


def test_without_a_schedule_nothing_is_cut() -> None:
    assert parts_of(HOUR, None, [paused(20, 40)]) == (Part(at(0), at(59), 60, is_paused=False),)


def test_what_was_counted_as_the_gap_was_read_is_not_counted_again_unless_other_pauses_cut_them() -> None:
    before, since = [paused(20, None)], [paused(20, 40)]
    read = with_cut(HOUR, WALKED, before)
    assert parts_of(read, None, before) == parts_of(HOUR, WALKED, before)
    assert parts_of(read, WALKED, since) == parts_of(HOUR, WALKED, since)
    assert with_cut(Gap(()), WALKED, before) == Gap(())


@pytest.mark.parametrize("since", [[paused(20, 70)], [paused(20, None), paused(65, 68)], [paused(20, 59.5)]])
def test_a_pause_that_begins_or_ends_after_them_lets_nothing_be_counted_again(since: list[Pause]) -> None:
    """Regression: for who paused or resumed the job meanwhile they were walked while the store was locked."""
    read = with_cut(HOUR, WALKED, [paused(20, None)])
    assert parts_of(read, None, since) is parts_of(read, None, [paused(20, None)])


_BOUNDS = st.lists(st.integers(-10, 70 * 4), max_size=6, unique=True)


@given(_BOUNDS, st.sampled_from([COUNTED, WALKED]), st.booleans())
def test_each_instant_is_counted_once_on_its_side(bounds: list[int], schedule: Schedule, open_end: bool) -> None:
    edges = sorted(bound / 4 for bound in bounds)
    pauses = [paused(begin, end) for begin, end in zip(edges[::2], edges[1::2], strict=False)]
    if len(edges) % 2 and open_end:
        pauses.append(paused(edges[-1], None))
    found = parts_of(HOUR, schedule, pauses)
    for minute in range(60):
        (part,) = [part for part in found if part.from_at <= at(minute) <= part.to_at]
        assert part.is_paused is (pause_over(pauses, at(minute)) is not None)
    assert sum(part.count for part in found) == 60
    for part in found:
        assert part.count == sum(part.from_at <= at(minute) <= part.to_at for minute in range(60))
