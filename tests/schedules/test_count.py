"""Counting instants by arithmetic gives as many as walking them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.schedules import Cron, Iso8601, Jittered, Once, Schedule, ScheduleError, Union, parse_schedule
from jobistemer_tui.schedules.handed_over import HandedOver
from tests.schedules.clock import utc
from tests.schedules.expressions import EXPRESSIONS
from tests.schedules.test_properties import ODD_ZONES, ZONES

CLOCK_CHANGES = [
    utc("2024-03-31 01:00"), utc("2024-10-27 01:00"), utc("2011-12-30 10:00"), utc("2024-04-06 15:00"),
    utc("2023-12-31 23:59:59"), utc("2024-02-29 12:00"),
]  # fmt: skip


def walked(schedule: Schedule, start: datetime, end: datetime) -> int:
    return sum(1 for _ in schedule.between(start, end))


@st.composite
def spans(draw: st.DrawFn) -> tuple[datetime, datetime]:
    """A time around a change of some clock, to the microsecond or on its second."""
    near = draw(st.sampled_from(CLOCK_CHANGES))
    start = near + draw(st.timedeltas(timedelta(days=-15), timedelta(days=3)))
    end = start + draw(st.timedeltas(timedelta(0), timedelta(days=25)))
    return (start, end) if draw(st.booleans()) else (start.replace(microsecond=0), end.replace(microsecond=0))


@settings(max_examples=100, deadline=None)
@given(
    EXPRESSIONS, st.sampled_from(ZONES + ODD_ZONES), spans(), st.sampled_from(("run", "skip")),
    st.sampled_from(("first", "both")), st.booleans(),
)  # fmt: skip
def test_cron(text: str, zone: str, span: tuple[datetime, datetime], gap: str, overlap: str, window: bool) -> None:
    start, end = span
    bounds = {"start": start + timedelta(hours=7), "end": max(start + timedelta(hours=7), end - timedelta(hours=5))}
    rules = {"dst_gap": gap, "dst_overlap": overlap, **(bounds if window else {})}
    try:
        schedule = parse_schedule({"cron": text, **rules}, timezone=zone, key="job", anchor=start)
    except ScheduleError:
        return  # impossible dates
    assert schedule.count_between(start, end) == walked(schedule, start, end)


WHOLE = [
    Cron("*/20 * * * * *", timezone="Europe/Paris", seconds=True),
    Cron("15 30 2,3 * * *", timezone="Europe/Paris", seconds=True),
    Cron("0,30 0-6 * * *", timezone="Australia/Lord_Howe"),
    Cron("0 */2 29 2 *", timezone="Africa/Cairo"),
    Cron("30 2 * * *", timezone="Europe/Paris", dst_gap="skip", dst_overlap="both"),
    Cron("*/5 0 * * 1-5", timezone="America/Sao_Paulo", start="2024-03-10T00:00:30", end="2024-11-01T00:00"),
    Iso8601("R/2024-03-10T00:00:07Z/PT40S"),
    Iso8601("R100/2024-03-10T00:00:07.5Z/PT7M"),
    Iso8601("R100/PT7M/2024-06-10T00:00:07Z"),
    Iso8601("R/PT7M/2024-06-10T00:00:07Z"),
    Iso8601("PT1H", anchor=utc("2024-03-01 00:30"), end=utc("2024-10-30")),
    Jittered(Cron("* * * * *"), timedelta(seconds=30)),
    Union([Cron("* * * * *")]),
    HandedOver(Cron("*/7 * * * *"), utc("2024-05-05 05:05:05")),
]


@pytest.mark.parametrize("schedule", WHOLE, ids=str)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc("2024-03-30 01:23:45"), utc("2024-04-01 04:30")),
        (utc("2024-10-26 22:00"), utc("2024-10-27 00:30")),
        (utc("2024-10-27 01:05"), utc("2024-10-27 01:20")),
        (utc("2024-02-28"), utc("2024-03-12 00:00:07")),
        (utc("2023-12-31 20:00:01"), utc("2024-01-01 06:00")),
        (utc("2024-05-05 05:05:04"), utc("2024-05-05 05:05:05")),
        (utc("2024-05-05 05:05:05"), utc("2024-05-05 05:20")),
        (utc("2024-06-10"), utc("2024-06-09")),
        (utc("2024-04-27 00:00"), utc("2024-04-27 00:00")),
    ],
)
def test_each_kind(schedule: Schedule, start: datetime, end: datetime) -> None:
    assert schedule.count_between(start, end) == walked(schedule, start, end)


def test_every_change_of_a_zone_for_twenty_years() -> None:
    fixed = Cron("0,30 0-2 * * *", timezone="Europe/Dublin")
    wildcard = Cron("0 */3 * * *", timezone="Europe/Dublin")
    for schedule in (fixed, wildcard):
        assert schedule.count_between(utc("2000-01-01"), utc("2020-01-01")) == walked(
            schedule, utc("2000-01-01"), utc("2020-01-01")
        )


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Apia", "America/Havana"])
def test_a_year_of_seconds_is_counted_at_once(zone: str) -> None:
    each_second = Cron("* * * * * *", timezone=zone, seconds=True)
    start = datetime(2011, 1, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert each_second.count_between(start, start + timedelta(days=365)) == 365 * 86_400


def test_what_cannot_be_told_is_left_to_be_walked() -> None:
    span = utc("2024-01-01"), utc("2024-02-01")
    excluding = parse_schedule({"cron": "* * * * *", "exclude": ["2024-01-02"]}, timezone="UTC")
    union = Union([Cron("* * * * *"), Cron("*/7 * * * *")])
    others = [Once("2024-01-05T00:00"), Iso8601("R/2024-01-01T00:00/P1D"), Iso8601("PT1S"), HandedOver(union, span[0])]
    assert [schedule.count_between(*span) for schedule in (excluding, union, *others)] == [None] * 6
    beyond = datetime(9995, 1, 1, tzinfo=UTC)
    assert Cron("* * * * *").count_between(utc("2024-01-01"), beyond) is None
    assert Iso8601("R/2024-01-01T00:00/PT1H").count_between(utc("2024-01-01"), beyond) is None
