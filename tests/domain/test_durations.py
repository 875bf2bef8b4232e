"""Durations in words and in ISO 8601."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.durations import duration_text, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0s", 0.0), ("90s", 90.0), ("1h30m", 5400.0), ("2d", 172_800.0), ("500ms", 0.5), ("1w", 604_800.0),
        ("1.5h", 5400.0), (" 5m ", 300.0), ("1m1ms", 60.001), ("1w2d3h4m5s6ms", 788_645.006), ("PT1H30M", 5400.0),
        ("P1D", 86_400.0), ("P2W", 1_209_600.0), ("P1DT12H", 129_600.0), ("PT0.5S", 0.5), ("P1W1D", 691_200.0),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "30", "s", "-5s", "5 s", "1h 30m", "1m1h", "1s1s", "5x", "1e3s", "٣s", ".5s", "5.s", "none", "1h-30m", "s5"],
)
def test_words_that_are_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match=r"write for example|each unit once"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text", ["P", "PT", "P1", "P1DT", "P1Y", "P1M", "P1S", "PT1M1H", "PT٣S", "P-1D", "PT1.5H", "P 1D"]
)
def test_iso_text_that_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601 duration of weeks"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["9" * 400 + "s", "PT" + "9" * 400 + "S", "9999999d", "P99999W"])
def test_a_duration_beyond_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="too long"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (90, "1m30s"),
        (0.25, "250ms"),
        (86_400, "1d"),
        (93_784.005, "1d2h3m4s5ms"),
        (0.0004, "0s"),
        (7.0, "7s"),
    ],
)
def test_text(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@given(st.integers(min_value=0, max_value=100 * 366 * 86_400_000))
def test_round_trip_to_the_millisecond(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert round(parse_duration(duration_text(seconds)) * 1000) == milliseconds


@given(
    st.integers(0, 9), st.integers(0, 9), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.booleans()
)  # fmt: skip
def test_words_and_iso_agree(weeks: int, days: int, hours: int, minutes: int, seconds: int, iso: bool) -> None:
    text = f"P{weeks}W{days}DT{hours}H{minutes}M{seconds}S" if iso else f"{weeks}w{days}d{hours}h{minutes}m{seconds}s"
    assert parse_duration(text) == ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds


@given(st.text(max_size=20))
def test_any_text_gives_a_duration_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_duration(text) >= 0
