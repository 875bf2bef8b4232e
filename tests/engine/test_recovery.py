"""Which instants of a gap run after all, and how a very long one is kept small."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.cascade import Level, job_policies
from jobistemer_tui.domain.policies import JobPolicies, SettingValue
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import recovery
from jobistemer_tui.engine.recovery import Recovery, collect_gap, recover, spread_delay
from jobistemer_tui.schedules import Slot
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
