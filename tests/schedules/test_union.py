"""Several schedules as one."""

from __future__ import annotations

from itertools import islice

import pytest

from jobistemer_tui.schedules import Cron, Iso8601, Once, ScheduleError, Union
from tests.schedules.clock import first, utc


def test_each_instant_comes_once_and_in_order() -> None:
    union = Union([Cron("0 */6 * * *"), Cron("0 12 * * *"), Once("2026-01-01T13:00"), Once("2026-01-01T12:00Z")])
    expected = [f"2026-01-01T{hour}:00:00" for hour in ("00", "06", "12", "13", "18")]
    assert first(union, "2026-01-01", 5) == expected
    between = union.between(utc("2025-12-31T23:00"), utc("2026-01-01T18:00"))
    assert [instant.isoformat()[:19] for instant in between] == expected


def test_it_is_lazy() -> None:
    found = islice(Union([Cron("* * * * *"), Cron("*/2 * * * *")]).between(utc("2000-01-01"), utc("9000-01-01")), 2)
    assert list(found) == [utc("2000-01-01T00:01"), utc("2000-01-01T00:02")]


def test_it_ends_when_all_have_ended() -> None:
    union = Union([Once("2026-01-01T00:00"), Once("2026-01-02T00:00")])
    assert union.next_after(utc("2026-01-01")) == utc("2026-01-02")
    assert union.next_after(utc("2026-01-02")) is None


def test_unions_are_flat_and_equal_members_count_once() -> None:
    daily, weekly = Cron("@daily"), Cron("@weekly")
    assert Union([daily, Union([weekly, daily])]).schedules == (daily, weekly)
    assert hash(Union([daily, daily])) == hash(Union([daily]))


def test_no_schedule_is_refused() -> None:
    with pytest.raises(ScheduleError, match="is empty"):
        Union([])


def test_anchors_hints_and_effects_are_those_of_the_members() -> None:
    union = Union(
        [Iso8601("P1D"), Cron("*/60 2 * * *", timezone="Europe/Paris"), Cron("30 2 * * *", timezone="Europe/Paris")]
    )
    assert union.needs_anchor
    anchored = union.with_anchor(utc("2026-01-01"))
    assert not anchored.needs_anchor
    assert anchored.next_after(utc("2026-01-01T12:00")) == utc("2026-01-02T00:00").replace(hour=0)
    assert len(union.hints_at()) == 1
    effects = [effect.effect for effect in union.clock_effects(utc("2026-01-01"), utc("2027-01-01"))]
    assert effects == ["dropped", "moved", "doubled", "dropped"]
    assert "; and " in union.describe()
