"""What a job file may hold under `schedule`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.schedules import Cron, Iso8601, Once, ScheduleError, Union, parse_schedule
from tests.schedules.clock import first, utc

PARIS = "Europe/Paris"
NAIVE = datetime(2026, 12, 1, 9, tzinfo=UTC).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("value", "schedule"),
    [
        ("0 5 * * *", Cron("0 5 * * *", timezone=PARIS)),
        ("H 5 * * *", Cron("H 5 * * *", timezone=PARIS, key="job")),
        ("@daily", Cron("@daily", timezone=PARIS)),
        ("20 * * * *", Cron("20 * * * *", timezone=PARIS)),
        (" R/2026-01-01T00:00/P1D", Iso8601("R/2026-01-01T00:00/P1D", PARIS)),
        ("P1D", Iso8601("P1D", PARIS, utc("2026-01-01"))),
        (" 2026-12-01T09:00", Once("2026-12-01T09:00", PARIS)),
        (NAIVE, Once("2026-12-01T09:00", PARIS)),
        (NAIVE.replace(tzinfo=UTC), Once("2026-12-01T09:00Z", PARIS)),
        ({"cron": "0 5 * * *"}, Cron("0 5 * * *", timezone=PARIS)),
        (
            {"cron": "0 0 5 * * *", "timezone": "UTC", "seconds": True, "start": NAIVE, "end": "2027-01-01T00:00"},
            Cron("0 0 5 * * *", seconds=True, start="2026-12-01T09:00", end="2027-01-01T00:00"),
        ),
        (
            {"cron": "H 5 * * *", "dst_gap": "skip", "dst_overlap": "both"},
            Cron("H 5 * * *", timezone=PARIS, key="job", dst_gap="skip", dst_overlap="both"),
        ),
        ({"interval": "P1D"}, Iso8601("R/P1D", PARIS, utc("2026-01-01"))),
        (
            {"interval": "P3W", "start": "2026-01-31T09:00", "repetitions": 10},
            Iso8601("R10/2026-01-31T09:00/P3W", PARIS),
        ),
        (
            {"interval": "P3W", "start": NAIVE, "end": NAIVE, "timezone": "UTC"},
            Iso8601("R/2026-12-01T09:00:00/P3W", "UTC", end="2026-12-01T09:00"),
        ),
        ({"once": "2026-12-01T09:00"}, Once("2026-12-01T09:00", PARIS)),
        ({"once": NAIVE, "timezone": "UTC"}, Once("2026-12-01T09:00Z")),
        (["@daily", {"once": NAIVE}], Union([Cron("@daily", timezone=PARIS), Once(NAIVE, PARIS)])),
    ],
)
def test_forms(value: object, schedule: object) -> None:
    assert parse_schedule(value, timezone=PARIS, key="job", anchor=utc("2026-01-01")) == schedule


def test_a_native_start_keeps_its_zone() -> None:
    start = NAIVE.replace(month=10, day=24, tzinfo=ZoneInfo(PARIS))
    schedule = parse_schedule({"interval": "P1D", "start": start}, timezone="UTC")
    assert first(schedule, "2026-10-24", 2) == ["2026-10-24T07:00:00", "2026-10-25T08:00:00"]


@pytest.mark.parametrize(
    ("value", "message", "hint"),
    [
        (None, "a schedule cannot be empty", "write a cron expression"),
        (5, "a schedule cannot be the int 5", "write a cron expression"),
        (True, "a schedule cannot be the bool True", "write a cron expression"),
        ([], "is empty", "by hand"),
        ({}, "needs cron, interval, once, any or after", "write a cron expression"),
        ({"timezone": "UTC"}, "needs cron, interval, once, any or after", "write a cron expression"),
        ({"any": "0 8 * * *"}, "any holds a list of schedules", "write any = "),
        ({"corn": "0 5 * * *"}, "unknown key 'corn' in a schedule", 'did you mean "cron"?'),
        ({"every": "P1D"}, "unknown key 'every' in a schedule", 'did you mean "interval"'),
        ({"cron": "0 5 * * *", "timezon": "UTC"}, "unknown key 'timezon'", 'did you mean "timezone"?'),
        ({"cron": "0 5 * * *", "jitter": None}, "jitter is empty", "remove the key"),
        ({"cron": "0 5 * * *", "calendar": "a.ics"}, "calendar files are not supported", "under exclude"),
        ({"cron": "0 5 * * *", 5: 1}, "unknown key '5'", "the keys are"),
        ({"cron": "0 5 * * *", "repetitions": 5}, "unknown key 'repetitions' in a schedule with cron", "the keys are"),
        ({"once": "2026-12-01T09:00", "end": NAIVE}, "unknown key 'end' in a schedule with once", "the keys are"),
        ({"cron": "0 5 * * *", "once": NAIVE}, "this has cron and once", "a list of two"),
        ({"cron": 5}, "a cron expression is a text, not int", ""),
        ({"cron": "0 5 * * *", "seconds": "yes"}, "seconds is false or true", ""),
        ({"cron": "0 5 * * *", "start": date(2026, 1, 1)}, "start needs a time of day", "T00:00"),
        ({"cron": "0 5 * * *", "timezone": None}, "a time zone is a text", ""),
        ({"interval": "R/P1D"}, "a duration begins with P", ""),
        ({"interval": 5}, "interval is a text with its units, not 5", "PT5M"),
        ({"interval": "P1D", "repetitions": 0}, "repetitions is a whole number from 1", ""),
        ({"interval": "P1D", "repetitions": True}, "repetitions is a whole number from 1", ""),
        ({"interval": "P1D", "start": "2026-01-01"}, "a time of day", ""),
        ({"once": None}, "a one-off time is a text", ""),
        (date(2026, 1, 1), "a one-off time needs a time of day", ""),
        ("2026-12-01", "a time of day", "write it like"),
        ("2026-01-01T00:00/P1D", "behind the time", ""),
        (["@daily", ["@weekly"]], "cannot hold a list", "in one list"),
        (b"0 5 * * *", "a schedule cannot be the bytes", ""),
        (["@daily", "bogus"], "a cron expression has five fields here, this has 1", ""),
    ],
)
def test_refusals(value: object, message: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(value, timezone=PARIS)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_an_error_points_into_what_the_file_holds() -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule({"interval": "P1X", "start": NAIVE, "repetitions": 3}, timezone=PARIS)
    assert (caught.value.text, caught.value.position) == ("P1X", 2)
    with pytest.raises(ScheduleError) as caught:
        parse_schedule({"interval": "P1D", "start": "2026-02-30T00:00"}, timezone=PARIS)
    assert (caught.value.text, caught.value.position) == ("2026-02-30T00:00", 0)


def test_a_schedule_stays_what_it_is_but_is_anchored() -> None:
    cron = Cron("0 5 * * *")
    assert parse_schedule(cron, timezone=PARIS) is cron
    assert parse_schedule([cron], timezone=PARIS, anchor=utc("2026-01-01")) == Union([cron])
    assert parse_schedule(Iso8601("P1D"), timezone=PARIS, anchor=utc("2026-01-01")) == Iso8601(
        "P1D", "UTC", utc("2026-01-01")
    )


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[object] = ["@daily"]
    endless.append(endless)
    with pytest.raises(ScheduleError, match="cannot hold a list"):
        parse_schedule(endless, timezone=PARIS)


def test_h_needs_a_key_here_too() -> None:
    with pytest.raises(ScheduleError, match="H needs a key"):
        parse_schedule("H 5 * * *", timezone=PARIS)
