"""What a clock-change rule leaves out has a slot with its reason; and the window."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from itertools import islice

import pytest

from jobistemer_tui.schedules import Cron, Iso8601, Jittered, Once, Schedule, Slot, Union, cron_instants, local_time
from jobistemer_tui.schedules.cron_text import CronText
from jobistemer_tui.schedules.cron_walk import first_wall_from
from jobistemer_tui.schedules.handed_over import HandedOver
from jobistemer_tui.schedules.local_time import Stretch, stretch_at
from tests.schedules.clock import utc

PARIS = "Europe/Paris"
# 28 March 2027: 02:00 becomes 03:00 at 01:00Z. 31 October 2027: 03:00 becomes 02:00 at 01:00Z.
GAP, OVERLAP = "2027-03-27T12:00", "2027-10-30T12:00"
MISSING = "do not exist on 2027-03-28 in Europe/Paris"
TWICE = "twice on 2027-10-31 in Europe/Paris, and the first counts"


@pytest.mark.parametrize(
    ("schedule", "start", "expected"),
    [
        (Cron("30 2 * * *", timezone=PARIS), GAP, [("28T01:00", ""), ("29T00:30", "")]),
        (
            Cron("30 2 * * *", timezone=PARIS, dst_gap="skip"),
            GAP,
            [("28T01:00", "02:30 does not exist on 2027-03-28 in Europe/Paris"), ("29T00:30", "")],
        ),
        (
            Cron("*/20 2 * * *", timezone=PARIS),
            GAP,
            [("28T01:00", f"02:00, 02:20 and 02:40 {MISSING}"), ("29T00:00", "")],
        ),
        (
            Cron("*/10 2 * * *", timezone=PARIS),
            GAP,
            [("28T01:00", f"02:00, 02:10, 02:20 and 3 more {MISSING}"), ("29T00:00", "")],
        ),
        # What is left out falls together with what runs: one instant, and it runs.
        (Cron("*/30 * * * *", timezone=PARIS), "2027-03-28T00:15", [("28T00:30", ""), ("28T01:00", "")]),
        (
            Cron("30 2 * * *", timezone=PARIS),
            OVERLAP,
            [("31T00:30", ""), ("31T01:30", f"02:30 comes {TWICE}"), ("01T01:30", "")],
        ),
        (
            Cron("0,30 2 * * *", timezone=PARIS),
            OVERLAP,
            [
                *(("31T00:00", ""), ("31T00:30", ""), ("31T01:00", f"02:00 comes {TWICE}")),
                *(("31T01:30", f"02:30 comes {TWICE}"), ("01T01:00", "")),
            ],
        ),
        (
            Cron("30 2 * * *", timezone=PARIS, dst_overlap="both"),
            OVERLAP,
            [("31T00:30", ""), ("31T01:30", ""), ("01T01:30", "")],
        ),
        (
            Cron("15 30 2 * * *", seconds=True, timezone=PARIS, dst_gap="skip"),
            GAP,
            [("28T01:00", "02:30:15 does not exist on 2027-03-28 in Europe/Paris")],
        ),
    ],
)
def test_what_a_rule_leaves_out_has_a_slot(schedule: Schedule, start: str, expected: list[tuple[str, str]]) -> None:
    found = list(islice(schedule.slots_after(utc(start)), len(expected)))
    assert [(f"{slot.instant:%dT%H:%M}", slot.why) for slot in found] == expected
    assert all((slot.passed_over == "dst") == bool(slot.why) for slot in found)
    # Each is found by itself, and from any instant before it: what is handled one by one is not lost.
    for slot, before in zip(found[1:], found, strict=False):
        assert schedule.slot_at(slot.instant) == slot
        assert next(schedule.slots_after(before.instant)) == slot
    runs = [slot.instant for slot in found if slot.passed_over is None]
    assert list(islice(schedule.between(utc(start), utc("2028-01-01")), len(runs))) == runs


def test_slots_outside_the_window_are_not_left_out_but_absent() -> None:
    rule = "30 2 * 3 *"
    inside = Cron(rule, timezone=PARIS, dst_gap="skip", start="2027-03-27T12:00", end="2027-03-28T12:00")
    assert [slot.passed_over for slot in inside.slots_after(utc("2020-01-01"))] == ["dst"]
    outside = Cron(rule, timezone=PARIS, dst_gap="skip", start="2027-03-29T12:00", end="2027-03-29T14:00")
    assert list(outside.slots_after(utc("2020-01-01"))) == []


def test_a_change_of_the_clock_costs_nothing_once_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: for two days after a change each slot walked once more through all that the change had touched."""
    walks = 0

    def counted(cron: CronText, wall: datetime) -> datetime | None:
        nonlocal walks
        walks += 1
        return first_wall_from(cron, wall)

    monkeypatch.setattr(cron_instants, "first_wall_from", counted)
    each_second = Cron("* * * * * *", seconds=True, timezone=PARIS)
    for start in ("2027-03-28T02:00", "2027-10-31T03:00"):
        walks = 0
        assert len(list(islice(each_second.slots_after(utc(start)), 100))) == 100
        assert walks <= 200


def test_what_one_member_of_a_union_leaves_out_another_runs() -> None:
    skips, runs = Cron("30 2 * * *", timezone=PARIS, dst_gap="skip"), Cron("0 3 * * *", timezone=PARIS)
    found = list(islice(Union([skips, runs]).slots_after(utc(GAP)), 2))
    assert found == [Slot(utc("2027-03-28T01:00")), Slot(utc("2027-03-29T00:30"))]


def test_a_job_that_every_change_of_the_clock_leaves_out_has_slots_only() -> None:
    for never in (Cron("30 2 * 3 sunL", timezone=PARIS, dst_gap="skip"), Cron("*/30 2 * 3 sunL", timezone=PARIS)):
        assert never.next_after(utc("2027-01-01")) is None
        days = [f"{slot.instant:%Y-%m-%d}" for slot in islice(never.slots_after(utc("2027-01-01")), 3)]
        assert days == ["2027-03-28", "2028-03-26", "2029-03-25"]


WINDOWED = [
    (Cron("0 5 * * *", start=utc("2026-06-01"), end=utc("2026-07-01")), [False, True, True, True, False]),
    (Cron("0 5 * * *", start=utc("2026-06-01")), [False, True, True, True, True]),
    (Cron("0 5 * * *"), [True] * 5),
    (Iso8601("R/2026-06-01T00:00/P1D", end=utc("2026-07-01")), [False, True, True, True, False]),
    (Iso8601("R5/P1D/2026-07-01T00:00"), [True] * 5),
    (Iso8601("P1D"), [True] * 5),
    (Once("2026-06-01T00:00"), [True] * 5),
    (
        Union([Cron("0 5 * * *", end=utc("2026-06-01")), Cron("0 5 * * *", start=utc("2026-07-01"))]),
        [True, True, False, True, True],
    ),
]


@pytest.mark.parametrize(("schedule", "expected"), WINDOWED, ids=[repr(pair[0])[:40] for pair in WINDOWED])
def test_the_window_includes_both_ends(schedule: Schedule, expected: list[bool]) -> None:
    moments = ["2026-05-31T23:59", "2026-06-01", "2026-06-15", "2026-07-01", "2026-07-01T00:01"]
    assert [schedule.is_active_at(utc(moment)) for moment in moments] == expected


def test_which_schedules_have_one_instant_only() -> None:
    once = Once("2026-12-01T09:00")
    assert once.only_instant == Union([once]).only_instant == Jittered(once, timedelta(1)).only_instant == once.instant
    for other in (Cron("0 5 * * *"), Union([once, Cron("0 5 * * *")]), HandedOver(once, once.instant)):
        assert other.only_instant is None


def test_moved_intervals_and_single_dates_are_announced() -> None:
    year = utc("2027-01-01"), utc("2028-01-01")
    daily = Iso8601("R/2026-01-01T02:30/P1D", PARIS)
    (effect,) = daily.clock_effects(*year)
    assert (effect.effect, effect.instant, f"{effect.wall:%m-%dT%H:%M}") == (
        "moved",
        utc("2027-03-28T01:30"),
        "03-28T02:30",
    )
    assert effect.instant in set(daily.between(*year))
    first_of_all = Iso8601("R/2027-03-28T02:30/P1D", PARIS)
    assert [each.instant for each in first_of_all.clock_effects(*year)] == [utc("2027-03-28T01:30")]
    once = Once("2027-03-28T02:30", PARIS)
    assert [each.instant for each in once.clock_effects(*year)] == [once.instant]
    assert list(once.clock_effects(utc("2028-01-01"), utc("2029-01-01"))) == []
    for still in (
        Iso8601("R/2026-01-01T03:30/P1D", PARIS),
        Iso8601("R/2026-01-01T02:30/PT24H", PARIS),
        Iso8601("R/2026-01-01T02:30/P1DT1H", PARIS),
        Iso8601("R/2026-01-01T02:30+01:00/P1D", PARIS),
        Iso8601("P1D", PARIS),
        Once("2027-03-28T03:30", PARIS),
    ):
        assert list(still.clock_effects(*year)) == []


@pytest.mark.parametrize(
    "schedule",
    [
        Cron("0 2 29 2 *", timezone=PARIS, start="9000-01-01T00:00"),
        Cron("*/30 2 * 3 sunL", timezone=PARIS, start="9000-01-01T00:00"),
        Iso8601("R/9000-02-28T02:30/P1D", PARIS),
        Iso8601("R/2026-01-01T00:00/P4000Y", PARIS),
        Iso8601("R5/P1D/9000-01-01T00:00", PARIS),
    ],
    ids=repr,
)
def test_what_lies_far_ahead_is_found_without_walking_there(
    schedule: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the changes of the clock in all the years before it were gone through, for seconds."""
    asked = 0

    def counted(zone: tzinfo, utc: datetime) -> Stretch:
        nonlocal asked
        asked += 1
        return stretch_at(zone, utc)

    monkeypatch.setattr(local_time, "stretch_at", counted)
    (slot,) = islice(schedule.slots_after(utc("2026-11-25")), 1)
    assert slot.instant.year > 6000
    assert len(list(schedule.clock_effects(utc("2026-11-25"), slot.instant))) <= 2
    assert asked < 100


def test_what_never_runs_is_shown_for_one_cycle_of_the_calendar() -> None:
    never = Cron("*/30 2 * 3 sunL", timezone=PARIS)
    years = [slot.instant.year for slot in never.slots_after(utc("2027-01-01"))]
    assert years == list(range(2027, 2439))
