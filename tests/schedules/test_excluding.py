"""`exclude`: days on the wall clock and schedules; what they cover is a slot that does not run."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from jobistemer_tui.schedules import Cron, Excluding, Schedule, ScheduleError, contract, parse_schedule
from jobistemer_tui.schedules.contract import MOST_LEFT_OUT
from jobistemer_tui.schedules.exclusions import DAYS
from tests.schedules.clock import first, utc

PARIS = "Europe/Paris"


def schedule(cron: str, *exclude: Any, **more: Any) -> Schedule:
    return parse_schedule({"cron": cron, "exclude": list(exclude), **more}, timezone=PARIS, anchor=utc("2026-01-01"))


def slots(schedule: Schedule, start: str, count: int) -> list[tuple[str, str | None]]:
    found = islice(schedule.slots_after(utc(start)), count)
    return [(f"{slot.instant:%m-%dT%H:%M}", slot.passed_over) for slot in found]


def test_a_range_of_days_includes_both_ends_on_the_wall_clock() -> None:
    found = schedule("30 0,23 * * *", "2026-12-24/2026-12-25")
    assert slots(found, "2026-12-23T20:00", 6) == [
        ("12-23T22:30", None),
        ("12-23T23:30", "excluded"),
        ("12-24T22:30", "excluded"),
        ("12-24T23:30", "excluded"),
        ("12-25T22:30", "excluded"),
        ("12-25T23:30", None),
    ]
    assert first(found, "2026-12-23T20:00", 2) == ["2026-12-23T22:30:00", "2026-12-25T23:30:00"]


@pytest.mark.parametrize("day", ["2026-12-24", date(2026, 12, 24), " 2026-12-24 ", "2026-12-24/2026-12-24"])
def test_a_single_day(day: date | str) -> None:
    found = schedule("0 5 * * *", day)
    assert first(found, "2026-12-23T00:00", 2) == ["2026-12-23T04:00:00", "2026-12-25T04:00:00"]
    (excluded,) = islice((slot for slot in found.slots_after(utc("2026-12-23")) if slot.passed_over), 1)
    assert excluded.why == "excluded: 2026-12-24"


def test_the_zone_of_a_table_is_that_of_its_days() -> None:
    found = schedule("0 5 * * *", "2026-12-24", timezone="Asia/Tokyo")
    assert first(found, "2026-12-22T00:00", 2) == ["2026-12-22T20:00:00", "2026-12-24T20:00:00"]


@pytest.mark.parametrize(
    ("cron", "exclude", "runs"),
    [
        ("0 5 * * *", "* * * * sat,sun", ["04T04:00", "07T04:00"]),
        ("0 5 * * *", "0 5 * * sat,sun", ["04T04:00", "07T04:00"]),
        ("0 5 * * *", "0 6 * * sat,sun", ["04T04:00", "05T04:00"]),
        ("0 5 * * *", {"cron": "* * * * fri", "timezone": "UTC"}, ["05T04:00", "06T04:00"]),
        ("0 5 * * *", "R/2026-12-05T05:00/P2D", ["04T04:00", "06T04:00"]),
        ("0 5 * * *", "2026-12-04T05:00", ["05T04:00", "06T04:00"]),
        ("0 5 * * *", "2026-12-04T04:00Z", ["05T04:00", "06T04:00"]),
        ("0 5 * * *", {"any": ["* 5 4 12 *", "* * 5 * *"]}, ["06T04:00", "07T04:00"]),
        ("0 5 * * *", {"cron": "* * * 12 *", "exclude": ["2026-12-09"]}, ["09T04:00", "01T04:00"]),
        ("0 5 * * *", {"cron": "* * 4 * *", "jitter": "5m"}, ["05T04:00", "06T04:00"]),
    ],
)
def test_schedules_exclude_what_they_name(cron: str, exclude: Any, runs: list[str]) -> None:
    found = schedule(cron, exclude).between(utc("2026-12-04"), utc("2027-12-31"))
    assert [f"{instant:%dT%H:%M}" for instant in islice(found, 2)] == runs


def test_five_fields_cover_whole_minutes_and_six_cover_seconds() -> None:
    seconds = {"seconds": True, "timezone": "UTC"}
    minutes = schedule("*/20 * * * * *", "*/2 * * * *", **seconds)
    assert first(minutes, "2026-01-01T00:00", 4) == [
        f"2026-01-01T00:{at}" for at in ("01:00", "01:20", "01:40", "03:00")
    ]
    exact = schedule("*/20 * * * * *", {"cron": "20 * * * * *", "seconds": True}, **seconds)
    assert first(exact, "2026-01-01T00:00", 3) == [f"2026-01-01T00:{at}" for at in ("00:00", "00:40", "01:00")]


def test_an_exclusion_with_an_end_covers_nothing_after_it() -> None:
    found = schedule("0 5 * * *", {"cron": "* * * * *", "end": "2026-12-05T12:00"})
    assert first(found, "2026-12-01T00:00", 1) == ["2026-12-06T04:00:00"]


def test_a_clock_set_back_over_midnight_shows_the_excluded_day_again() -> None:
    # Sao Paulo went from 00:00 on 18 February 2018 back to 23:00 on the 17th (02:00Z).
    for exclude in ("2018-02-17", "* * 17 2 *"):
        found = schedule("*/30 * * * *", exclude, timezone="America/Sao_Paulo")
        assert first(found, "2018-02-17T12:00", 1) == ["2018-02-18T03:00:00"]


def test_a_time_moved_out_of_a_gap_is_covered_by_the_same_schedule() -> None:
    found = schedule("30 2 * * *", "30 2 28 3 *")
    assert slots(found, "2027-03-27T12:00", 2) == [("03-28T01:00", "excluded"), ("03-29T00:30", None)]


def test_what_a_clock_rule_drops_is_not_called_excluded() -> None:
    found = schedule("30 2 * * *", "* * * * *", dst_gap="skip")
    assert slots(found, "2027-03-27T12:00", 2) == [("03-28T01:00", "dst"), ("03-29T00:30", "excluded")]


def test_intervals_among_the_exclusions_get_the_anchor() -> None:
    value = {"cron": "0 5 * * *", "exclude": ["P2D", "2026-12-01"]}
    loose = parse_schedule(value, timezone="UTC")
    assert loose.needs_anchor
    anchored = loose.with_anchor(utc("2026-01-01T05:00"))
    assert not anchored.needs_anchor
    assert anchored == parse_schedule(value, timezone="UTC", anchor=utc("2026-01-01T05:00"))
    assert first(anchored, "2026-01-02T00:00", 3) == [f"2026-01-{day}T05:00:00" for day in ("02", "04", "06")]


def test_it_is_immutable_and_compared_by_what_it_means() -> None:
    one, other = schedule("0 5 * * *", "2026-12-24"), schedule("0 5  * * *", "2026-12-24/2026-12-24")
    assert one == other
    assert hash(one) == hash(other)
    assert one != schedule("0 5 * * *", "2026-12-25")
    assert isinstance(one, Excluding)
    assert one.describe() == "at 05:00 every day, Europe/Paris time; except 2026-12-24"


def test_an_exclusion_of_everything_leaves_slots_but_nothing_that_runs() -> None:
    found = schedule("0 5 * * *", "* * * * *")
    assert found.next_after(utc("2026-12-01")) is None
    assert slots(found, "2026-12-01", 2) == [("12-01T04:00", "excluded"), ("12-02T04:00", "excluded")]
    assert Excluding(Cron("0 5 * * *", end="2020-01-01T00:00"), ()).next_after(utc("2026-12-01")) is None


def test_years_of_excluded_days_are_jumped_over() -> None:
    assert first(schedule("* * * * *", "2026-01-01/9000-12-31"), "2026-05-01", 1) == ["9000-12-31T23:00:00"]
    december = schedule("* * * * * *", "* * * 12 *", seconds=True, timezone="UTC")
    assert first(december, "2026-12-01T00:00", 1) == ["2027-01-01T00:00:00"]
    assert timedelta(days=MOST_LEFT_OUT) > timedelta(days=366 * 50)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        schedule("0 5 * * *", "2026-12-24").next_after(datetime.fromisoformat("2026-12-01"))


@pytest.mark.parametrize(
    ("value", "message", "position"),
    [
        ("2026-13-01", "there is no date 2026-13-01", 0),
        ("2026-12-24/2026-12-32", "there is no date 2026-12-32", 11),
        ("2026-1-1", '"2026-1-1" is not a date', 0),
        ("2026-12-24/2026-12-20", "the range of dates ends before it begins", 11),
        ("2026-12-24/2026-12-25/2026-12-26", "a range of dates has two ends, this has more", 22),
        ("2026-12-24/PT5M", '"PT5M" is not a date', 11),
        ("2026-12-24T00:00/2026-12-25T00:00", '"2026-12-24T00:00" is not a date', 0),
        ("9999-12-24", "the year 9999 is after 9990", 0),
        ("0 5 31 2 *", "there is no such date in any year", 4),
        ("@reboot", "@reboot cannot exclude anything", 0),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(value: str, message: str, position: int) -> None:
    with pytest.raises(ScheduleError) as caught:
        schedule("0 5 * * *", "2026-05-01", value)
    assert (caught.value.message, caught.value.text, caught.value.position) == (message, value, position)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("2026-12-24", "exclude is a list"),
        ({"cron": "* * * * *"}, "exclude is a list"),
        ([["2026-12-24"]], "exclude is a list without lists in it"),
        ([5], "a schedule cannot be the int 5"),
        ([None], "a schedule cannot be empty"),
    ],
)
def test_anything_but_a_list_is_refused(value: Any, message: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule({"cron": "0 5 * * *", "exclude": value}, timezone=PARIS)
    assert caught.value.message == message


def test_what_holds_itself_is_refused() -> None:
    table: dict[str, Any] = {"cron": "0 5 * * *"}
    table["exclude"] = [table]
    endless: list[Any] = []
    endless.append({"any": endless})
    for value in (table, endless):
        with pytest.raises(ScheduleError, match="nested too deeply"):
            parse_schedule(value, timezone=PARIS)


@pytest.mark.parametrize(
    "text", ["2026-12-24T09:00", "2026-12-24T09:00[Europe/Paris]", "R/2026-12-24T00:00/P1D", "0 5 * * *"]
)
def test_a_date_time_is_a_schedule_and_no_day(text: str) -> None:
    assert DAYS.fullmatch(text) is None


NESTED = [
    {"cron": "*/20 * * * * *", "seconds": True, "exclude": [{"cron": "* * * * sat,sun", "exclude": ["2026-11-29"]}]},
    {"cron": "0 * * * *", "exclude": [{"cron": "* * * * *", "exclude": ["* 9-17 * * *", "2026-11-28"]}]},
    {
        "cron": "0,30 * * * * *",
        "seconds": True,
        "exclude": [{"cron": "* * * * *", "exclude": [{"cron": "30 * * * * *", "seconds": True}]}],
    },
    {
        "any": [{"cron": "*/7 * * * *", "exclude": ["* 0-20 * * *"], "jitter": "9s"}, "0 */5 * * *"],
        "exclude": ["* 22 * * *"],
    },
]


@pytest.mark.parametrize("value", NESTED, ids=repr)
def test_exclusions_inside_of_exclusions_agree_with_the_slots(value: Any) -> None:
    both = parse_schedule(value, timezone=PARIS)
    begin, end = utc("2026-11-27T22:59"), utc("2026-11-29T01:00")
    runs = []
    for slot in both.slots_after(begin):
        if slot.instant > end:
            break
        if slot.passed_over is None:
            runs.append(slot.instant)
    assert list(both.between(begin, end)) == runs
    assert runs


def test_an_exclusion_with_exclusions_covers_whole_minutes_too() -> None:
    """Regression: it covered only the first second of each of its minutes."""
    found = parse_schedule(NESTED[0], timezone="UTC")
    assert first(found, "2026-11-28", 1) == ["2026-11-29T00:00:00"]


def test_exclusions_inside_of_others_cost_their_sum_and_not_their_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: each step of the outer search looked through all that the inner one left out, for minutes."""
    asked = 0
    each_minute = Cron.next_after

    def counted(cron: Cron, instant: datetime) -> datetime | None:
        nonlocal asked
        asked += cron.text == "* * * * *"
        return each_minute(cron, instant)

    monkeypatch.setattr(contract, "MOST_LEFT_OUT", 200)
    monkeypatch.setattr(Cron, "next_after", counted)
    inner: Any = {"cron": "* * * * *", "exclude": ["1-59 * * * *"], "jitter": "5s"}
    for _ in range(3):
        inner = {"any": [inner], "exclude": ["0 * * * *"]}
    assert parse_schedule(inner, timezone=PARIS).next_after(utc("2026-11-28")) is None
    assert asked == 200
