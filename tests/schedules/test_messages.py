"""The exact words of every refusal, and what odd but valid expressions mean: two tables of data."""

from __future__ import annotations

import tomllib
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from jobistemer_tui.schedules import ScheduleError, parse_schedule
from tests.schedules.clock import utc

HERE = Path(__file__).parent
REFUSED: list[dict[str, Any]] = tomllib.loads((HERE / "refused.toml").read_text("utf-8"))["refused"]
ODD: list[dict[str, Any]] = tomllib.loads((HERE / "odd.toml").read_text("utf-8"))["odd"]


@pytest.mark.parametrize("case", REFUSED, ids=[ascii(case["text"])[:40] for case in REFUSED])
def test_a_refusal_in_its_exact_words(case: dict[str, Any]) -> None:
    with pytest.raises(ScheduleError) as caught:
        parse_schedule(case["text"], timezone="Europe/Paris", key="job")
    error = caught.value
    assert {"position": error.position, "message": error.message, "hint": error.hint} == {
        name: case[name] for name in ("position", "message", "hint")
    }
    assert case["text"].startswith(error.text)


@pytest.mark.parametrize("case", ODD, ids=[case["text"] for case in ODD])
def test_an_odd_expression_means_this(case: dict[str, Any]) -> None:
    start = utc("2026-01-01")
    schedule = parse_schedule(case["text"], timezone="Europe/Paris", key="job", anchor=start)
    assert schedule.describe() == case["means"]
    found = islice(schedule.between(start, utc("2060-01-01")), 3)
    assert [instant.isoformat().replace("+00:00", "Z") for instant in found] == case["first"]
    assert [hint.message for hint in schedule.hints_at()] == case["hints"]


def test_there_are_enough_of_them_and_each_says_what_to_do() -> None:
    assert len({case["text"] for case in REFUSED}) >= 100
    assert len({case["text"] for case in ODD}) >= 30
    without = {case["message"] for case in REFUSED if not case["hint"]}
    assert without == {
        "the year 999 is not between 1000 and 9990",
        "the year 9991 is not between 1000 and 9990",
        "a cron expression has 509 characters; at most 500 are read",
    }
