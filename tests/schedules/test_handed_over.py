"""A schedule that begins after one more instant of the one before it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

from jobistemer_tui.schedules import Cron, Iso8601, parse_schedule
from jobistemer_tui.schedules.handed_over import HandedOver

LAST = datetime(2026, 3, 2, 5, 40, tzinfo=UTC)
HOURLY = HandedOver(Cron("0 * * * *"), LAST)


def test_instants_of_the_new_one_before_the_last_of_the_old_one_do_not_apply() -> None:
    start = LAST - timedelta(hours=2)
    assert HOURLY.next_after(start) == LAST
    found = [slot.instant for slot in islice(HOURLY.slots_after(start), 3)]
    assert found == [LAST, LAST.replace(hour=6, minute=0), LAST.replace(hour=7, minute=0)]
    assert list(HOURLY.between(start, LAST.replace(hour=6, minute=0))) == found[:2]
    assert HOURLY.next_after(LAST) == found[1]


def test_the_slot_of_an_instant() -> None:
    assert HOURLY.slot_at(LAST) is not None
    assert HOURLY.slot_at(LAST.replace(minute=0)) is None
    assert HOURLY.slot_at(LAST.replace(hour=6, minute=0)) is not None


def test_all_else_is_the_new_ones() -> None:
    assert HOURLY.describe() == Cron("0 * * * *").describe()
    assert HOURLY.hints_at(LAST) == HOURLY.schedule.hints_at(LAST)
    assert not HOURLY.has_jitter
    assert not HOURLY.waits_for_boot
    assert HOURLY.is_active_at(LAST)
    assert HOURLY.is_active_at(LAST + timedelta(days=1))
    assert list(HOURLY.clock_effects(LAST - timedelta(days=1), LAST + timedelta(days=400))) == []
    anchored = HandedOver(Iso8601("PT1H"), LAST)
    assert anchored.needs_anchor
    assert anchored.with_anchor(LAST).next_after(LAST) == LAST + timedelta(hours=1)
    assert HOURLY.with_boots([LAST]) == HandedOver(HOURLY.schedule.with_boots([LAST]), LAST)


def test_what_is_excluded_of_it_is_left_out_on_both_sides() -> None:
    last = datetime(2026, 3, 2, 5, 30, tzinfo=UTC)
    days = parse_schedule({"cron": "0 7 * * *", "exclude": ["2026-03-03"]}, timezone="UTC")
    schedule = HandedOver(days, last)
    assert list(islice(schedule.between(last - timedelta(hours=1), last + timedelta(days=3)), 3)) == [
        last,
        datetime(2026, 3, 2, 7, tzinfo=UTC),
        datetime(2026, 3, 4, 7, tzinfo=UTC),
    ]
    assert schedule.next_outside(last, []) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert schedule.next_outside(last - timedelta(hours=1), []) == last
