"""What holds for every kind of schedule."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.schedules import Cron, Excluding, Iso8601, Jittered, Once, Reboot, Schedule, Union
from jobistemer_tui.schedules.exclusions import read_days
from jobistemer_tui.schedules.handed_over import HandedOver
from tests.schedules.clock import utc

SCHEDULES: list[Schedule] = [
    Cron("30 2 * * *", timezone="Europe/Paris", end=utc("2024-12-01T00:00")),
    Cron("*/7 * * * *", timezone="Australia/Lord_Howe"),
    Iso8601("R/2024-01-31T02:30/P1D", "Europe/Paris"),
    Iso8601("R9/PT5H", anchor=utc("2024-01-01T00:00")),
    Once("2024-06-01T00:00"),
    Union([Cron("0 5 * * *"), Once("2024-06-01T00:00")]),
    Excluding(Cron("0 5 * * *"), (read_days("2024-04-01/2024-04-03", ZoneInfo("UTC")),)),
    Jittered(Cron("0 5 * * *"), timedelta(seconds=30)),
    HandedOver(Cron("0 5 * * *"), utc("2024-03-20T12:00")),
    Reboot((utc("2024-04-01T00:00"),)),
]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_immutable_hashable_comparable_and_portable(schedule: Schedule) -> None:
    assert isinstance(schedule, Schedule)
    for twin in (copy.copy(schedule), copy.deepcopy(schedule), pickle.loads(pickle.dumps(schedule))):
        assert twin == schedule
        assert hash(twin) == hash(schedule)
        assert twin.next_after(utc("2024-03-01T00:00")) == schedule.next_after(utc("2024-03-01T00:00"))
    assert sum(other == schedule for other in SCHEDULES) == 1
    with pytest.raises(FrozenInstanceError):
        setattr(schedule, fields(schedule)[0].name, None)  # type: ignore[arg-type]  # each kind is a dataclass


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_between_is_repeated_next_after(schedule: Schedule) -> None:
    start, end = utc("2024-03-30T00:00"), utc("2024-04-08T00:00")
    walked, instant = [], schedule.next_after(start)
    while instant is not None and instant <= end:
        walked.append(instant)
        instant = schedule.next_after(instant)
    assert list(schedule.between(start, end)) == walked
    assert walked == sorted(set(walked))


def test_between_excludes_its_start_and_includes_its_end() -> None:
    cron = Cron("0 * * * *")
    start = utc("2024-01-01T05:00")
    assert list(cron.between(start, start)) == []
    assert list(cron.between(start, start + timedelta(hours=2))) == [start + timedelta(hours=n) for n in (1, 2)]


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
def test_a_naive_instant_is_refused(schedule: Schedule) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        schedule.next_after(utc("2024-01-01").replace(tzinfo=None))


def test_defaults_of_the_contract() -> None:
    once = Once("2024-06-01T00:00")
    assert once.hints_at() == ()
    assert not once.needs_anchor
    assert once.with_anchor(utc("2024-01-01")) is once
    assert list(once.clock_effects(utc("2024-01-01"), utc("2025-01-01"))) == []


def test_planning_imports_no_calendar_library() -> None:
    code = (
        "import sys; from datetime import datetime, UTC; from jobistemer_tui.schedules import Cron, parse_schedule;"
        "Cron('0 5 * * *', timezone='Europe/Paris').next_after(datetime(2024, 1, 1, tzinfo=UTC));"
        "parse_schedule('R/2024-01-01T00:00/P1D', timezone='UTC').next_after(datetime(2024, 2, 1, tzinfo=UTC));"
        "print(sorted({'croniter', 'dateutil', 'textual'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("schedule", SCHEDULES, ids=repr)
@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_the_ends_of_the_calendar_can_be_asked_about(schedule: Schedule, hours: int) -> None:
    """Regression: they lie outside of it in UTC, or have nothing after them, and an OverflowError came back."""
    zone = timezone(timedelta(hours=hours))
    for instant, there in (
        (datetime(1, 1, 1, tzinfo=zone), True),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=zone), False),
    ):
        assert not there or schedule.next_after(instant) == schedule.next_after(utc("1000-01-01"))
        assert there or schedule.next_after(instant) is None
        assert schedule.slot_at(instant) is None
        assert list(schedule.between(instant, instant)) == []
        assert isinstance(schedule.is_active_at(instant), bool)
