"""Which instants of a gap run after all, and how a very long one is kept small."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.domain.cascade import Level, job_policies
from jobistemer_tui.domain.policies import JobPolicies, SettingValue
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import recovery
from jobistemer_tui.engine.recovery import Choice, Gap, Recovery, collect_gap, hold, recover, slots_of_gap, spread_delay
from jobistemer_tui.schedules import Slot, parse_schedule
from tests.support.engine_world import START

NOW = START + timedelta(seconds=10)


def instants(count: int) -> list[datetime]:
    return [START + timedelta(seconds=number) for number in range(count)]


def policies(strategy: str, **window: SettingValue) -> JobPolicies:
    more = {f"recovery_window.{name}": value for name, value in window.items()}
    return job_policies([Level("job", {"recovery_strategy": strategy, **more})])


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 10))
def test_the_newest_get_rows_and_the_instants_of_the_rest_are_one_span(running: list[bool], most: int) -> None:
    slots = [
        Slot(instant, None if runs else "excluded")
        for instant, runs in zip(instants(len(running)), running, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "MAX_ROWS", most)
        gap = collect_gap(iter(slots))
    assert list(gap.slots) == slots[-most:]
    older = slots[: max(0, len(slots) - most)]
    assert gap.older_count == sum(slot.passed_over is None for slot in older)
    assert (gap.older_from, gap.older_to) == ((older[0].instant, older[-1].instant) if older else (None, None))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["* * * * *", "*/7 2-4 * * *", "0 */2 * * *", "PT13M"]), st.integers(1, 40),
    st.timedeltas(timedelta(0), timedelta(days=9)),
)  # fmt: skip
def test_what_is_counted_makes_the_gap_that_is_walked(text: str, most: int, length: timedelta) -> None:
    begin = datetime(2024, 3, 27, 11, 0, 7, tzinfo=UTC)
    schedule, until = parse_schedule(text, timezone="Europe/Paris", anchor=begin), begin + length

    def gap(slots: Iterator[Slot], skipped: int = 0) -> Gap:
        return collect_gap(takewhile(lambda slot: slot.instant <= until, slots), skipped)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recovery, "MAX_ROWS", most)
        assert gap(*slots_of_gap(schedule, begin, until)) == gap(schedule.slots_after(begin))


def test_a_year_of_seconds_is_read_at_once() -> None:
    """Regression: it was counted one by one, for minutes, and the gaps of all other jobs waited."""
    schedule = parse_schedule({"cron": "* * * * * *", "seconds": True}, timezone="UTC")
    begin, until = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    slots, skipped = slots_of_gap(schedule, begin, until)
    gap = collect_gap(takewhile(lambda slot: slot.instant <= until, slots), skipped)
    assert (gap.begin, gap.end) == (begin + timedelta(seconds=1), until)
    assert gap.older_count + len(gap.slots) == 366 * 86_400


def test_nothing_passes_of_what_is_over() -> None:
    schedule = parse_schedule({"once": "2024-01-01T00:00"}, timezone="UTC")
    slots, skipped = slots_of_gap(schedule, datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
    assert (list(slots), skipped) == ([], 0)


OLD = instants(2)
MISSED = instants(6)[2:]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (policies("execute-all"), Recovery(tuple(MISSED))),
        (policies("execute-last"), Recovery((MISSED[-1],), superseded=tuple(OLD))),
        (policies("mark-as-missed"), Recovery()),
        (
            policies("bounded-window", max_occurrences=2),
            Recovery(tuple(MISSED[-2:]), Reason.OUT_OF_WINDOW, tuple(OLD), Reason.OUT_OF_WINDOW),
        ),
        (
            policies("bounded-window", max_occurrences=5),
            Recovery(tuple(MISSED), Reason.OUT_OF_WINDOW, (OLD[0],), Reason.OUT_OF_WINDOW),
        ),
        (
            policies("bounded-window", max_occurrences=None, max_duration=5.0),
            Recovery((MISSED[-1],), Reason.OUT_OF_WINDOW, tuple(OLD), Reason.OUT_OF_WINDOW),
        ),
        (
            policies("compressed"),
            Recovery(
                (MISSED[-1],), Reason.COMPRESSED_INTO, tuple(OLD), Reason.COMPRESSED_INTO, stands_for=(*OLD, *MISSED)
            ),
        ),
    ],
)
def test_strategies(rules: JobPolicies, expected: Recovery) -> None:
    assert recover(rules, MISSED, OLD, now=NOW) == expected


@pytest.mark.parametrize("strategy", ["execute-all", "execute-last", "mark-as-missed", "compressed"])
def test_a_gap_of_which_nothing_may_run_changes_nothing(strategy: str) -> None:
    assert recover(policies(strategy), [], OLD, now=NOW) == Recovery()


@given(st.integers(1, 20_000), st.floats(0, 3600))
def test_starts_are_spread_in_order_and_within_the_time(count: int, spread: float) -> None:
    delays = [spread_delay(place, count, spread) for place in range(count)]
    assert delays == sorted(delays)
    assert delays[0] == 0
    assert delays[-1] < spread or spread == 0
    assert all(later - earlier <= 1.0 + 1e-6 for earlier, later in itertools.pairwise(delays))


def test_few_are_a_second_apart_and_many_closer() -> None:
    assert [spread_delay(place, 3, 60.0) for place in range(3)] == [0.0, 1.0, 2.0]
    assert spread_delay(119, 120, 60.0) == 59.5
    assert spread_delay(7, 8, 0.0) == 0.0


@pytest.mark.parametrize(
    ("choice", "hold_s", "age", "left"),
    [
        (Choice(), None, 0, None),
        (Choice(), 60.0, 59, 1),
        (Choice(), 60.0, 60, None),
        (Choice(newest=1, strategy=RecoveryStrategy.EXECUTE_ALL), 60.0, 59, 1),
        (Choice(released=True), 60.0, 0, None),
        (Choice(dropped_to=START), 60.0, 0, None),
    ],
)
def test_a_gap_waits_for_a_person_for_its_time_or_until_one_has_decided(
    choice: Choice, hold_s: float | None, age: float, left: float | None
) -> None:
    found_at = NOW - timedelta(seconds=age)
    expected = None if left is None else (NOW + timedelta(seconds=left), Reason.RECOVERY_HOLD)
    assert hold(choice, found_at, hold_s, None, NOW) == expected
    steady_at = NOW + timedelta(seconds=30)
    assert hold(choice, found_at, hold_s, steady_at, NOW) == (steady_at, Reason.CLOCK_UNSTEADY), "before all else"


@pytest.mark.parametrize(("newest", "cut_off"), [(None, 0), (1, 2), (2, 1), (3, 0), (4, 0)])
def test_what_a_person_keeps_of_a_gap_is_its_newest(newest: int | None, cut_off: int) -> None:
    assert list(Choice(newest=newest).trimmed(instants(3))) == instants(3)[:cut_off]
