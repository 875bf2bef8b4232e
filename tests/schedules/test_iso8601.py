"""Repeating intervals: forms, arithmetic, counts and clock changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import perf_counter

import pytest

from jobistemer_tui.schedules import Iso8601, ScheduleError
from tests.schedules.clock import first, instants, utc

PARIS = "Europe/Paris"


def test_a_missing_day_becomes_the_last_of_its_month_for_that_time_only() -> None:
    found = first(Iso8601("R/2026-01-31T09:00/P1M"), "2026-01-01", 14)
    assert [text[:10] for text in found] == [
        *("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31"),
        *("2026-08-31", "2026-09-30", "2026-10-31", "2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"),
    ]
    leap = first(Iso8601("R/2024-02-29T00:00/P1Y"), "2024-01-01", 5)
    assert [text[:10] for text in leap] == ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_the_wall_clock_is_kept_across_changes() -> None:
    assert first(Iso8601("R5/2026-01-31T09:00:00/P1M", PARIS), "2026-01-01", 9) == [
        "2026-01-31T08:00:00",
        "2026-02-28T08:00:00",
        "2026-03-31T07:00:00",
        "2026-04-30T07:00:00",
        "2026-05-31T07:00:00",
    ]


def test_an_offset_without_a_zone_is_fixed() -> None:
    assert first(Iso8601("R/2026-03-28T09:00+01:00/P1D", PARIS), "2026-03-28", 3) == [
        f"2026-03-{day}T08:00:00" for day in (28, 29, 30)
    ]
    assert first(Iso8601("R/2026-03-28T09:00+01:00[Europe/Paris]/P1D"), "2026-03-28", 2) == [
        "2026-03-28T08:00:00",
        "2026-03-29T07:00:00",
    ]


def test_hours_are_elapsed_time() -> None:
    schedule = Iso8601("R/2026-03-29T00:30/PT1H", PARIS)
    assert instants(schedule, "2026-03-28T23:00", 4) == ["28T23:30", "29T00:30", "29T01:30", "29T02:30"]
    mixed = Iso8601("R3/2026-03-28T02:30/P1DT1H", PARIS)
    # 28 March 02:30, then 29 March 02:30 (in the gap, so 03:30) and one hour, then 30 March 02:30 and two.
    assert first(mixed, "2026-03-28", 5) == ["2026-03-28T01:30:00", "2026-03-29T02:30:00", "2026-03-30T02:30:00"]


def test_a_time_in_a_gap_moves_by_its_length_and_a_repeated_one_is_the_first() -> None:
    gap = Iso8601("R/2026-03-28T02:30/P1D", PARIS)
    assert first(gap, "2026-03-28", 3) == ["2026-03-28T01:30:00", "2026-03-29T01:30:00", "2026-03-30T00:30:00"]
    overlap = Iso8601("R/2026-10-24T02:30/P1D", PARIS)
    assert first(overlap, "2026-10-24", 3) == ["2026-10-24T00:30:00", "2026-10-25T00:30:00", "2026-10-26T01:30:00"]
    half = Iso8601("R/2024-10-05T02:10/P1D", "Australia/Lord_Howe")
    assert first(half, "2024-10-04T12:00", 3) == ["2024-10-04T15:40:00", "2024-10-05T15:40:00", "2024-10-06T15:10:00"]


def test_a_start_at_the_second_pass_is_kept() -> None:
    schedule = Iso8601("R/2026-10-25T02:30+01:00[Europe/Paris]/P1D")
    assert first(schedule, "2026-10-25", 2) == ["2026-10-25T01:30:00", "2026-10-26T01:30:00"]


def test_two_occurrences_at_one_instant_are_one() -> None:
    schedule = Iso8601("R/2011-12-29T09:00/P1D", "Pacific/Apia")
    assert first(schedule, "2011-12-29", 3) == ["2011-12-29T19:00:00", "2011-12-30T19:00:00", "2011-12-31T19:00:00"]


def test_counted_back_from_an_end() -> None:
    schedule = Iso8601("R3/P1M/2026-05-31T00:00")
    assert first(schedule, "2000-01-01", 9) == ["2026-03-31T00:00:00", "2026-04-30T00:00:00", "2026-05-31T00:00:00"]
    assert first(Iso8601("R1/P1M/2026-05-31T00:00"), "2000-01-01", 9) == ["2026-05-31T00:00:00"]
    endless = Iso8601("R/P1D/2026-05-31T00:00")
    assert first(endless, "2026-05-29T12:00", 9) == ["2026-05-30T00:00:00", "2026-05-31T00:00:00"]
    assert endless.next_after(utc("1500-01-01")) == utc("1500-01-02")
    assert Iso8601("R/P9000Y/2026-05-31T00:00").next_after(utc("1500-01-01")) == utc("2026-05-31")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("R/2026-03-28T09:00/2026-03-29T09:00", ["2026-03-28T08:00:00", "2026-03-29T07:00:00", "2026-03-30T07:00:00"]),
        ("R/2026-03-28T09:00/2026-03-29T10:00", ["2026-03-28T08:00:00", "2026-03-29T08:00:00", "2026-03-30T09:00:00"]),
        # The end is always the second instant, whatever the clock does between.
        ("R/2026-03-27T00:00/2026-03-29T04:00", ["2026-03-26T23:00:00", "2026-03-29T02:00:00", "2026-03-31T04:00:00"]),
        ("R/2026-10-23T00:00/2026-10-25T04:00", ["2026-10-22T22:00:00", "2026-10-25T03:00:00", "2026-10-27T09:00:00"]),
        ("R2/2026-03-27T02:45/2026-03-29T03:30", ["2026-03-27T01:45:00", "2026-03-29T01:30:00"]),
        ("R2/2026-03-28T02:45/2026-03-29T03:30", ["2026-03-28T01:45:00", "2026-03-29T01:30:00"]),
        ("R2/2026-03-28T09:00/2026-03-28T09:30", ["2026-03-28T08:00:00", "2026-03-28T08:30:00"]),
        ("R2/2026-03-28T09:00/2026-03-29T09:00Z", ["2026-03-28T08:00:00", "2026-03-29T09:00:00"]),
        ("R2/2026-10-25T02:30/2026-10-25T02:30+01:00[Europe/Paris]", ["2026-10-25T00:30:00", "2026-10-25T01:30:00"]),
    ],
)
def test_from_a_start_to_an_end(text: str, found: list[str]) -> None:
    assert first(Iso8601(text, PARIS), "2026-03-01", 3) == found


@pytest.mark.parametrize("text", ["P1D", "R/P1D", "R-1/P1D"])
def test_without_a_start_the_anchor_counts(text: str) -> None:
    schedule = Iso8601(text, PARIS)
    assert schedule.needs_anchor
    with pytest.raises(ScheduleError, match="names no start"):
        schedule.next_after(utc("2026-01-01"))
    anchored = schedule.with_anchor(utc("2026-03-27T10:00:00.75"))
    assert not anchored.needs_anchor
    assert anchored.anchor == utc("2026-03-27T10:00")
    assert first(anchored, "2000-01-01", 3) == ["2026-03-28T10:00:00", "2026-03-29T09:00:00", "2026-03-30T09:00:00"]
    assert anchored.with_anchor(utc("2027-01-01")) is anchored


def test_repetitions_after_an_anchor() -> None:
    assert len(first(Iso8601("R3/PT1H", anchor=utc("2026-01-01")), "2000-01-01", 9)) == 3


def test_an_anchor_means_nothing_beside_a_start() -> None:
    text = "R/2026-01-01T00:00/P1D"
    assert Iso8601(text, anchor=utc("2020-01-01")) == Iso8601(text)


def test_the_number_counts_all_occurrences() -> None:
    assert first(Iso8601("R1/2026-01-01T00:00/P1D"), "2000-01-01", 9) == ["2026-01-01T00:00:00"]
    assert len(first(Iso8601("R007/2026-01-01T00:00/P1D"), "2000-01-01", 9)) == 7
    assert len(first(Iso8601("R/2026-01-01T00:00/P1D"), "2000-01-01", 99)) == 99


def test_an_end_bounds_inclusively() -> None:
    schedule = Iso8601("R/2026-01-01T00:00/P1D", PARIS, end="2026-01-02T00:00")
    assert first(schedule, "2000-01-01", 9) == ["2025-12-31T23:00:00", "2026-01-01T23:00:00"]


def test_next_after_is_strict() -> None:
    schedule = Iso8601("R/2026-01-01T00:00/PT1.5S")
    assert schedule.next_after(utc("2026-01-01")) == utc("2026-01-01T00:00:01.500")
    assert schedule.next_after(utc("2026-01-01T00:00:01.499")) == utc("2026-01-01T00:00:01.500")


def test_far_ahead_is_found_by_arithmetic() -> None:
    schedules = [Iso8601(f"R/1970-01-01T00:00/{text}", PARIS) for text in ("PT1S", "P1D", "P1M", "P1DT1S", "P1Y1M1D")]
    begun = perf_counter()
    found = [schedule.next_after(utc("2970-06-01T00:00")) for schedule in schedules]
    assert perf_counter() - begun < 0.5
    assert found[:3] == [utc("2970-06-01T00:00:01"), utc("2970-06-01T22:00"), utc("2970-06-30T22:00")]


@pytest.mark.parametrize("text", ["P1D", "P1M", "P7M3D", "P1Y", "P5W", "P1M1DT5H", "PT7H", "P1DT23H"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Australia/Lord_Howe"])
def test_the_estimate_agrees_with_walking(text: str, zone: str) -> None:
    schedule = Iso8601(f"R/2024-01-31T02:15/{text}", zone)
    base = schedule.parsed.base
    assert base is not None
    duration = schedule.parsed.duration
    walked = []
    for count in range(120):
        if count and not duration.is_elapsed:
            walked.append(duration.times_after(count, base.wall, base.zone))
        else:
            walked.append(base.utc + count * duration.elapsed)
    assert [datetime.fromisoformat(each) for each in first(schedule, "2024-01-01", 120)] == walked


def test_the_calendar_ends() -> None:
    assert Iso8601("R/2026-01-01T00:00/P4000Y").next_after(utc("2026-01-01")) == utc("6026-01-01")
    assert Iso8601("R/2026-01-01T00:00/P4000Y").next_after(utc("6026-01-01")) is None
    assert Iso8601("R/2026-01-01T00:00/P9000Y").next_after(utc("2026-01-01")) is None
    assert Iso8601("R/2026-01-01T00:00/PT24H").next_after(utc("9990-12-31T12:00")) is None


@pytest.mark.parametrize(
    ("text", "position", "message", "hint"),
    [
        ("R0/P1D", 0, "R0 never runs", "R1"),
        ("R-2/P1D", 1, "repetitions cannot be read", '"R5"'),
        ("Rx/P1D", 1, "repetitions cannot be read", '"R5"'),
        ("R", 1, "a duration is missing", "the forms are"),
        ("R5", 2, "a duration is missing", "the forms are"),
        ("R/2026-01-01T00:00", 18, "a duration is missing", "the forms are"),
        ("P1D/P1D", 0, "begins with R", "the forms are"),
        ("P1D/2026-01-01T00:00", 0, "begins with R", "the forms are"),
        ("R/P1D/P1D", 6, "both parts are durations", "the forms are"),
        ("R//P1D", 2, "begins with a date", "write it like"),
        ("R/2026-01-01T00:00/P1D/P1D", 0, "at most three parts", "the forms are"),
        ("R/2026-01-01T00:00/P1S", 21, '"S" is no unit', "behind a T"),
        ("R/2026-01-01T00:00[Europe/Pari]/P1D", 19, "unknown zone", "IANA"),
        ("R/2026-01-01T00:00[Europe/Paris/P1D", 35, "a duration is missing", ""),
        ("R/2026-01-02T00:00/2026-01-02T00:00", 19, "the end is not after the start", "earlier time first"),
        ("R/P1D\x7f", 5, "control character", ""),
    ],
)
def test_refusals(text: str, position: int, message: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        Iso8601(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert (caught.value.text, caught.value.position) == (text, position)


def test_surrounding_blanks_are_ignored_and_positions_stay() -> None:
    assert Iso8601("  R/P1D ") == Iso8601("R/P1D")
    with pytest.raises(ScheduleError) as caught:
        Iso8601("  R/P1X ")
    assert caught.value.position == 6


def test_a_zone_in_brackets_may_hold_slashes() -> None:
    schedule = Iso8601("R2/2026-01-01T00:00[America/Argentina/Ushuaia]/P1D")
    assert first(schedule, "2026-01-01", 3) == ["2026-01-01T03:00:00", "2026-01-02T03:00:00"]


def test_a_late_question_does_not_shift_the_rhythm() -> None:
    schedule = Iso8601("R/2026-01-01T00:00/PT7M")
    for late in (timedelta(seconds=1), timedelta(minutes=6), timedelta(days=3, minutes=2)):
        found = schedule.next_after(utc("2026-01-01") + late)
        assert found is not None
        assert (found - utc("2026-01-01")) % timedelta(minutes=7) == timedelta(0)
