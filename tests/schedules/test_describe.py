"""Schedules in plain English."""

from __future__ import annotations

import pytest

from jobistemer_tui.schedules import Cron, Iso8601, Once
from tests.schedules.clock import utc


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30 2 * * *", "at 02:30 every day"),
        ("0 6,18 * * *", "at 06:00 and 18:00 every day"),
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0,30 * * * *", "every 30 minutes"),
        ("* 5 * * *", "every minute of hour 5 every day"),
        ("*/5 8-17 * * 1-5", "every 5 minutes of hours 8 to 17 on Monday to Friday"),
        ("0 * * * *", "every hour"),
        ("@hourly", "every hour"),
        ("0 */2 * * *", "every 2 hours"),
        ("0 */5 * * *", "at 00:00, 05:00, 10:00, 15:00 and 20:00 every day"),
        ("5 */2 * * *", "at minute 5 of every 2nd hour every day"),
        ("5 */3 * * *", "at minute 5 of every 3rd hour every day"),
        ("*/7 */4 * * *", "at minutes 0, 7, 14, 21, 28, 35, 42, 49 and 56 of every 4th hour every day"),
        ("0 9-17 * * *", "at minute 0 of hours 9 to 17 every day"),
        ("7,8,9,20 * * * *", "at minutes 7 to 9 and 20 of every hour"),
        ("0 12 1 * *", "at 12:00 on day 1 of the month"),
        ("0 12 1,15 6-8 *", "at 12:00 on days 1 and 15 of the month in June to August"),
        ("0 12 * 1,12 *", "at 12:00 every day in January and December"),
        ("*/5 * * 1 *", "every 5 minutes in January"),
        ("0 12 * * 0,6", "at 12:00 on Saturday and Sunday"),
        ("0 12 L * *", "at 12:00 on the last day of the month"),
        ("0 12 1,LW * *", "at 12:00 on day 1 of the month and the last weekday (Monday to Friday) of the month"),
        ("0 12 * * fri#2,sunL,1", "at 12:00 on Monday, the 2nd Friday of the month and the last Sunday of the month"),
        ("0 12 * * 0#1", "at 12:00 on the 1st Sunday of the month"),
        ("0 12 1 * MON", "at 12:00 on day 1 of the month or on Monday"),
        ("0 12 */10 * MON", "at 12:00 on days 1, 11, 21 and 31 of the month, only on Monday"),
    ],
)
def test_cron(text: str, words: str) -> None:
    assert Cron(text).describe() == f"{words}, UTC time"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("0 30 5 * * *", "at 05:30 every day"),
        ("15 30 5 * * *", "at 05:30:15 every day"),
        ("* * * * * *", "every second"),
        ("*/10 * * * * *", "every 10 seconds"),
        ("5 * * * * *", "at second 5 of every minute"),
        ("*/20 */15 5 * * *", "every 20 seconds of every 15th minute of hour 5 every day"),
    ],
)
def test_seconds(text: str, words: str) -> None:
    assert Cron(text, seconds=True).describe() == f"{words}, UTC time"


def test_the_zone_and_the_window_are_told() -> None:
    cron = Cron("0 5 * * *", timezone="Europe/Paris", start=utc("2026-01-01T00:00"), end=utc("2026-07-01T00:00:30"))
    assert cron.describe() == (
        "at 05:00 every day, Europe/Paris time, from 2026-01-01 01:00, until 2026-07-01 02:00:30"
    )


def test_what_h_chose_is_told() -> None:
    words = Cron("H H * * *", key="job").describe()
    assert words.endswith("every day (H chose the minute and hour), UTC time")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P1D", "every day, counted from the first publication"),
        ("R4/P2W", "every 2 weeks, counted from the first publication, 4 times in all"),
        ("R/2026-01-31T09:00/P1M", "every month from 2026-01-31 09:00 Europe/Paris"),
        ("R1/2026-01-31T09:00Z/P1Y", "every year from 2026-01-31 09:00 UTC, 1 time in all"),
        (
            "R3/P1M2D/2026-01-31T09:00",
            "every 1 month and 2 days, the last at 2026-01-31 09:00 Europe/Paris, 3 times in all",
        ),
        ("R/P1D/2026-01-31T09:00", "every day, the last at 2026-01-31 09:00 Europe/Paris"),
        (
            "R/2026-01-31T09:00:05.25+01:00/P1Y1DT2H3M4S",
            "every 1 year, 1 day, 2 hours, 3 minutes and 4 seconds from 2026-01-31 09:00:05.25 UTC+01:00",
        ),
        ("PT1.5S", "every 1.5 seconds, counted from the first publication"),
    ],
)
def test_intervals(text: str, words: str) -> None:
    assert Iso8601(text, "Europe/Paris").describe() == words


def test_an_interval_tells_its_anchor_and_its_end() -> None:
    schedule = Iso8601("PT36H", "Europe/Paris", utc("2026-01-01"), end="2026-02-01T00:00")
    assert schedule.describe() == "every 36 hours, counted from 2026-01-01 01:00 Europe/Paris, until 2026-02-01 00:00"


def test_once() -> None:
    assert Once("2026-12-01T09:00", "Europe/Paris").describe() == "once, at 2026-12-01 09:00 Europe/Paris"
