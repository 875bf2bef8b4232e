"""`jitter` and `@reboot`: a later start of the same instant, and the starts of the machine."""

from __future__ import annotations

from datetime import timedelta, timezone
from itertools import islice
from typing import Any

import pytest

from jobistemer_tui.schedules import Cron, Jittered, Reboot, Schedule, ScheduleError, Union, parse_schedule
from tests.schedules.clock import utc


def parsed(value: object) -> Schedule:
    return parse_schedule(value, timezone="Europe/Paris", key="job", anchor=utc("2026-01-01"))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("1h1m1s", 3661), (" 30s ", 30), ("PT30S", 30), ("24h", 86400)],
)
def test_a_jitter_leaves_the_instants_and_marks_the_slots(text: str, seconds: int) -> None:
    plain, late = parsed("0 5 * * *"), parsed({"cron": "0 5 * * *", "jitter": text})
    assert late == Jittered(plain, timedelta(seconds=seconds))
    assert not plain.has_jitter
    assert late.has_jitter
    start = utc("2026-12-01")
    assert late.next_after(start) == plain.next_after(start)
    assert list(late.between(start, utc("2026-12-09"))) == list(plain.between(start, utc("2026-12-09")))
    assert {slot.jitter for slot in islice(late.slots_after(start), 3)} == {timedelta(seconds=seconds)}
    assert late.covers_until(utc("2026-12-01T04:00")) == utc("2026-12-01T04:01")


def test_every_kind_may_have_one_and_it_is_described() -> None:
    values: list[dict[str, Any]] = [{"interval": "P1D"}, {"once": "2026-12-01T09:00"}, {"any": ["@daily", "@weekly"]}]
    for value in values:
        late = parsed({**value, "jitter": "90s"})
        assert late.has_jitter
        assert late.describe() == parsed(value).describe() + "; each up to 1 minute and 30 seconds later"


def test_it_is_asked_through() -> None:
    late = parse_schedule({"interval": "P1D", "exclude": ["2026-12-24"], "jitter": "5s"}, timezone="UTC")
    assert late.needs_anchor
    anchored = late.with_anchor(utc("2026-01-01"))
    assert not anchored.needs_anchor
    assert anchored.next_after(utc("2026-12-23T12:00")) == utc("2026-12-25")
    windowed = parsed({"cron": "30 2 * * *", "end": "2027-06-01T00:00", "jitter": "5s"})
    assert windowed.is_active_at(utc("2027-01-01"))
    assert not windowed.is_active_at(utc("2028-01-01"))
    assert [effect.effect for effect in windowed.clock_effects(utc("2027-01-01"), utc("2028-01-01"))] == ["moved"]
    assert len(windowed.hints_at(utc("2027-01-01"))) == 1


def test_of_two_jitters_at_one_instant_the_shorter_holds() -> None:
    both = parsed([{"cron": "0 5 * * *", "jitter": "5m"}, {"cron": "0 5,6 * * *", "jitter": "9m"}])
    assert both.has_jitter
    assert [slot.jitter.seconds for slot in islice(both.slots_after(utc("2026-12-01")), 2)] == [300, 540]


@pytest.mark.parametrize("written", [" 30s ", " PT30S", "PT0.5M\t"])
def test_blanks_around_a_jitter_do_not_matter(written: str) -> None:
    (slot,) = islice(parsed({"cron": "0 5 * * *", "jitter": written}).slots_after(utc("2026-12-01")), 1)
    assert slot.jitter == timedelta(seconds=30)


@pytest.mark.parametrize(
    ("value", "message", "position"),
    [
        (30, "jitter: the bare number 30 has no unit", None),
        (True, "jitter is a text, not bool", None),
        ("30", '"30" is not a length of time', 0),
        ("", '"" is not a length of time', 0),
        ("5m1h", '"5m1h" is not a length of time', 0),
        ("2d", '"2d" is not a length of time', 0),
        ("0s", "a jitter of nothing changes nothing", 0),
        ("25h", "a jitter is at most a day", 0),
        ("P1D", "a jitter has no days, weeks, months or years", 0),
        ("PT25H", "a jitter is at most a day", 0),
        ("  P1M", "a jitter has no days, weeks, months or years", 2),
        ("PT", "a number must follow the T", 1),
        ("999999999h", "a jitter is at most a day", 0),
    ],
)
def test_other_jitters_are_refused(value: object, message: str, position: int | None) -> None:
    with pytest.raises(ScheduleError) as caught:
        parsed({"cron": "0 5 * * *", "jitter": value})
    assert (caught.value.message, caught.value.position) == (message, position)


BOOTS = [utc("2026-12-03T10:00"), utc("2026-12-01T08:00"), utc("2026-12-01T08:00")]


@pytest.mark.parametrize("value", ["@reboot", " @Reboot ", {"cron": "@reboot"}, {"cron": "@reboot", "timezone": "UTC"}])
def test_a_reboot_knows_no_instant_before_it_is_told(value: object) -> None:
    reboot = parsed(value)
    assert reboot == Reboot()
    assert reboot.waits_for_boot
    assert reboot.next_after(utc("2020-01-01")) is None
    assert reboot.describe() == "at each start of the machine"
    assert reboot.hints_at(utc("2026-12-01")) == ()


def test_a_reboot_falls_due_once_for_each_start() -> None:
    reboot = Reboot().with_boots(BOOTS)
    assert list(reboot.between(utc("2026-01-01"), utc("2027-01-01"))) == [BOOTS[1], BOOTS[0]]
    assert reboot.next_after(BOOTS[1]) == BOOTS[0]
    assert reboot.next_after(BOOTS[0]) is None
    local = BOOTS[0].astimezone(timezone(timedelta(hours=5)))
    assert Reboot().with_boots([local]).next_after(utc("2026-01-01")) == BOOTS[0]
    with pytest.raises(ValueError, match="no time zone"):
        reboot.next_after(BOOTS[0].replace(tzinfo=None))


def test_a_reboot_among_others_and_inside_others() -> None:
    value = [{"cron": "@reboot", "jitter": "5m", "exclude": ["2026-12-01"]}, "0 5 * * *"]
    schedule = parsed(value)
    assert isinstance(schedule, Union)
    assert schedule.waits_for_boot
    told = schedule.with_boots(BOOTS)
    found = [(slot.instant, slot.passed_over) for slot in islice(told.slots_after(utc("2026-12-01T05:00")), 4)]
    assert found == [
        (BOOTS[1], "excluded"),
        (utc("2026-12-02T04:00"), None),
        (utc("2026-12-03T04:00"), None),
        (BOOTS[0], None),
    ]
    assert not parsed("0 5 * * *").waits_for_boot
    assert Cron("0 5 * * *").with_boots(BOOTS) == Cron("0 5 * * *")


def test_reboot_has_no_other_keys() -> None:
    with pytest.raises(ScheduleError) as caught:
        parsed({"cron": "@reboot", "seconds": True})
    assert caught.value.message == "unknown key 'seconds' in @reboot"
    assert caught.value.hint == "the keys are cron, timezone, exclude, jitter"
