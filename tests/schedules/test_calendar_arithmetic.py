"""ISO 8601 intervals against java.time's rules, written down here with the standard library alone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.schedules import Iso8601
from tests.schedules.transitions import ZONES, sample, wall

COUNT = 40


def plus_months(day: datetime, months: int) -> datetime:
    """LocalDateTime.plusMonths: a day that the month lacks becomes its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def at_zone(local: datetime, zone: ZoneInfo) -> datetime:
    """ZonedDateTime.of: later by the gap's length in a gap, the earlier offset in an overlap (PEP 495, fold 0)."""
    return local.replace(tzinfo=zone, fold=0).astimezone(UTC)


def occurrence(start: datetime, zone: ZoneInfo, size: tuple[int, int, int], count: int) -> datetime:
    """start + count × (months, days) on the wall clock, then count × seconds of elapsed time."""
    months, days, seconds = size
    local = plus_months(start, months * count) + timedelta(days=days * count)
    return at_zone(local, zone) + timedelta(seconds=seconds * count)


# A start near a change, or any, so that the intervals walk over many.
STARTS = st.one_of(
    st.tuples(st.deferred(lambda: st.sampled_from(sample(60))), st.integers(-3000, 3000)).map(
        lambda v: (v[0].zone, wall(v[0].at + timedelta(minutes=v[1]), ZoneInfo(v[0].zone)))
    ),
    st.tuples(
        st.sampled_from(ZONES),
        st.datetimes(datetime.fromisoformat("1980-01-01"), datetime.fromisoformat("2030-01-01")),
    ),
    st.tuples(
        st.sampled_from(ZONES),
        st.sampled_from([f"20{y}-{md}T02:30" for y in (20, 23) for md in ("01-31", "08-29")]).map(
            datetime.fromisoformat
        ),
    ),
).map(lambda v: (v[0], v[1].replace(microsecond=0)))
SIZES = st.tuples(
    st.one_of(st.just(0), st.integers(0, 30)),
    st.one_of(st.just(0), st.integers(0, 40)),
    st.one_of(st.just(0), st.sampled_from([3600, 86400, 1800]), st.integers(0, 100_000)),
).filter(any)


@settings(max_examples=150)
@given(STARTS, SIZES)
def test_occurrence_k_is_start_plus_k_times_the_duration(
    place: tuple[str, datetime], size: tuple[int, int, int]
) -> None:
    name, start = place
    zone = ZoneInfo(name)
    months, days, seconds = size
    schedule = Iso8601(f"R{COUNT}/{start.isoformat()}/P{months}M{days}DT{seconds}S", name)
    # Two wall times may mean one instant: the day that a zone skipped, and the day after it.
    expected = sorted({occurrence(start, zone, size, count) for count in range(COUNT)})
    assert list(islice(schedule.between(expected[0] - timedelta(days=9), expected[-1]), COUNT + 1)) == expected
    assert schedule.next_after(expected[-1]) is None
    middle = expected[len(expected) // 2]
    assert schedule.next_after(middle - timedelta(microseconds=1)) == middle


@settings(max_examples=80)
@given(STARTS, SIZES)
def test_an_interval_that_ends_counts_back_from_its_end(
    place: tuple[str, datetime], size: tuple[int, int, int]
) -> None:
    name, end = place
    zone = ZoneInfo(name)
    months, days, seconds = size
    schedule = Iso8601(f"R{COUNT}/P{months}M{days}DT{seconds}S/{end.isoformat()}", name)
    expected = sorted({occurrence(end, zone, size, -count) for count in range(COUNT)})
    assert list(schedule.between(expected[0] - timedelta(seconds=1), expected[-1])) == expected
