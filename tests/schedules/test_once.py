"""One-off times."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from jobistemer_tui.schedules import Once, ScheduleError
from tests.schedules.clock import first, utc


def test_exactly_one_instant() -> None:
    once = Once("2026-12-01T09:00", timezone="Europe/Paris")
    assert first(once, "2000-01-01", 9) == ["2026-12-01T08:00:00"]
    assert once.next_after(once.instant) is None
    assert once.next_after(once.instant - timedelta(microseconds=1)) == once.instant


def test_equal_when_it_means_the_same() -> None:
    assert Once(" 2026-12-01T09:00:00 ", "Europe/Paris") == Once("2026-12-01T09:00[Europe/Paris]", "UTC")
    assert Once("2026-12-01T09:00", "Europe/Paris") != Once("2026-12-01T09:00", "UTC")
    native = utc("2026-12-01T08:00").astimezone(ZoneInfo("Europe/Paris"))
    assert Once(native) == Once("2026-12-01T09:00", "Europe/Paris")


def test_refusals_name_it() -> None:
    with pytest.raises(ScheduleError, match="a one-off time is a text, not NoneType"):
        Once(None)  # type: ignore[arg-type]  # what a caller without a type checker can write
