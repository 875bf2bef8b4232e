"""ISO 8601 durations: what is read and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules.duration import Duration, parse_duration
from jobistemer_tui.schedules.word import Word


def read(text: str) -> Duration:
    return parse_duration(Word(text, 0, text))


@pytest.mark.parametrize(
    ("text", "months", "days", "elapsed"),
    [
        ("P1Y2M3W4DT5H6M7S", 14, 25, timedelta(hours=5, minutes=6, seconds=7)),
        ("P3W", 0, 21, timedelta(0)),
        ("PT1M", 0, 0, timedelta(minutes=1)),
        ("P1M", 1, 0, timedelta(0)),
        ("P0DT1S", 0, 0, timedelta(seconds=1)),
        ("PT0.5H", 0, 0, timedelta(minutes=30)),
        ("PT1H0,5M", 0, 0, timedelta(hours=1, seconds=30)),
        ("PT1.000001S", 0, 0, timedelta(seconds=1, microseconds=1)),
        ("P01DT007H", 0, 1, timedelta(hours=7)),
    ],
)
def test_units(text: str, months: int, days: int, elapsed: timedelta) -> None:
    assert read(text) == Duration(months, days, elapsed)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "begins with P"),
        ("1D", 0, "begins with P"),
        ("p1D", 0, "begins with P"),
        ("P", 0, "is empty"),
        ("PT", 1, "must follow the T"),
        ("P1DT", 3, "must follow the T"),
        ("P1S", 2, '"S" is no unit before the T'),
        ("P1H", 2, '"H" is no unit before the T'),
        ("PT1D", 3, '"D" is no unit behind the T'),
        ("P1X", 2, '"X" is no unit'),
        ("P1d", 2, '"d" is no unit'),
        ("P1", 2, "the number 1 has no unit"),
        ("PT5", 3, "the number 5 has no unit"),
        ("-P1D", 0, "begins with P"),
        ("P-1D", 1, "no sign"),
        ("P+1D", 1, "no sign"),
        ("PT-1S", 1, "must follow the T"),
        ("P1D ", 3, '" " does not belong'),
        ("P 1D", 1, '" " does not belong'),
        ("P1M1Y", 4, "wrong order or twice"),
        ("P1D1D", 4, "wrong order or twice"),
        ("P1D1W", 4, "wrong order or twice"),
        ("PT1M1H", 5, "wrong order or twice"),
        ("PT1HT1M", 4, "only one T"),
        ("P1.5D", 2, "no fractions"),
        ("P0.5Y", 2, "no fractions"),
        ("PT1.5H1M", 6, "only the smallest"),
        ("PT0S", 0, "shorter than a second"),
        ("P0D", 0, "shorter than a second"),
        ("PT0.9S", 0, "shorter than a second"),
        ("PT1.0000001S", 0, "finer than a microsecond"),
        ("P9001Y", 0, "longer than 9000 years"),
        ("P99999999999999999999D", 0, "longer than 9000 years"),
        ("PT999999999999999999999999H", 0, "longer than 9000 years"),
        ("P٣D", 1, "does not belong"),
    ],
)
def test_refusals(text: str, position: int, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.position == position
    assert caught.value.text == text


def test_hints_say_what_to_write() -> None:
    hints = {}
    for text in ("P1H", "P1.5D", "PT0S", "P"):
        with pytest.raises(ScheduleError) as caught:
            read(text)
        hints[text] = caught.value.hint
    assert "PT1H" in hints["P1H"]
    assert "P1DT12H" in hints["P1.5D"]
    assert "PT1S" in hints["PT0S"]
    assert "P1D" in hints["P"]
