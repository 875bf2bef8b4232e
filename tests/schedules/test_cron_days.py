"""Rules 4 to 6 and 8: which days match, how far ahead they are found, and the window."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from jobistemer_tui.schedules import Cron, ScheduleError
from tests.schedules.clock import first, utc


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("0 0 L * *", ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("0 0 LW * *", ["2024-01-31", "2024-02-29", "2024-03-29", "2024-04-30", "2024-05-31", "2024-06-28"]),
        ("0 0 1,L 2 *", ["2024-02-01", "2024-02-29", "2025-02-01", "2025-02-28"]),
        ("0 0 * * friL", ["2024-01-26", "2024-02-23", "2024-03-29"]),
        ("0 0 ? * 5L", ["2024-01-26", "2024-02-23", "2024-03-29"]),
        ("0 0 * * L5", ["2024-01-26", "2024-02-23", "2024-03-29"]),
        ("0 0 * * 7L", ["2024-01-28", "2024-02-25", "2024-03-31"]),
        ("0 0 * * fri#2", ["2024-01-12", "2024-02-09", "2024-03-08"]),
        ("0 0 * * 0#5", ["2024-03-31", "2024-06-30"]),
        ("0 0 * * 7#5,monL", ["2024-01-29", "2024-02-26", "2024-03-25", "2024-03-31"]),
        ("0 0 1 * MON", ["2024-01-01", "2024-01-08", "2024-01-15", "2024-01-22", "2024-01-29", "2024-02-01"]),
        ("0 0 */10 * MON", ["2024-01-01", "2024-03-11", "2024-04-01"]),
        ("0 0 1 * */2", ["2024-02-01", "2024-06-01", "2024-08-01"]),
        ("0 0 13 * ?", ["2024-01-13", "2024-02-13"]),
        ("0 0 31 2 MON", ["2024-02-05", "2024-02-12", "2024-02-19", "2024-02-26", "2025-02-03"]),
    ],
)
def test_days(text: str, days: list[str]) -> None:
    assert [instant[:10] for instant in first(Cron(text), "2024-01-01", len(days))] == days


@pytest.mark.parametrize(
    ("text", "after", "found"),
    [
        ("0 0 29 2 *", "1896-03-01", "1904-02-29T00:00:00"),
        ("0 0 29 2 *", "2096-03-01", "2104-02-29T00:00:00"),
        ("0 0 * 2 mon#5", "2072-03-01", "2112-02-29T00:00:00"),
    ],
)
def test_far_dates_are_found_in_any_zone(text: str, after: str, found: str) -> None:
    assert first(Cron(text), after, 1) == [found]
    paris = Cron(text, timezone="Europe/Paris").next_after(utc(after))
    assert paris is not None
    assert abs(paris - utc(found)) <= timedelta(hours=2)


def test_next_after_is_strict() -> None:
    cron = Cron("0 5 * * *")
    due = utc("2024-01-01T05:00")
    assert cron.next_after(due - timedelta(microseconds=1)) == due
    assert cron.next_after(due) == due + timedelta(days=1)
    assert cron.next_after(due + timedelta(microseconds=1)) == due + timedelta(days=1)


def test_seconds() -> None:
    cron = Cron("10,50 59 23 31 12 *", seconds=True)
    assert first(cron, "2024-12-31T23:59:10", 3) == [
        "2024-12-31T23:59:10",
        "2024-12-31T23:59:50",
        "2025-12-31T23:59:10",
    ]
    assert first(Cron("*/20 * * * * *", seconds=True), "2024-12-31T23:59:21", 2) == [
        "2024-12-31T23:59:40",
        "2025-01-01T00:00:00",
    ]


def test_the_start_delays_and_does_not_fire() -> None:
    cron = Cron("0 5 * * *", timezone="Europe/Paris", start="2024-06-01T14:00")
    assert first(cron, "2000-01-01", 1) == ["2024-06-02T03:00:00"]


def test_both_bounds_are_inclusive() -> None:
    cron = Cron("0 5 * * *", start=utc("2024-06-01T05:00"), end="2024-06-03T05:00")
    assert first(cron, "2000-01-01", 9) == [f"2024-06-0{day}T05:00:00" for day in (1, 2, 3)]
    assert first(Cron("* * * * *", start="2024-06-01T05:00:00.5"), "2000-01-01", 1) == ["2024-06-01T05:01:00"]
    assert first(Cron("* * * * * *", seconds=True, start="2024-06-01T05:00:00.5"), "2000-01-01", 1) == [
        "2024-06-01T05:00:01"
    ]


def test_a_bound_may_be_native_and_have_an_offset() -> None:
    aware = datetime(2024, 6, 1, 5, tzinfo=timezone(timedelta(hours=2)))
    assert Cron("0 5 * * *", start=aware).start == utc("2024-06-01T03:00")
    assert Cron("0 5 * * *", timezone="Asia/Tokyo", start="2024-06-01T05:00").start == utc("2024-05-31T20:00")


def test_a_window_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ScheduleError, match="the end lies before the start"):
        Cron("0 5 * * *", start="2024-06-02T00:00", end="2024-06-01T00:00")


def test_the_calendar_ends() -> None:
    assert Cron("0 0 1 1 *").next_after(utc("9990-06-01")) is None
    assert Cron("0 0 1 1 *", timezone="Europe/Paris").next_after(utc("9998-06-01")) is None
    assert Cron("0 0 1 1 *").next_after(utc("0001-01-01")) == utc("1001-01-01")


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        Cron("0 5 * * *").next_after(utc("2024-01-01").replace(tzinfo=None))
