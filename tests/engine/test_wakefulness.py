"""Sleep, a wall clock that is set, and whether a long gap may be believed yet."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.retention import LEAST_AGE
from jobistemer_tui.engine.wakefulness import (
    BELIEVED_S,
    LOOK_AGAIN_S,
    SETTLED_S,
    STEADY_S,
    SYNCHRONISED_S,
    Wakefulness,
)
from tests.support.engine_world import START

BEGIN = Reading(START, 100.0, 200.0)


def after(reading: Reading, *, wall: float, monotonic: float, boot: float) -> Reading:
    return Reading(reading.wall + timedelta(seconds=wall), reading.monotonic + monotonic, reading.boot + boot)


def passes(reading: Reading, seconds: float) -> Reading:
    return after(reading, wall=seconds, monotonic=seconds, boot=seconds)


def test_at_first_it_is_awake_since_its_start_and_what_was_before_is_downtime() -> None:
    awake = Wakefulness(BEGIN)
    assert (awake.awake, awake.reason) == (START, Reason.DOWNTIME)


@given(st.lists(st.floats(0.001, 100_000), max_size=10))
def test_time_that_simply_passes_changes_nothing_however_slow_the_turns(steps: list[float]) -> None:
    awake, reading = Wakefulness(BEGIN), BEGIN
    for step in steps:
        reading = passes(reading, step)
        awake.look(reading)
        assert (awake.awake, awake.reason) == (START, Reason.DOWNTIME)


def test_a_sleep_is_what_the_boot_clock_has_seen_and_the_monotonic_has_not() -> None:
    awake = Wakefulness(BEGIN)
    woken = after(BEGIN, wall=600, monotonic=5, boot=600)
    awake.look(woken)
    assert (awake.awake, awake.reason) == (woken.wall, Reason.ASLEEP)
    awake.look(passes(woken, 5))
    assert awake.awake == woken.wall


def test_a_wall_clock_set_forward_makes_what_it_jumped_over_a_gap() -> None:
    awake = Wakefulness(BEGIN)
    jumped = after(BEGIN, wall=3600, monotonic=1, boot=1)
    awake.look(jumped)
    assert (awake.awake, awake.reason, awake.down_at) == (jumped.wall, Reason.CLOCK_SET, START)


def test_a_wall_clock_set_back_is_noticed() -> None:
    awake = Wakefulness(BEGIN)
    back = after(BEGIN, wall=-3600, monotonic=1, boot=1)
    awake.look(back)
    assert awake.awake == back.wall
    awake.look(passes(back, 1))


def test_a_small_correction_is_neither_a_sleep_nor_a_set_clock() -> None:
    awake = Wakefulness(BEGIN)
    awake.look(after(BEGIN, wall=11.5, monotonic=10, boot=10))
    assert awake.awake == START


def test_a_short_gap_may_be_resolved_at_once() -> None:
    awake = Wakefulness(BEGIN)
    assert awake.steady_at(START - timedelta(hours=1)) is None
    assert awake.steady_at(START - timedelta(hours=1, seconds=1)) is not None


def test_a_long_gap_waits_for_a_steady_minute() -> None:
    awake = Wakefulness(BEGIN)
    long_ago = START - timedelta(days=2)
    awake.look(passes(BEGIN, STEADY_S - 1))
    assert awake.steady_at(long_ago) is not None
    assert awake.steady_at(long_ago) == START + timedelta(seconds=STEADY_S)
    awake.look(passes(BEGIN, STEADY_S))
    assert awake.steady_at(long_ago) is None


def test_a_long_gap_waits_for_a_clock_that_is_about_to_be_set_right_but_not_for_ever() -> None:
    """Hazard 14: a machine without a clock of its own begins with any time, until a server has told it."""
    awaited = True
    awake, long_ago = Wakefulness(BEGIN, lambda: awaited), START - timedelta(days=2)
    awake.look(passes(BEGIN, STEADY_S))
    assert awake.steady_at(long_ago) == START + timedelta(seconds=STEADY_S + LOOK_AGAIN_S)
    assert awake.steady_at(START - timedelta(minutes=59)) is None
    awaited = False
    assert awake.steady_at(long_ago) is None
    awaited = True
    awake.look(passes(BEGIN, SYNCHRONISED_S))
    assert awake.steady_at(long_ago) is None, "there may be no network"


def test_setting_the_clock_begins_the_steady_minute_anew() -> None:
    awake = Wakefulness(BEGIN)
    steady = passes(BEGIN, STEADY_S + 5)
    awake.look(steady)
    jumped = after(steady, wall=86400 * 365, monotonic=1, boot=1)
    awake.look(jumped)
    assert awake.steady_at(START) is not None
    corrected = after(jumped, wall=-86400 * 365 + 2, monotonic=30, boot=30)
    awake.look(corrected)
    assert awake.awake == corrected.wall
    awake.look(passes(corrected, STEADY_S - 1))
    assert awake.steady_at(START - timedelta(days=1)) is not None
    awake.look(passes(corrected, STEADY_S))
    assert awake.steady_at(START - timedelta(days=1)) is None


def test_a_sleep_alone_does_not_make_the_clock_unsteady() -> None:
    awake = Wakefulness(BEGIN)
    steady = passes(BEGIN, STEADY_S)
    awake.look(steady)
    awake.look(after(steady, wall=7200, monotonic=1, boot=7200))
    assert awake.steady_at(START) is None


def test_history_gets_no_older_by_a_clock_that_has_jumped_until_it_was_steady_for_a_day() -> None:
    awake, year = Wakefulness(BEGIN), 365 * 86400.0
    jumped = after(BEGIN, wall=year, monotonic=1, boot=1)
    awake.look(jumped)
    assert awake.believed == START + timedelta(seconds=1)
    later = passes(jumped, BELIEVED_S - 1)
    awake.look(later)
    assert awake.believed == START + timedelta(seconds=BELIEVED_S)
    awake.look(passes(later, 1))
    assert awake.believed == jumped.wall + timedelta(seconds=BELIEVED_S)


def test_the_pauses_of_a_virtual_machine_do_not_add_up() -> None:
    """Regression: the boot clock stands still in them, so that history never got older than the first of them."""
    awake, now = Wakefulness(BEGIN), BEGIN
    awake.was_down_since(START - timedelta(hours=60))
    for night in (60, 16, 16, 16, 16, 60, 16, 16, 16):
        now = passes(after(now, wall=night * 3600.0, monotonic=1, boot=1), 8 * 3600.0)
        awake.look(now)
    assert awake.believed == now.wall - timedelta(hours=16, seconds=-1)
    awake.look(passes(now, SETTLED_S))
    assert awake.believed == now.wall + timedelta(seconds=SETTLED_S)


def test_what_is_kept_for_an_hour_is_not_an_hour_old_by_a_clock_that_has_jumped() -> None:
    """Regression: a clock an hour ahead made what had ended just before old enough to be cleared away."""
    assert timedelta(seconds=SETTLED_S) >= LEAST_AGE
    awake = Wakefulness(BEGIN)
    jumped = after(BEGIN, wall=3601, monotonic=1, boot=1)
    awake.look(jumped)
    assert awake.believed == START + timedelta(seconds=1)
    part = after(jumped, wall=-1799, monotonic=1, boot=1)
    awake.look(part)
    assert awake.believed == START + timedelta(seconds=2)
    awake.look(passes(part, SETTLED_S - 2))
    assert awake.believed == START + timedelta(seconds=SETTLED_S)
    awake.look(passes(part, SETTLED_S - 1))
    assert awake.believed == part.wall + timedelta(seconds=SETTLED_S - 1)


def test_a_clock_that_jumps_back_is_believed_at_once() -> None:
    awake, year = Wakefulness(BEGIN), 365 * 86400.0
    jumped = after(BEGIN, wall=year, monotonic=1, boot=1)
    back = after(jumped, wall=-year, monotonic=1, boot=1)
    for reading in (jumped, back):
        awake.look(reading)
    assert awake.believed == back.wall


def test_sleep_makes_history_older_and_downtime_before_the_start_does_after_a_day() -> None:
    awake = Wakefulness(BEGIN)
    awake.was_down_since(START - timedelta(days=365))
    assert (awake.down_at, awake.believed) == (START - timedelta(days=365), START - timedelta(days=365))
    woken = after(BEGIN, wall=600, monotonic=5, boot=600)
    awake.look(woken)
    assert awake.believed == woken.wall - timedelta(days=365)
    awake.look(passes(woken, BELIEVED_S))
    assert awake.believed == woken.wall + timedelta(seconds=BELIEVED_S)
