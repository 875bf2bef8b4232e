"""What a cron expression may hold, and how the rest is refused."""

from __future__ import annotations

from time import perf_counter

import pytest

from jobistemer_tui.schedules import Cron, ScheduleError
from jobistemer_tui.schedules.bitset import members


def minutes(text: str, **options: str) -> list[int]:
    return members(Cron(f"{text} * * * *", key=options.get("key")).parsed.minutes)


def weekdays(text: str) -> list[int]:
    return members(Cron(f"0 0 * * {text}").parsed.days.weekdays)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*", list(range(60))),
        ("7", [7]),
        ("007", [7]),
        ("5-8", [5, 6, 7, 8]),
        ("9-9", [9]),
        ("1,3,5-6", [1, 3, 5, 6]),
        ("*/20", [0, 20, 40]),
        ("10-30/10", [10, 20, 30]),
        ("50/4", [50, 54, 58]),
        ("59/15", [59]),
        ("*/60", [0]),
        ("*,5", list(range(60))),
    ],
)
def test_numbers_ranges_lists_and_steps(text: str, expected: list[int]) -> None:
    assert minutes(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", [0]),
        ("7", [0]),
        ("5-7", [0, 5, 6]),
        ("0-7", list(range(7))),
        ("sun", [0]),
        ("Fri-SUN", [0, 5, 6]),
        ("sun-tue", [0, 1, 2]),
        ("sun-sun", [0]),
        ("mon-5", [1, 2, 3, 4, 5]),
        ("1-fri/2", [1, 3, 5]),
        ("*/2", [0, 2, 4, 6]),
        ("mon/2", [0, 1, 3, 5]),
        ("?", list(range(7))),
    ],
)
def test_sunday_is_zero_and_seven_and_names_mix_with_numbers(text: str, expected: list[int]) -> None:
    assert weekdays(text) == expected


def test_months_have_names() -> None:
    assert members(Cron("0 0 1 jan,MAR-5,Dec *").parsed.days.months) == [1, 3, 4, 5, 12]


def test_blanks_and_tabs_separate_and_surround() -> None:
    assert Cron(" \t0  5\t* * mon \t").text == "0 5 * * mon"
    assert Cron("0  5 * * *") == Cron("0 5 * * *\t")


@pytest.mark.parametrize(
    ("macro", "fields"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("@Daily", "0 0 * * *"),
    ],
)
def test_macros_stand_for_five_fields(macro: str, fields: str) -> None:
    one, other = Cron(macro).parsed, Cron(fields).parsed
    assert (one.minutes, one.hours, one.days, one.wildcard) == (other.minutes, other.hours, other.days, other.wildcard)
    assert Cron(macro, seconds=True).parsed.seconds == 1


REFUSALS = [
    ("", 0, "empty", "five fields"),
    ("  ", 0, "empty", "five fields"),
    ("5 4 * *", 7, "this has 4", "five fields"),
    ("0 0 5 4 * *", 10, "this has 6", '{ cron = "…", seconds = true }'),
    ("0 0 5 4 * * 2030", 10, "this has 7", "five fields"),
    ("@reboot", 0, "@reboot is a schedule of its own", "@reboot"),
    ("@every 5m", 0, "@every is not known", "write an interval"),
    ("60 * * * *", 0, "minute 60 does not exist", "from 0 to 59"),
    ("0 24 * * *", 2, "hour 24 does not exist", "from 0 to 23"),
    ("0 0 0 * *", 4, "day of month 0", "from 1 to 31"),
    ("0 0 1 13 *", 6, "month 13", "from 1 to 12"),
    ("0 0 * * 8", 8, "day of week 8", "from 0 to 7"),
    ("0 0 * * 1,8", 10, "day of week 8", ""),
    ("0-60 * * * *", 2, "minute 60", ""),
    ("1,,2 * * * *", 2, "empty", "comma"),
    ("1, * * * *", 2, "empty", "comma"),
    (",1 * * * *", 0, "empty", "comma"),
    ("5- * * * *", 1, "no end", "both ends"),
    ("-5 * * * *", 0, "no beginning", "both ends"),
    ("1-2-3 * * * *", 3, "two ends", ""),
    ("*/0 * * * *", 2, "step of 0", "at least 1"),
    ("*/ * * * *", 1, "step after /", "*/5"),
    ("*/5/2 * * * *", 1, "step after /", "*/5"),
    ("*/-5 * * * *", 1, "step after /", "*/5"),
    ("*5 * * * *", 0, "cannot be read", "*/n"),
    ("5$ * * * *", 1, '"$" does not belong', ""),
    ("0 0 * * fri.", 11, '"." does not belong', ""),
    ("22-2 * * * *", 0, "runs backwards", "write 22-59,0-2"),
    ("0 22-2 * * *", 2, "runs backwards", "write 22,23,0,1,2"),
    ("0 0 * * fri-mon", 8, "runs backwards", "write fri,sat,sun,mon"),
    ("0 0 * * 6-1", 8, "runs backwards", "write sat,sun,mon"),
    ("0 0 1 nov-feb *", 6, "runs backwards", "write nov,dec,jan,feb"),
    ("0 0 30-2 * *", 4, "runs backwards", "write 30,31,1,2"),
    ("0 0 * * monday", 8, '"monday" is not a name', 'write "mon"'),
    ("0 0 * january *", 6, '"january" is not a name', 'write "jan"'),
    ("0 0 * * xyz", 8, '"xyz" is not a day of week', "sun, mon"),
    ("0 0 * * xyz-fri", 8, '"xyz" is not a day of week', "sun, mon"),
    ("0 0 * * fri-xyz", 12, '"xyz" is not a day of week', "sun, mon"),
    ("0 fri * * *", 2, '"fri" is not an hour', "only numbers"),
    ("0 0 * mon *", 6, '"mon" is not a month', "jan, feb"),
    ("0 0 * ab *", 6, "cannot be read as a month", "numbers"),
    ("0 0 15W * *", 4, "W (the weekday nearest", "LW"),
    ("0 0 W * *", 4, "W (the weekday nearest", "LW"),
    ("R * * * *", 0, "R (a random value)", "H"),
    ("R(1-5) * * * *", 0, "R (a random value)", "H"),
    ("0 0 L-3 * *", 4, "L in this form", "LW"),
    ("0 0 * * L", 8, "L in this form", "friL"),
    ("L * * * *", 0, "L in this form", "day of month"),
    ("0 0 * * 9L", 8, "day of week 9", ""),
    ("0 0 * * xyzL", 8, '"xyz" is not a day of week', "sun, mon"),
    ("0 0 * * fri#0", 12, "number 0", "#1 to #5"),
    ("0 0 * * fri#6", 12, "number 6", "#1 to #5"),
    ("0 0 * * fri#", 11, "# counts weekdays", "fri#2"),
    ("0 0 5#2 * *", 5, "# counts weekdays", "day-of-week field"),
    ("0 ? * * *", 2, "? stands alone", "write *"),
    ("0 0 ?/2 * *", 4, "? stands alone", "write *"),
    ("H * * * *", 0, "H needs a key", "key="),
    ("0 0 31 2 *", 4, "no such date", "February"),
    ("0 0 30-31 FEB *", 4, "no such date", "February"),
    ("0 0 31 4,6,9,11 *", 4, "no such date", "April"),
    ("0 0 ? 2 wed#6", 12, "number 6", ""),
    ("0 0 */31 * mon#2", 4, "no such date", ""),
    ("0 0 * * *\n", 9, "control character '\\n'", ""),
    ("0\x000 * * *", 1, "control character '\\x00'", ""),
    ("٣ * * * *", 0, "non-ASCII character", ""),
    ("0 0\u00a0* * *", 3, "non-ASCII character", "web page"),
    ("0," * 250 + "0 * * * *", 499, "has 509 characters", ""),
]


@pytest.mark.parametrize(("text", "position", "message", "hint"), REFUSALS, ids=[repr(r[0])[:30] for r in REFUSALS])
def test_everything_else_is_refused_at_its_place(text: str, position: int, message: str, hint: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        Cron(text)
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.position == position
    assert text.startswith(caught.value.text)


def test_the_hash_range_is_checked() -> None:
    for text, position in (("H(9-5) * * * *", 2), ("H(0-60) * * * *", 4), ("H/0 * * * *", 2)):
        with pytest.raises(ScheduleError) as caught:
            Cron(text, key="job")
        assert caught.value.position == position


def test_six_fields_only_where_the_schedule_says_so() -> None:
    parsed = Cron("*/30 0 5 * * *", seconds=True).parsed
    assert members(parsed.seconds) == [0, 30]
    assert members(parsed.hours) == [5]
    with pytest.raises(ScheduleError, match="six fields here, this has 5") as caught:
        Cron("0 5 * * *", seconds=True)
    assert "the second comes first" in caught.value.hint


def test_another_type_is_refused() -> None:
    with pytest.raises(ScheduleError, match="is a text, not list"):
        Cron(["0 5 * * *"])  # type: ignore[arg-type]  # what a caller without a type checker can write
    with pytest.raises(ScheduleError, match="seconds is false or true, not 1"):
        Cron("0 5 * * *", seconds=1)  # type: ignore[arg-type]  # as above
    with pytest.raises(ScheduleError, match='dst_gap is "run" or "skip", not \'no\''):
        Cron("0 5 * * *", dst_gap="no")  # type: ignore[arg-type]  # as above
    with pytest.raises(ScheduleError, match="dst_overlap is"):
        Cron("0 5 * * *", dst_overlap="run")  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("text", ["0 0 31 2 MON", "0 0 29 2 *", "0 0 * 2 mon#5", "0 0 L 2 *"])
def test_rare_dates_are_possible(text: str) -> None:
    assert Cron(text).text == text


def test_impossible_dates_are_refused_at_once() -> None:
    def refuse(number: int) -> float:
        begun = perf_counter()
        with pytest.raises(ScheduleError):
            Cron(f"{number} 0 31 4,6,9,11 *")
        return perf_counter() - begun

    assert min(map(refuse, range(20))) < 0.001


def test_a_hash_is_spread_by_the_key_and_stays_the_same() -> None:
    assert minutes("H", key="backup") == minutes("H", key="backup")
    assert len({minutes("H", key=f"job {number}")[0] for number in range(300)}) > 50
    assert all(0 <= minutes("H(10-20)", key=str(number))[0] - 10 <= 10 for number in range(50))
    quarter = minutes("H/15", key="backup")
    assert quarter == list(range(quarter[0], 60, 15))
    assert quarter[0] < 15
    inside = minutes("H(30-59)/10", key="backup")
    assert 30 <= inside[0] < 40
    assert inside == list(range(inside[0], 60, 10))


def test_a_hashed_day_exists_in_every_month() -> None:
    found = {members(Cron("0 0 H H H", key=str(number)).parsed.days.days)[0] for number in range(500)}
    assert found == set(range(1, 29))


def test_the_fields_of_one_key_are_spread_apart() -> None:
    pairs = set()
    for number in range(200):
        parsed = Cron("H H * * *", key=str(number)).parsed
        pairs.add((members(parsed.minutes)[0] % 24, members(parsed.hours)[0]))
    assert any(minute != hour for minute, hour in pairs)


def test_the_key_counts_only_where_it_is_used() -> None:
    assert Cron("0 5 * * *", key="a") == Cron("0 5 * * *", key="b")
    assert Cron("H 5 * * *", key="a") != Cron("H 5 * * *", key="b")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("*/60 * * * *", "only minute 0 matches"),
        ("0 8-17/12 * * *", "only hour 8 matches"),
        ("59/15 * * * *", "only minute 59 matches"),
        ("5-5/3 * * * *", "only minute 5 matches"),
        ("0 0 1 * MON", "about 62 days a year; both match on about 2"),
    ],
)
def test_what_looks_wrong_earns_a_hint(text: str, hint: str) -> None:
    (found,) = Cron(text).hints_at()
    assert hint in found.message


def test_what_is_plain_earns_none() -> None:
    for text in ("0 5 * * 1-5", "*/15 * * * *", "5-5/1 * * * *", "0-30/30 * * * *", "H/7 * * * *"):
        assert Cron(text, key="job").hints_at() == ()


def test_clock_rules_of_a_wildcard_job_earn_a_hint() -> None:
    (found,) = Cron("*/5 2 * * *", dst_gap="skip").hints_at()
    assert "change nothing" in found.message
