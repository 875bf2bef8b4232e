"""Falling due after other jobs: what a file may hold, what it says, and that no clock brings it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobistemer_tui.schedules import Follow, ScheduleError, parse_schedule
from jobistemer_tui.schedules.after import OUTCOMES, followed_names

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

CASES = [
    ({"after": "a"}, [(("a",), ("completed",))], "after a completes"),
    ({"after": ["a"]}, [(("a",), ("completed",))], "after a completes"),
    ({"after": ["a", "b", "a"]}, [(("a", "b"), ("completed",))], "once each of a and b completes"),
    ({"after": "a", "on": "failed"}, [(("a",), ("failed",))], "after a fails"),
    ({"after": "a", "on": ["completed", "canceled"]}, [(("a",), ("completed", "canceled"))],
     "after a completes or is cancelled"),
    ({"after": "a", "on": list(OUTCOMES)}, [(("a",), OUTCOMES)], "after a ends"),
    ([{"after": "a"}, {"after": "b", "on": "failed_stale"}],
     [(("a",), ("completed",)), (("b",), ("failed_stale",))], "after a completes; and after b is lost"),
    ({"any": [{"after": "a"}, "@daily"], "timezone": "UTC"}, [(("a",), ("completed",))],
     "after a completes; and at 00:00 every day, UTC time"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "follows", "words"), CASES)
def test_what_a_schedule_follows(
    value: object, follows: list[tuple[tuple[str, ...], tuple[str, ...]]], words: str
) -> None:
    schedule = parse_schedule(value, timezone="UTC")
    assert schedule.follows == tuple(Follow(jobs, on) for jobs, on in follows)
    assert schedule.describe() == words
    assert followed_names(value) == tuple(dict.fromkeys(name for jobs, _ in follows for name in jobs))
    assert schedule.is_never_over


def test_no_clock_brings_it() -> None:
    schedule = parse_schedule({"after": "a"}, timezone="UTC")
    assert schedule.next_after(NOON) is None
    assert list(schedule.slots_after(NOON)) == []
    assert parse_schedule({"after": "a"}, timezone="Europe/Berlin") == schedule
    with pytest.raises(ValueError, match="no time zone"):
        schedule.next_after(NOON.replace(tzinfo=None))


def test_a_list_also_has_the_instants_of_its_clocks() -> None:
    schedule = parse_schedule([{"after": "a"}, {"cron": "0 6 * * *", "jitter": "5m"}], timezone="UTC")
    assert schedule.next_after(NOON) == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert not parse_schedule("@daily", timezone="UTC").is_never_over


BAD = [
    ({"after": ""}, "after holds the name of a job", "after"),
    ({"after": []}, "after holds the name of a job", "after"),
    ({"after": ["a", 1]}, "after holds the name of a job", "after"),
    ({"after": {"job": "a"}}, "after holds the name of a job", "after"),
    ({"after": "a", "on": 3}, "on holds an outcome", "on"),
    ({"after": "a", "on": "complete"}, "'complete' is no outcome of a run", "complete"),
    ({"after": "a", "on": "skipped"}, "'skipped' is no outcome of a run", "skipped"),
    ({"after": "a", "jitter": "5s"}, "jitter says nothing", "jitter"),
    ({"any": [{"after": "a"}, "@daily"], "exclude": ["2026-01-01"]}, "exclude says nothing", "exclude"),
    ({"cron": "@daily", "exclude": [{"after": "a"}]}, "cannot exclude anything", "after"),
    ({"after": "a", "start": "2026-01-01"}, "unknown key 'start'", "start"),
    ({"after": "a", "cron": "@daily"}, "this has cron and after", "after"),
]


@pytest.mark.parametrize(("value", "message", "text"), BAD)
def test_what_makes_no_sense_is_refused(value: object, message: str, text: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(value, timezone="UTC")
    assert message in caught.value.message
    assert caught.value.text == text


def test_the_nearest_outcome_is_named() -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule({"after": "a", "on": "cancelled"}, timezone="UTC")
    assert caught.value.hint == 'did you mean "canceled"?'
    with pytest.raises(ScheduleError) as caught:
        parse_schedule({"after": "a", "on": "xyz"}, timezone="UTC")
    assert "completed_with_errors" in caught.value.hint


def test_names_are_found_in_whatever_a_file_holds() -> None:
    assert followed_names({"after": 3}) == ()
    assert followed_names(None) == ()
    assert followed_names({"any": [{"after": ["a", 1]}, "x"]}) == ("a",)
