"""What was meant by schedules in words."""

from __future__ import annotations

import pytest

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import parse_schedule
from jobistemer_tui.schedules.meant import meant_interval


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("5m", "PT5M"), (" Every 5 Minutes ", "PT5M"), ("1h30m", "PT1H30M"), ("2d 3h", "P2DT3H"), ("1w", "P1W"),
        ("every day", "P1D"), ("every hour", "PT1H"), ("every10sec", "PT10S"), ("1w2d3h4m5s", "P1W2DT3H4M5S"),
    ],
)  # fmt: skip
def test_lengths_in_words(text: str, interval: str) -> None:
    assert meant_interval(text) == interval
    parse_schedule(interval, timezone="UTC")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "every",
        "daily",
        "0 5 * *",
        "30m1h",
        "5m5m",
        "2 fortnights",
        "1d 2 moons",
        "m" * 9,
        "5 every",
        "0m",
        "every 0 hours",
        "1d 0h",
        "999999w",
        "\u0661m",
    ],
)
def test_what_is_no_length(text: str) -> None:
    assert meant_interval(text) == ""


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("5m", 'write "PT5M", an interval, or five fields'), ("every 2 hours", '"PT2H"'), ("Daily", 'write "@daily"'),
        ("0 5 * *", "write five fields"), ({"interval": "5m"}, 'write "PT5M"'), ({"every": "5m"}, '"interval"'),
    ],
)  # fmt: skip
def test_a_refusal_names_what_was_meant(value: object, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(value, timezone="UTC")
    assert hint in caught.value.hint
