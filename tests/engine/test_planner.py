"""The fate of an instant, what a pause covers, and what is a gap."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.cascade import Level, job_policies
from jobistemer_tui.domain.identity import ROOT, occurrence_id
from jobistemer_tui.domain.policies import JobPolicies, SettingValue
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason, Trigger
from jobistemer_tui.engine.planner import (
    Fate,
    Load,
    fate,
    grace,
    is_gap,
    is_too_late,
    jitter_of,
    lateness,
    to_replace,
)
from tests.support.engine_world import START as NOW
from tests.support.sample_records import sample_occurrence

RUNS, WAITS = Fate(O.RUNNING), Fate(O.PENDING, Reason.NO_SLOT)
SKIPPED, QUEUED = Fate(O.SKIPPED, Reason.OVERLAP), Fate(O.QUEUED, Reason.OVERLAP)
REPLACES = Fate(O.QUEUED, Reason.REPLACING, replaces=True)


def policies(**settings: SettingValue) -> JobPolicies:
    return job_policies([Level("job", settings)])


@pytest.mark.parametrize(
    ("overlap", "load", "with_slot", "without_slot"),
    [
        ("skip", (0, 0), RUNS, WAITS),
        ("skip", (1, 0), SKIPPED, SKIPPED),
        ("allow", (0, 0), RUNS, WAITS),
        ("allow", (7, 0), RUNS, WAITS),
        ("queue", (0, 0), RUNS, WAITS),
        ("queue", (1, 0), QUEUED, QUEUED),
        ("queue", (0, 1), QUEUED, QUEUED),
        ("queue", (1, 3), Fate(O.SKIPPED, Reason.QUEUE_FULL), Fate(O.SKIPPED, Reason.QUEUE_FULL)),
        ("replace", (0, 0), RUNS, WAITS),
        ("replace", (1, 0), REPLACES, REPLACES),
        ("replace", (1, 1), REPLACES, REPLACES),
    ],
)
def test_fate(overlap: str, load: tuple[int, int], with_slot: Fate, without_slot: Fate) -> None:
    rules = policies(overlap_policy=overlap, queue_limit=3)
    assert fate(rules, Load(*load), no_slot=None) == with_slot
    assert fate(rules, Load(*load), no_slot=Reason.NO_SLOT) == without_slot


IN_LINE = Fate(O.QUEUED, Reason.GROUP)


@pytest.mark.parametrize(
    ("overlap", "load", "expected"),
    [
        ("skip", (0, 0), IN_LINE),
        ("skip", (1, 0, 1), SKIPPED),
        ("queue", (0, 0), IN_LINE),
        ("queue", (1, 0, 1), QUEUED),
        ("replace", (1, 0, 1), REPLACES),
        ("allow", (2, 0, 2), IN_LINE),
        ("allow", (3, 0, 3), Fate(O.SKIPPED, Reason.QUEUE_FULL)),
    ],
)
def test_a_full_group_comes_after_the_job_itself(overlap: str, load: tuple[int, ...], expected: Fate) -> None:
    rules = policies(overlap_policy=overlap, queue_limit=3)
    for no_slot in (None, Reason.NO_SLOT):
        assert fate(rules, Load(*load), no_slot=no_slot, group_full=True) == expected


@pytest.mark.parametrize("overlap", ["skip", "allow", "queue", "replace"])
def test_a_forced_one_waits_for_neither_job_nor_group_but_for_a_slot(overlap: str) -> None:
    rules, load = policies(overlap_policy=overlap, queue_limit=0), Load(5, 9, 3)
    assert fate(rules, load, no_slot=None, group_full=True, forced=True) == RUNS
    assert fate(rules, load, no_slot=Reason.NO_SLOT, group_full=True, forced=True) == WAITS


def live(second: int, state: O) -> Occurrence:
    return sample_occurrence(second, state=state)


@pytest.mark.parametrize(
    ("most", "states", "replaced"),
    [
        (1, [], []),
        (1, [O.RUNNING], [0]),
        (1, [O.CANCELING], []),
        (1, [O.CANCELING, O.PENDING], [1]),
        (2, [O.RUNNING], []),
        (2, [O.RUNNING, O.RUNNING], [0]),
        (2, [O.CANCELING, O.RUNNING], []),
        (2, [O.PENDING, O.RUNNING, O.QUEUED], [0, 1]),
    ],
)
def test_replace_stops_the_oldest_and_no_more_than_are_in_the_way(
    most: int, states: list[O], replaced: list[int]
) -> None:
    """Regression: with `max_active = 2` both that ran were stopped for one that came."""
    rows = [live(number, state) for number, state in enumerate(states)]
    assert to_replace(policies(max_active=most), rows[::-1]) == [rows[number] for number in replaced]


def test_an_engine_that_was_awake_is_late_only_beyond_the_grace() -> None:
    row = sample_occurrence(scheduled_at=NOW, due_at=NOW)
    soon = NOW + timedelta(seconds=8)
    assert lateness(policies(), row, None, NOW + timedelta(seconds=10)) is None
    assert lateness(policies(), row, None, NOW + timedelta(seconds=11)) == timedelta(seconds=11)
    assert lateness(policies(), row, soon, NOW + timedelta(seconds=5)) == timedelta(seconds=5)


@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_max_active_is_how_many_may_run_beside_each_other(overlap: str) -> None:
    rules = policies(overlap_policy=overlap, max_active=3)
    assert fate(rules, Load(2, 0), no_slot=None) == RUNS
    assert fate(rules, Load(3, 0), no_slot=None).state is not O.RUNNING


@given(
    st.sampled_from(["skip", "allow", "queue", "replace"]), st.integers(1, 4), st.integers(0, 6), st.integers(0, 6)
)  # fmt: skip
def test_a_job_that_may_not_overlap_never_runs_more_than_max_active(
    overlap: str, most: int, live: int, queued: int
) -> None:
    decided = fate(policies(overlap_policy=overlap, max_active=most), Load(live, queued), no_slot=None)
    if overlap != "allow" and live >= most:
        assert decided.state is not O.RUNNING
    assert (decided.reason is None) == (decided.state is O.RUNNING)


@pytest.mark.parametrize(
    ("following", "expected"), [(None, 10.0), (60.0, 10.0), (8.0, 4.0), (1.0, 0.5)]
)  # fmt: skip
def test_the_grace_is_at_most_half_the_time_to_the_next_instant(following: float | None, expected: float) -> None:
    after = None if following is None else NOW + timedelta(seconds=following)
    assert grace(policies(), NOW, after).total_seconds() == expected


def gap(late_s: float, awake: datetime) -> bool:
    return is_gap(policies(), NOW, NOW + timedelta(minutes=1), now=NOW + timedelta(seconds=late_s), awake=awake)


def test_a_gap_is_an_instant_that_passed_while_nobody_was_awake() -> None:
    woke = NOW + timedelta(seconds=30)
    assert gap(30.0, woke)
    assert not gap(10.0, woke), "within the grace it is merely late"


def test_an_engine_that_was_awake_but_slow_misses_nothing() -> None:
    assert not gap(3600.0, NOW)
    assert not gap(3600.0, NOW - timedelta(days=1))


def test_the_start_deadline() -> None:
    row = sample_occurrence(scheduled_at=NOW, due_at=NOW)
    assert not is_too_late(policies(), row, NOW + timedelta(days=400))
    rules = policies(start_deadline=60.0)
    assert not is_too_late(rules, row, NOW + timedelta(seconds=60))
    assert is_too_late(rules, row, NOW + timedelta(seconds=61))


def test_a_snooze_is_no_lateness_but_the_spread_of_a_recovery_is() -> None:
    rules = policies(start_deadline=60.0)
    row = sample_occurrence(scheduled_at=NOW, due_at=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=1, seconds=30)
    assert not is_too_late(rules, row, later)
    assert is_too_late(rules, replace(row, trigger=Trigger.RECOVERY), later)


@given(st.uuids(version=5), st.integers(0, 86_400_000), st.integers(1, 86_400_000))
def test_jitter_is_the_same_everywhere_and_ends_before_the_next_instant(number: UUID, most: int, gap: int) -> None:
    longest, following = timedelta(milliseconds=most), NOW + timedelta(milliseconds=gap)
    delay = jitter_of(number, longest, NOW, following)
    assert delay == jitter_of(number, longest, NOW, following)
    assert timedelta(0) <= delay <= longest
    assert NOW + delay < following
    assert timedelta(0) <= jitter_of(number, longest, NOW, None) <= longest


def test_jitter_spreads() -> None:
    delays = [
        jitter_of(occurrence_id(ROOT, NOW + timedelta(days=n)), timedelta(seconds=30), NOW, None) for n in range(300)
    ]
    assert min(delays) < timedelta(seconds=1)
    assert max(delays) > timedelta(seconds=29)
