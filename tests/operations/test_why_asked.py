"""What a time means to `why`: days, minutes and instants on the wall clock of a zone, across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.domain.instants import instant_text, parse_instant
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.why_asked import read_time

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 30, 10, 0, tzinfo=UTC)
"""Noon in Paris, the day after the clocks went forward."""


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("yesterday", [("2026-03-28T23:00:00Z", "2026-03-29T21:59:59.999999Z")]),
        ("Today", [("2026-03-29T22:00:00Z", "2026-03-30T21:59:59.999999Z")]),
        ("tomorrow", [("2026-03-30T22:00:00Z", "2026-03-31T21:59:59.999999Z")]),
        ("2026-10-25", [("2026-10-24T22:00:00Z", "2026-10-25T22:59:59.999999Z")]),
        ("11:59", [("2026-03-30T09:59:00Z", "2026-03-30T09:59:59.999999Z")]),
        ("12:01", [("2026-03-29T10:01:00Z", "2026-03-29T10:01:59.999999Z")]),
        ("9:05:07", [("2026-03-30T07:05:07Z", "2026-03-30T07:05:07.999999Z")]),
        ("2026-03-30T02:30", [("2026-03-30T00:30:00Z", "2026-03-30T00:30:59.999999Z")]),
        ("2026-03-30 02:30:00", [("2026-03-30T00:30:00Z", "2026-03-30T00:30:00.999999Z")]),
        ("2026-03-30T02:30+00:00", [("2026-03-30T02:30:00Z", "2026-03-30T02:30:59.999999Z")]),
        ("2026-03-30T02:30:00Z", [("2026-03-30T02:30:00Z", "2026-03-30T02:30:00.999999Z")]),
        (
            "2026-10-25T02:30",
            [
                ("2026-10-25T00:30:00Z", "2026-10-25T00:30:59.999999Z"),
                ("2026-10-25T01:30:00Z", "2026-10-25T01:30:59.999999Z"),
            ],
        ),
        ("2026-03-29T02:30", [("2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z")]),
    ],
)
def test_times(text: str, spans: list[tuple[str, str]]) -> None:
    asked = read_time(text, PARIS, NOW)
    assert [(instant_text(low), instant_text(high)) for low, high in asked.spans] == spans


def test_a_time_that_the_clock_jumped_over_is_kept() -> None:
    assert read_time("2026-03-29T02:30", PARIS, NOW).wall == datetime.fromisoformat("2026-03-29T02:30")
    assert read_time("2026-03-29T03:00", PARIS, NOW).wall is None


def test_the_jump_of_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    ((low, high),) = read_time("2026-10-04T02:15", zone, NOW).spans
    assert low == high == parse_instant("2026-10-03T15:30:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "noon",
        "25:00",
        "2026-02-30",
        "02:30:99",
        "9999-12-31T23:59-14:00",
        "2026-W01",
        "0001-01-01",
        "0001-01-01T00:00",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_time(text, PARIS, NOW)
    assert "is not a time" in caught.value.message
    assert "yesterday" in caught.value.hint


def test_the_last_time_of_day_that_has_come_is_never_in_the_future() -> None:
    for minutes in range(0, 24 * 60, 7):
        text = f"{minutes // 60:02d}:{minutes % 60:02d}"
        ((low, _),) = read_time(text, PARIS, NOW).spans
        assert NOW - timedelta(days=1) <= low <= NOW, text
