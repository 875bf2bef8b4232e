"""Lengths of time and instants as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.tui.presentation.durations import short_duration, took, whole_duration
from jobistemer_tui.tui.presentation.moments import (
    TimeStyle,
    ago_text,
    ahead_text,
    clock_text,
    day_text,
    moment_text,
    with_distance,
)

NOW = datetime(2026, 11, 24, 13, 32, 7, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0s"), (0, "0s"), (0.04, "0s"), (0.4, "0.4s"), (9.94, "9.9s"), (9.96, "9s"), (58.9, "58s"), (60, "1m00s"),
        (252, "4m12s"), (3599.9, "59m59s"), (3600, "1h00m"), (19_920, "5h32m"), (86_400, "1d00h"),
        (183_600, "2d03h"), (41 * 86_400, "41d"), (4000 * 86_400, "4000d"),
    ],
)  # fmt: skip
def test_short_duration(seconds: float, text: str) -> None:
    assert short_duration(seconds) == text
    assert len(short_duration(seconds)) <= 6


def test_whole_duration_has_no_tenths() -> None:
    assert [whole_duration(seconds) for seconds in (-1, 0.9, 4.7, 10, 1632)] == ["0s", "0s", "4s", "10s", "27m12s"]


def test_took() -> None:
    assert took(None, None, NOW) == "–"
    assert took(NOW - timedelta(seconds=4.4), None, NOW) == "4s"
    assert took(NOW - timedelta(seconds=9), NOW - timedelta(seconds=4.6), NOW) == "4.4s"


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(hours=1), "15:32:07"),
        (timedelta(hours=12), "Wed 02:32"),
        (timedelta(days=-6), "Wed 14:32"),
        (timedelta(days=7), "1 Dec 14:32"),
        (timedelta(days=60), "23 Jan 14:32"),
        (timedelta(days=-330), "2025-12-29"),
        (timedelta(days=-700), "2024-12-24"),
    ],
)
def test_moment_is_as_short_as_it_is_clear(delta: timedelta, text: str) -> None:
    assert moment_text(NOW + delta, NOW, BERLIN) == text


def test_days_are_counted_in_the_zone() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert day_text(late, NOW, UTC) == "today 23:30:00"
    assert day_text(late, NOW, BERLIN) == "tomorrow 00:30:00"
    assert day_text(NOW - timedelta(days=1), NOW, BERLIN) == "yesterday 14:32:07"
    assert day_text(NOW + timedelta(days=400), NOW, BERLIN) == "Wed 29 Dec 2027 14:32:07"


def test_an_offset_is_that_of_the_instant_not_of_now() -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    assert day_text(summer, NOW, BERLIN) == "Wed 1 Jul 14:00:00"


def test_columns() -> None:
    ahead, ago = NOW + timedelta(seconds=1632), NOW - timedelta(hours=5, minutes=32)
    assert ahead_text(ahead, NOW, TimeStyle.RELATIVE) == "27m12s"
    assert ahead_text(ago, NOW, TimeStyle.RELATIVE) == "due"
    assert ahead_text(ahead, NOW, TimeStyle.UTC) == "13:59:19"
    assert ago_text(ago, NOW, TimeStyle.RELATIVE) == "5h32m"
    assert ago_text(ago, NOW, TimeStyle.UTC) == "08:00:07"


def test_sentences_say_how_far() -> None:
    assert with_distance(NOW + timedelta(minutes=3), NOW, TimeStyle.UTC) == "today 13:35:07 (in 3m00s)"
    assert with_distance(NOW - timedelta(minutes=3), NOW, TimeStyle.UTC) == "today 13:29:07 (3m00s ago)"


def test_clock_and_styles() -> None:
    assert clock_text(NOW, TimeStyle.LOCAL) == "14:32:07 +01:00"
    assert clock_text(NOW, TimeStyle.UTC) == "13:32:07 UTC"
    assert [style.next for style in TimeStyle] == [TimeStyle.LOCAL, TimeStyle.UTC, TimeStyle.RELATIVE]
