"""Rule 7: what a change of the clock does to cron jobs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise

import pytest

from jobistemer_tui.schedules import ClockEffect, Cron
from jobistemer_tui.schedules.cron_instants import ClockRules, first_instant_from
from jobistemer_tui.schedules.cron_text import read_cron
from tests.schedules.clock import first, instants, utc

HOURS = [f"31T{hour:02}:00" for hour in range(8)]

# Europe/Paris: the gap is 02:00 to 03:00 on 31 March 2024, the overlap 03:00 to 02:00 on 27 October.
WORKED_TABLE = [
    ("30 2 * * *", ["31T01:00"], ["27T00:30"]),
    ("0 1,2,3 * * *", ["31T00:00", "31T01:00"], ["26T23:00", "27T00:00", "27T02:00"]),
    (
        "15 0-6 * * *",
        ["30T23:15", "31T00:15", "31T01:00", "31T01:15", "31T02:15", "31T03:15", "31T04:15"],
        ["26T22:15", "26T23:15", "27T00:15", "27T02:15", "27T03:15", "27T04:15", "27T05:15"],
    ),
    (
        "0 0-6 * * *",
        ["30T23:00", "31T00:00", "31T01:00", "31T02:00", "31T03:00", "31T04:00"],
        ["26T22:00", "26T23:00", "27T00:00", "27T02:00", "27T03:00", "27T04:00", "27T05:00"],
    ),
    (
        "*/25 2-3 * * *",
        ["31T01:00", "31T01:25", "31T01:50"],
        [f"27T{time}" for time in ["00:00", "00:25", "00:50", "01:00", "01:25", "01:50", "02:00", "02:25", "02:50"]],
    ),
    ("0 3 * * *", ["31T01:00"], ["27T02:00"]),
    ("0 2 * * *", ["31T01:00"], ["27T00:00"]),
    ("*/20 2 * * *", [], [f"27T{time}" for time in ["00:00", "00:20", "00:40", "01:00", "01:20", "01:40"]]),
]


@pytest.mark.parametrize(("text", "gap_day", "overlap_day"), WORKED_TABLE)
def test_worked_table(text: str, gap_day: list[str], overlap_day: list[str]) -> None:
    cron = Cron(text, timezone="Europe/Paris")
    assert instants(cron, "2024-03-30T23:00", 23) == gap_day
    assert instants(cron, "2024-10-26T22:00", 25) == overlap_day


def test_every_second_hour_follows_the_wall_clock() -> None:
    cron = Cron("0 */2 * * *", timezone="Europe/Paris")
    assert instants(cron, "2024-03-30T23:00", 6) == ["30T23:00", "31T02:00", "31T04:00"]
    assert instants(cron, "2024-10-26T22:00", 6) == ["26T22:00", "27T00:00", "27T01:00", "27T03:00"]


@pytest.mark.parametrize(("text", "minutes"), [("0 * * * *", 60), ("@hourly", 60), ("*/15 * * * *", 15)])
@pytest.mark.parametrize("start", ["2024-03-30T22:00", "2024-10-26T21:00"])
def test_even_wildcards_follow_elapsed_time(text: str, minutes: int, start: str) -> None:
    begin = utc(start)
    found = list(Cron(text, timezone="Europe/Paris").between(begin, begin + timedelta(hours=9)))
    assert found == [begin + timedelta(minutes=minutes) * (n + 1) for n in range(9 * 60 // minutes)]


def test_half_an_hour_at_lord_howe() -> None:
    # 02:00 becomes 02:30 on 6 October 2024 (15:30Z the day before), 02:00 becomes 01:30 on 7 April (15:00Z).
    cron = Cron("15 2 * * *", timezone="Australia/Lord_Howe")
    assert first(cron, "2024-10-05T15:00", 2) == ["2024-10-05T15:30:00", "2024-10-06T15:15:00"]
    cron = Cron("45 1 * * *", timezone="Australia/Lord_Howe")
    assert first(cron, "2024-04-06T14:00", 2) == ["2024-04-06T14:45:00", "2024-04-07T15:15:00"]
    cron = Cron("*/15 1 * * *", timezone="Australia/Lord_Howe")
    assert instants(cron, "2024-04-06T14:00", 3) == [
        f"06T{t}" for t in ["14:00", "14:15", "14:30", "14:45", "15:00", "15:15"]
    ]


def test_a_gap_at_midnight() -> None:
    # Sao Paulo went from 00:00 to 01:00 on 4 November 2018 (03:00Z).
    cron = Cron("0 0 * * *", timezone="America/Sao_Paulo")
    assert first(cron, "2018-11-03T03:00", 3) == [
        "2018-11-03T03:00:00",
        "2018-11-04T03:00:00",
        "2018-11-05T02:00:00",
    ]


def test_an_overlap_at_midnight_does_not_repeat_the_day_before() -> None:
    # Sao Paulo went from 00:00 on 18 February 2018 back to 23:00 on the 17th (02:00Z).
    cron = Cron("30 23 * * *", timezone="America/Sao_Paulo")
    assert first(cron, "2018-02-17T12:00", 2) == ["2018-02-18T01:30:00", "2018-02-19T02:30:00"]


def test_a_day_that_a_zone_skipped_is_not_caught_up() -> None:
    # Apia had no 30 December 2011: 29 December ended at 10:00Z.
    cron = Cron("0 9 * * *", timezone="Pacific/Apia")
    assert first(cron, "2011-12-29T00:00", 3) == ["2011-12-29T19:00:00", "2011-12-30T19:00:00", "2011-12-31T19:00:00"]
    assert [
        f"{effect.wall:%d %H} {effect.effect}" for effect in cron.clock_effects(utc("2011-12-29"), utc("2012-01-01"))
    ] == ["30 09 dropped"]
    assert first(Cron("0 0 30 12 *", timezone="Pacific/Apia"), "2011-12-01T00:00", 1) == ["2012-12-29T10:00:00"]


def test_a_day_that_a_zone_had_twice_runs_twice() -> None:
    # Manila's 31 December 1844 was skipped, Juneau's 18 October 1867 came twice: a correction of the clock.
    cron = Cron("0 12 * * *", timezone="America/Juneau")
    found = first(cron, "1867-10-17T00:00", 4)
    days = [utc(text).replace(tzinfo=None) for text in found]
    assert [later - earlier < timedelta(hours=25) for earlier, later in pairwise(days)] == [True] * 3
    (effect,) = cron.clock_effects(utc("1867-10-17"), utc("1867-10-21"))
    assert effect.effect == "doubled"
    assert effect.instant in [utc(text) for text in found]


@pytest.mark.parametrize(
    ("options", "gap_day", "overlap_day"),
    [
        ({}, ["31T01:00"], ["27T00:30"]),
        ({"dst_gap": "skip"}, [], ["27T00:30"]),
        ({"dst_overlap": "both"}, ["31T01:00"], ["27T00:30", "27T01:30"]),
    ],
)
def test_the_rules_can_be_overridden(options: dict[str, str], gap_day: list[str], overlap_day: list[str]) -> None:
    cron = Cron("30 2 * * *", timezone="Europe/Paris", **options)  # type: ignore[arg-type]  # parametrised words
    assert instants(cron, "2024-03-30T23:00", 23) == gap_day
    assert instants(cron, "2024-10-26T22:00", 25) == overlap_day


def test_several_times_in_a_gap_are_one_instant() -> None:
    cron = Cron("1,2,59 2 * * *", timezone="Europe/Paris")
    assert instants(cron, "2024-03-30T23:00", 23) == ["31T01:00"]
    effects = list(cron.clock_effects(utc("2024-03-30"), utc("2024-04-01")))
    assert [(f"{e.wall:%H:%M}", e.effect, e.instant) for e in effects] == [
        (wall, "moved", utc("2024-03-31T01:00")) for wall in ("02:01", "02:02", "02:59")
    ]


def effects(cron: Cron, start: str, end: str) -> list[ClockEffect]:
    return list(cron.clock_effects(utc(start), utc(end)))


def test_changes_are_announced() -> None:
    year = ("2024-01-01", "2025-01-01")
    paris = "Europe/Paris"
    moved, dropped = effects(Cron("30 2 * * *", timezone=paris), *year)
    assert moved == ClockEffect(utc("2024-03-31T01:00"), datetime.fromisoformat("2024-03-31T02:30"), "moved")
    assert dropped == ClockEffect(utc("2024-10-27T01:30"), datetime.fromisoformat("2024-10-27T02:30"), "dropped")
    kinds = {
        "skip": [e.effect for e in effects(Cron("30 2 * * *", timezone=paris, dst_gap="skip"), *year)],
        "both": [e.effect for e in effects(Cron("30 2 * * *", timezone=paris, dst_overlap="both"), *year)],
        "wild": [e.effect for e in effects(Cron("*/30 2 * * *", timezone=paris), *year)],
    }
    assert kinds == {
        "skip": ["dropped", "dropped"],
        "both": ["moved", "doubled"],
        "wild": ["dropped", "dropped", "doubled", "doubled"],
    }
    assert effects(Cron("30 5 * * *", timezone=paris), *year) == []
    assert effects(Cron("30 2 * * *", timezone="Asia/Tokyo"), *year) == []


def test_changes_outside_the_window_are_not_announced() -> None:
    cron = Cron("30 2 * * *", timezone="Europe/Paris", start="2024-05-01T00:00", end="2024-10-01T00:00")
    assert effects(cron, "2024-01-01", "2025-01-01") == []


class MadeUpZone(tzinfo):
    """A zone of our own: offsets in hours, each from an hour of 1 June 2024 UTC on."""

    def __init__(self, **offsets: float) -> None:
        self.changes = sorted((utc("2024-06-01") + timedelta(hours=int(k[1:])), v) for k, v in offsets.items())

    def utcoffset(self, dt: datetime | None) -> timedelta:
        raise AssertionError("only the way from UTC to the wall clock is unambiguous")

    dst = utcoffset

    def tzname(self, dt: datetime | None) -> str:
        return "made up"

    def fromutc(self, dt: datetime) -> datetime:
        at = dt.replace(tzinfo=UTC)
        hours = [0.0, *(offset for change, offset in self.changes if change <= at)][-1]
        return dt + timedelta(hours=hours)


def made_up(text: str, zone: tzinfo, rules: ClockRules) -> list[str]:
    found: list[str] = []
    at = utc("2024-05-31T23:00").replace(tzinfo=None)
    while (instant := first_instant_from(read_cron(text, False, None), zone, at, rules)) and len(found) < 20:
        if instant > utc("2024-06-01T12:00").replace(tzinfo=None):
            break
        found.append(f"{instant:%H:%M}")
        at = instant + timedelta(seconds=1)
    return found


FIXED = ClockRules(catch_up=True, once=True)
WILDCARD = ClockRules(catch_up=False, once=False)


def test_two_changes_back_shortly_after_another_repeat_nothing() -> None:
    # The clock shows 00:00-02:00, then 01:00-01:30, then 00:30 and on.
    zone = MadeUpZone(h2=-1, h3=-2)
    assert made_up("15,45 0-2 * * *", zone, FIXED) == ["00:15", "00:45", "01:15", "01:45", "04:15", "04:45"]
    assert made_up("45 1 * * *", zone, WILDCARD) == ["01:45", "02:45", "03:45"]


def test_a_gap_behind_an_overlap_catches_up_only_what_never_was() -> None:
    # The clock shows 00:00-02:00, 01:00-02:00 and then jumps to 04:00: 02:00-04:00 is missing.
    zone = MadeUpZone(h2=-1, h3=1)
    assert made_up("30 1-4 * * *", zone, FIXED) == ["01:30", "03:00", "03:30"]
    assert made_up("30 1 * * *", zone, FIXED) == ["01:30"]
    # A gap that lies wholly in what was repeated leaves nothing out.
    assert made_up("30 1 * * *", MadeUpZone(h2=-2, h3=-1), FIXED) == ["01:30"]


def test_more_than_three_hours_is_a_correction() -> None:
    assert made_up("30 1-9 * * *", MadeUpZone(h2=3), FIXED)[:3] == ["01:30", "02:00", "02:30"]
    assert made_up("30 1-9 * * *", MadeUpZone(h2=4), FIXED)[:3] == ["01:30", "02:30", "03:30"]
    assert made_up("30 0 * * *", MadeUpZone(h2=-2), FIXED) == ["00:30"]
    assert made_up("30 22,0 * * *", MadeUpZone(h2=-4), FIXED)[:3] == ["00:30", "02:30", "04:30"]


def test_a_wildcard_job_does_not_run_at_a_midnight_that_does_not_exist() -> None:
    # Havana went from 00:00 to 01:00 on 10 March 2024 (05:00Z).
    cron = Cron("*/30 */2 * * *", timezone="America/Havana")
    assert instants(cron, "2024-03-10T04:00", 3) == ["10T06:00", "10T06:30"]
