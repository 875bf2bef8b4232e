"""Generated schedules against independent calculators: cronsim, croniter and a minute-by-minute simulator."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from cronsim import CronSim
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.schedules import Cron, Iso8601, ScheduleError, parse_schedule
from jobistemer_tui.schedules.cron_text import CronText, read_cron
from jobistemer_tui.schedules.cron_walk import first_wall_from
from tests.schedules.clock import utc
from tests.schedules.expressions import EXPRESSIONS, INSTANTS, field, plain

ZONES = [
    *("Europe/Paris", "America/New_York", "Asia/Tokyo", "Africa/Casablanca", "Asia/Kolkata", "Pacific/Auckland"),
    *("America/St_Johns", "UTC", "Europe/London", "America/Los_Angeles"),
]
# cronsim goes wrong where a change is not a whole hour on the hour, and lets a wildcard job run at times that do not
# exist where the gap is at midnight; the simulator below covers those.
ODD_ZONES = [
    *("Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Africa/Cairo", "America/Sao_Paulo"),
    *("America/Havana", "Asia/Beirut"),
]


def refused(text: str) -> ScheduleError | None:
    """Why a text is refused, or None."""
    try:
        parse_schedule(text, timezone="UTC", key="job", anchor=utc("2024-01-01"))
    except ScheduleError as error:
        return error
    return None


def accepted(text: str, zone: str = "UTC") -> Cron | None:
    """The schedule, or None where the dates are impossible."""
    if error := refused(text):
        assert "no such date" in error.message
        return None
    return Cron(text, timezone=zone)


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS, st.sampled_from(ZONES), INSTANTS)
def test_cronsim_agrees(text: str, zone: str, instant: datetime) -> None:
    cron = accepted(text, zone)
    if cron is None:
        return
    theirs: list[datetime] = []
    for found in islice(CronSim(text, instant.astimezone(ZoneInfo(zone))), 20):
        moment = found.astimezone(UTC)
        # It yields an instant again for each time that one gap or overlap folds into it.
        if moment > (theirs[-1] if theirs else instant):
            theirs.append(moment)
    ours = list(islice(cron.between(instant, utc("2400-01-01")), len(theirs)))
    assert ours == theirs


# croniter 7 reads a step at the end of a field its own way.
PLAIN = st.tuples(plain(0, 59), plain(0, 23), plain(1, 31), plain(1, 12), plain(0, 6)).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(PLAIN, INSTANTS)
def test_croniter_agrees_on_naive_times(text: str, instant: datetime) -> None:
    cron = accepted(text)
    if cron is None:
        return
    walk = croniter(text, instant.replace(tzinfo=None), ret_type=datetime, implement_cron_bug=True)
    for ours in islice(cron.between(instant, utc("2400-01-01")), 10):
        assert ours.replace(tzinfo=None) == walk.get_next()


def matches(cron: CronText, wall: datetime) -> bool:
    return first_wall_from(cron, wall) == wall


def simulated(text: str, zone: ZoneInfo, start: datetime, minutes: int) -> list[datetime]:
    """Debian's cron, minute by minute of elapsed time: the clock's jumps are seen as they happen."""
    cron = read_cron(text, False, None)
    found = []
    reached = start.astimezone(zone).replace(tzinfo=None) - timedelta(minutes=1)
    for count in range(minutes):
        instant = start + timedelta(minutes=count)
        wall = instant.astimezone(zone).replace(tzinfo=None)
        passed = wall - reached
        if abs(passed) > timedelta(hours=3, minutes=1):
            reached = wall - timedelta(minutes=1)
        if cron.wildcard:
            due = matches(cron, wall)
        else:
            missed = [reached + timedelta(minutes=n) for n in range(1, (wall - reached) // timedelta(minutes=1) + 1)]
            due = any(matches(cron, each) for each in missed)
        reached = max(reached, wall)
        if due:
            found.append(instant)
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(field(0, 59), st.one_of(st.just("*"), st.just("*/2"), st.just("0-4"), field(0, 23))),
    st.sampled_from(
        [
            *(("Australia/Lord_Howe", "2024-04-06T12:00"), ("Australia/Lord_Howe", "2024-10-05T12:00")),
            *(("Pacific/Apia", "2011-12-30T00:00"), ("Pacific/Apia", "2011-09-24T10:00")),
            *(("Pacific/Chatham", "2024-04-06T10:00"), ("Africa/Cairo", "2024-04-25T19:00")),
            *(("America/Sao_Paulo", "2018-11-04T00:00"), ("America/Sao_Paulo", "2018-02-17T23:00")),
            *(("America/Havana", "2024-03-10T00:00"), ("Asia/Beirut", "2024-03-30T18:00")),
            *(("Europe/Paris", "2024-03-30T22:00"), ("Europe/Paris", "2024-10-26T22:00")),
        ]
    ),
)
def test_a_simulation_minute_by_minute_agrees(times: tuple[str, str], place: tuple[str, str]) -> None:
    zone, begin = place
    text, start = f"{times[0]} {times[1]} * * *", utc(begin)
    ours = list(Cron(text, timezone=zone).between(start - timedelta(minutes=1), start + timedelta(minutes=599)))
    assert ours == simulated(text, ZoneInfo(zone), start, 600)


@settings(max_examples=100, deadline=None)
@given(EXPRESSIONS, st.sampled_from([*ZONES, *ODD_ZONES]), INSTANTS, st.integers(0, 10**9))
def test_nothing_lies_between_an_instant_and_the_next(text: str, zone: str, instant: datetime, part: int) -> None:
    cron = accepted(text, zone)
    if cron is None:
        return
    found = cron.next_after(instant)
    assert found is not None
    assert found > instant
    inside = instant + (found - instant) * (part / 10**9)
    assert cron.next_after(min(inside, found - timedelta(microseconds=1))) == found


DURATIONS = st.tuples(st.integers(0, 30), st.integers(0, 40), st.integers(0, 100_000)).filter(any)


@settings(max_examples=100, deadline=None)
@given(DURATIONS, st.sampled_from([*ZONES, *ODD_ZONES]), INSTANTS, INSTANTS)
def test_intervals_are_strict_and_complete(
    size: tuple[int, int, int], zone: str, start: datetime, instant: datetime
) -> None:
    months, days, seconds = size
    wall = start.replace(tzinfo=None).isoformat()
    schedule = Iso8601(f"R/{wall}/P{months}M{days}DT{seconds}S", zone)
    found = schedule.next_after(instant)
    assert found is not None
    assert found > instant
    assert schedule.next_after(found - timedelta(microseconds=1)) == found
    later = schedule.next_after(found)
    assert later is not None
    assert later > found


@settings(max_examples=400, deadline=None)
@given(st.text(st.sampled_from("0159*/-,#?LWHRPTDM@:Z+[]jansufri \t\n\x00é"), max_size=25))
def test_any_text_is_read_or_refused_at_a_place(text: str) -> None:
    if error := refused(text):
        assert error.text == text
        assert error.position is not None
        assert 0 <= error.position <= len(text)


@pytest.mark.parametrize(
    ("zone", "begin"),
    [
        ("Australia/Lord_Howe", "2011-09-15"),
        ("Pacific/Apia", "2011-12-15"),
        ("Pacific/Chatham", "2011-09-15"),
        ("Africa/Cairo", "2024-04-10"),
    ],
)
def test_every_quarter_of_an_hour_in_zones_with_odd_changes(zone: str, begin: str) -> None:
    start, quarter = utc(begin), timedelta(minutes=15)
    found = list(Cron("*/15 * * * *", timezone=zone).between(start, start + timedelta(days=30)))
    assert found == [start + quarter * (n + 1) for n in range(30 * 24 * 4)]
