"""What is valid but may not be meant, with its place in the expression."""

from __future__ import annotations

from typing import Any

import pytest

from jobistemer_tui.schedules import Cron, Schedule, Union, parse_schedule
from tests.schedules.clock import utc

PARIS = "Europe/Paris"
NOW = utc("2026-11-25T12:00")


def parsed(value: Any, zone: str = PARIS) -> Schedule:
    return parse_schedule(value, timezone=zone, key="job")


def hints(value: Any, *, timeless: bool = False, zone: str = PARIS) -> list[tuple[str, str, int | None]]:
    found = parsed(value, zone).hints_at(None if timeless else NOW)
    return [(hint.message, hint.text, hint.position) for hint in found]


TIMELESS = [
    ("*/7 * * * *", 'the step of "*/7" is uneven: after minute 56 comes minute 0, 4 minutes later instead of 7', 0),
    ("0 */5 * * *", 'the step of "*/5" is uneven: after hour 20 comes hour 0, 4 hours later instead of 5', 2),
    ("0 2/5 * * *", 'the step of "2/5" is uneven: after hour 22 comes hour 2, 4 hours later instead of 5', 2),
    (
        "0 0 */2 * *",
        'the step of "*/2" is uneven: after day of month 31 comes day of month 1, 1 day later instead of 2',
        4,
    ),
    ("0 0 1 */5 *", 'the step of "*/5" is uneven: after month 11 comes month 1, 2 months later instead of 5', 6),
    (
        "0 0 * * */2",
        'the step of "*/2" is uneven: after day of week 6 comes day of week 0, 1 day later instead of 2',
        8,
    ),
    ("*/60 * * * *", 'the step 60 in "*/60" is larger than the range 0-59: only minute 0 matches', 0),
    ("0 0 29 2 *", "29 February exists in leap years only: about one day in 4 years", 4),
    (
        "0 0 31 * *",
        "not every month has such a day: it runs in about 7 of 12 months, about 7 days a year",
        4,
    ),
    (
        "0 0 * * fri#5",
        "not every month has such a day: it runs in about 4.2 of 12 months, about 4 days a year",
        8,
    ),
    (
        "0 0 1 * MON",
        "it is enough that the day of month (1) or the day of week (mon) matches: "
        "about 62 days a year; both match on about 2",
        4,
    ),
    (
        "* 5 * * *",
        "it runs in every minute of these hours, 60 times a day; write 0 in the minute field for the full hour only",
        0,
    ),
]


@pytest.mark.parametrize(("text", "message", "position"), TIMELESS, ids=[case[0] for case in TIMELESS])
def test_each_hint_points_at_its_field(text: str, message: str, position: int) -> None:
    assert hints(text, timeless=True) == [(message, text, position)]
    # In a list, in a table and with blanks before it the place is still that in the text that was written.
    assert hints([f" {text}"], timeless=True) == [(message, f" {text}", position + 1)]
    assert hints({"any": [{"cron": text, "exclude": ["2026-12-24"], "jitter": "5s"}]}, timeless=True) == [
        (message, text, position)
    ]


def test_a_star_with_a_step_in_one_day_field_joins_both() -> None:
    uneven, both = hints("0 0 */2 * mon", timeless=True)
    assert uneven[0].startswith('the step of "*/2" is uneven')
    assert both == ("one day field begins with *, so both must match: about 27 days a year", "0 0 */2 * mon", 4)


def test_very_frequent_runs() -> None:
    (cron,) = hints({"cron": "*/4 * * * * *", "seconds": True}, timeless=True)
    assert cron == (
        "it runs 21,600 times a day, each with a row and a log of its own; one task that loops costs less",
        "*/4 * * * * *",
        0,
    )
    (interval,) = hints("PT1S", timeless=True)
    assert interval[0].startswith("it runs 86,400 times a day")
    assert hints({"cron": "*/5 * * * * *", "seconds": True}) == hints("PT5S") == hints("* * * * *") == []


def test_29_february_every_year() -> None:
    message = "29 February exists in leap years only: in the others it runs on the 28th"
    text = "R/2028-02-29T00:00/P1Y"
    assert hints(text, timeless=True) == [(message, text, None)]
    assert hints("R/2028-02-29T00:00/P1M") == hints("R/2028-02-28T00:00/P1Y") == []


CLOCK = [
    ("30 2 * * *", "02:30 does not exist on 2027-03-28 in Europe/Paris and runs at 03:00", 3),
    ("15,30 2 * * *", "02:15 and 02:30 do not exist on 2027-03-28 in Europe/Paris and run at 03:00", 6),
    (
        {"cron": "30 2 * * *", "dst_gap": "skip"},
        "02:30 does not exist on 2027-03-28 in Europe/Paris and is skipped",
        3,
    ),
    ("*/20 2 * * *", "02:00, 02:20 and 02:40 do not exist on 2027-03-28 in Europe/Paris and are skipped", 5),
    ("0 */2 * * *", "02:00 does not exist on 2027-03-28 in Europe/Paris and is skipped", 2),
    ("*/20 2 * 10 *", "02:00, 02:20 and 02:40 come twice on 2027-10-31 in Europe/Paris and run twice", 5),
    ("R/2026-01-01T02:30/P1D", "02:30 does not exist on 2027-03-28 in Europe/Paris and runs at 03:30", None),
    ("2027-03-28T02:30", "02:30 does not exist on 2027-03-28 in Europe/Paris and runs at 03:30", None),
]


@pytest.mark.parametrize(("value", "message", "position"), CLOCK, ids=[str(case[0]) for case in CLOCK])
def test_the_next_change_of_the_clock_is_announced_with_its_date(value: Any, message: str, position: int) -> None:
    text = value["cron"] if isinstance(value, dict) else value
    assert hints(value) == [(message, text, position)]
    assert hints(value, timeless=True) == []


@pytest.mark.parametrize(
    "value", ["30 3 * * *", "*/15 * * * *", "30 * * * *", "@hourly", {"cron": "30 2 * 10 *", "dst_overlap": "both"}]
)
def test_what_nobody_would_notice_is_not(value: Any) -> None:
    assert hints(value) == []
    assert hints("30 2 * * *", zone="Asia/Tokyo") == []


PAST = "it does not run any more: all its times lie in the past"
COVERED = "it never runs: its exclusions cover each of its times"
LEFT_OUT = "it never runs: each of its times is left out by a change of the clock"
NEVER = [
    (
        {"cron": "0 5 * * *", "end": "2026-01-01T00:00Z"},
        "it does not run any more: its end, 2026-01-01 00:00 UTC, lies in the past",
    ),
    (
        {"cron": "0 5 1 1 *", "start": "2026-01-01T00:00Z", "end": "2026-12-01T00:00Z"},
        "it does not run any more: no such time is left before its end, 2026-12-01 00:00 UTC",
    ),
    (
        {"cron": "0 5 * * *", "start": "2027-01-01T06:00Z", "end": "2027-01-01T07:00Z"},
        "it never runs: no such time lies between its start and its end, 2027-01-01 07:00 UTC",
    ),
    ({"cron": "30 2 * 3 sunL", "dst_gap": "skip"}, LEFT_OUT),
    ({"cron": "*/30 2 * 3 sunL"}, LEFT_OUT),
    (
        {"interval": "P1D", "start": "2026-05-01T00:00", "end": "2026-04-01T00:00"},
        "it never runs: no instant lies between its start and its end",
    ),
    ({"interval": "P1D", "start": "2026-05-01T00:00", "repetitions": 3}, PAST),
    ({"once": "2026-05-01T00:00"}, PAST),
    ({"cron": "0 5 * * *", "exclude": ["* * * * *"]}, COVERED),
    ({"interval": "P1D", "exclude": ["1990-01-01/9990-12-31"]}, COVERED),
]


@pytest.mark.parametrize(("value", "message"), NEVER, ids=[str(case[0]) for case in NEVER])
def test_what_never_runs_is_told(value: Any, message: str) -> None:
    assert [hint[0] for hint in hints(value)] == [message]


def test_without_the_time_of_reading_only_what_holds_for_ever_is_told() -> None:
    told = [message for value, message in NEVER if [hint[0] for hint in hints(value, timeless=True)] == [message]]
    assert told == [NEVER[2][1], NEVER[3][1], NEVER[4][1], NEVER[5][1], NEVER[8][1], NEVER[9][1]]
    only_once = {"cron": "0 6 * * *", "start": "2027-01-01T05:00Z", "end": "2027-01-01T05:00Z"}
    assert hints(only_once) == hints(only_once, timeless=True) == []


def test_an_exclusion_that_leaves_something_is_not_a_hint() -> None:
    assert hints({"cron": "0 5 * * *", "exclude": ["2026-12-24"]}) == []
    over = {"cron": "0 5 * * *", "end": "2026-01-01T00:00Z", "exclude": ["2026-12-24"]}
    assert len(hints(over)) == 1


def test_clock_rules_of_a_wildcard_job_change_nothing() -> None:
    (found,) = hints({"cron": "*/5 * * * *", "dst_gap": "skip"})
    assert "dst_gap and dst_overlap change nothing here" in found[0]
    assert found[1:] == ("*/5 * * * *", 0)


def test_a_union_tells_what_its_members_do() -> None:
    both = Union([Cron("0 0 31 * *"), Cron("* 5 * * *")])
    assert [hint.text for hint in both.hints_at(NOW)] == ["0 0 31 * *", "* 5 * * *"]


def test_the_end_of_the_calendar_is_not_blamed_on_the_clock() -> None:
    (hint,) = Cron("0 5 * * *").hints_at(utc("9990-12-31T23:00"))
    assert hint.message == "it does not run any more: nothing is planned after the year 9990"
