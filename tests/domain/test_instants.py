"""Instants have one text form, and a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.instants import (
    EPOCH,
    end_of,
    from_microseconds,
    instant_text,
    parse_instant,
    to_microseconds,
)

instants = st.datetimes(
    min_value=datetime(1, 1, 2),  # noqa: DTZ001  # hypothesis wants naive bounds
    max_value=datetime(9999, 12, 30),  # noqa: DTZ001  # as above
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2)), timezone(-timedelta(hours=3, minutes=30))]),
)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T00:30:00Z"),
        (datetime(2026, 10, 25, 0, 30, 0, 250_000, tzinfo=UTC), "2026-10-25T00:30:00.250000Z"),
        (datetime(2026, 10, 25, 0, 30, 0, 1, tzinfo=UTC), "2026-10-25T00:30:00.000001Z"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2))), "2026-10-25T00:30:00Z"),
        (datetime(7, 1, 2, tzinfo=UTC), "0007-01-02T00:00:00Z"),
    ],
)
def test_text(instant: datetime, text: str) -> None:
    assert instant_text(instant) == text
    assert parse_instant(text) == instant


@given(instants)
def test_text_round_trip(instant: datetime) -> None:
    back = parse_instant(instant_text(instant))
    assert back == instant
    assert back.utcoffset() == timedelta(0)


@given(instants)
def test_microseconds_round_trip(instant: datetime) -> None:
    assert from_microseconds(to_microseconds(instant)) == instant


@given(instants, instants)
def test_numbers_sort_like_instants(one: datetime, other: datetime) -> None:
    assert (to_microseconds(one) < to_microseconds(other)) == (one < other)


def test_numbers_count_from_1970() -> None:
    assert to_microseconds(EPOCH) == 0
    assert to_microseconds(EPOCH - timedelta(microseconds=1)) == -1
    assert from_microseconds(1_500_000) == EPOCH + timedelta(seconds=1.5)


def test_a_naive_datetime_is_no_instant() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        instant_text(datetime(2026, 1, 1))  # noqa: DTZ001  # the mistake under test


@pytest.mark.parametrize("text", ["2026-10-25T00:30:00", "2026-10-25", "tomorrow", "", "0001-01-01T00:00:00+02:00"])
def test_text_that_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match=r"zone|isoformat|range"):
        parse_instant(text)


def test_an_end_beyond_the_calendar_is_its_last_instant() -> None:
    start = datetime(9999, 12, 31, tzinfo=UTC)
    assert end_of(start, timedelta(hours=1)) == start + timedelta(hours=1)
    assert end_of(start, timedelta(days=2)) == datetime.max.replace(tzinfo=UTC)
