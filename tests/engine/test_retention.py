"""Which runs of a job are no longer kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.policies import Keep
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OPEN_OCCURRENCES, OccurrenceState
from jobistemer_tui.domain.states import OccurrenceState as S
from jobistemer_tui.engine.retention import Family, expendable, families, goes_next
from tests.support.sample_records import NOW, sample_occurrence

DAY = timedelta(days=1)
EVER = Keep(None, None, None)


def row(days_ago: int, state: OccurrenceState = S.COMPLETED, **values: object) -> Occurrence:
    ended = None if state in OPEN_OCCURRENCES else NOW - days_ago * DAY
    made = sample_occurrence(-86400 * days_ago, state=state, finished_at=ended)
    return replace(made, **values)  # type: ignore[arg-type]  # fields of the record


def going(rows: Sequence[Occurrence], keep: Keep, sizes: dict[UUID, int] | None = None) -> list[int]:
    """How many days ago the runs ended that go, the oldest first."""
    found = [Family(members, sum((sizes or {}).get(one.id, 0) for one in members)) for members in families(rows)]
    return [(NOW - family.ended_at) // DAY for family in expendable(found, keep, NOW)]


def test_by_age_failed_ones_twice_as_long() -> None:
    keep = Keep(10 * 86400.0, None, None)
    ok = [row(days) for days in (1, 10, 11, 21)]
    bad = [row(days, S.FAILED, id=UUID(int=days)) for days in (11, 20, 21)]
    assert going([*ok, *bad], keep) == [21, 21, 11]
    assert going(bad, keep) == [21]


def test_by_number_each_kind_for_itself() -> None:
    keep = Keep(None, 2, None)
    ok = [row(days) for days in range(1, 5)]
    bad = [row(days, S.FAILED_STALE, id=UUID(int=days)) for days in range(1, 7)]
    never = [row(days, S.SKIPPED, id=UUID(int=100 + days)) for days in range(1, 4)]
    assert going(ok, keep) == [4, 3]
    assert going(bad, keep) == [6, 5]
    assert going(never, keep) == [3]
    assert sorted(going([*ok, *bad, *never], keep)) == [3, 3, 4, 5, 6]


def test_by_size_of_the_logs_the_newest_are_kept() -> None:
    rows = [row(days) for days in (1, 2, 3)]
    sizes = {one.id: 60 for one in rows}
    assert going(rows, Keep(None, None, 100), sizes) == [3, 2]
    assert going([replace(one, state=S.COMPLETED_WITH_ERRORS) for one in rows], Keep(None, None, 100), sizes) == []


def test_without_limits_everything_is_kept() -> None:
    assert going([row(9999)], EVER) == []


@pytest.mark.parametrize("state", OPEN_OCCURRENCES)
def test_what_is_open_is_kept_and_counts(state: OccurrenceState) -> None:
    keep = Keep(1.0, 1, 1)
    assert going([row(9, state)], keep) == []
    assert going([row(1, state), row(2, S.SKIPPED)], Keep(None, 1, None)) == [2]


def test_what_is_pinned_is_kept() -> None:
    assert going([row(9, pinned=True), row(8)], Keep(86400.0, None, None)) == [8]


def test_a_run_and_its_replays_are_kept_or_go_together() -> None:
    original = row(30, S.FAILED)
    replay = row(2, id=UUID(int=2), replay_of=original.id)
    again = row(1, id=UUID(int=3), replay_of=replay.id)
    other = row(40)
    assert [len(members) for members in families([original, replay, again, other])] == [3, 1]
    assert going([original, replay, again], Keep(10 * 86400.0, None, None)) == []
    assert going([original, replay, again], Keep(3600.0, None, None)) == [1]
    assert going([original, replay, replace(again, pinned=True)], Keep(3600.0, None, None)) == []
    assert going([original, replay, replace(again, state=S.RUNNING)], Keep(3600.0, None, None)) == []


def test_the_newest_run_stays_however_often_it_was_replayed_and_however_large_it_is() -> None:
    """Regression: a family with more rows than are kept went as a whole, the newest replay with it."""
    original = row(3)
    replay = row(1, id=UUID(int=2), replay_of=original.id)
    other = row(4, id=UUID(int=3))
    assert going([original, replay, other], Keep(None, 1, None)) == [4]
    assert going([original, replay, other], Keep(None, None, 10), {replay.id: 60}) == [4]


def test_a_replay_of_what_is_gone_stands_alone() -> None:
    assert going([row(3, replay_of=UUID(int=404))], Keep(86400.0, None, None)) == [3]


@pytest.mark.parametrize("keep", [Keep(60.0, None, None), Keep(None, 1, None), Keep(None, None, 0)])
def test_what_ended_within_the_hour_is_kept_for_a_clock_that_is_set_back(keep: Keep) -> None:
    rows = [row(0, id=UUID(int=number)) for number in (1, 2)]
    sizes = {one.id: 60 for one in rows}
    found = [Family((one,), sizes[one.id]) for one in rows]
    hour = timedelta(hours=1)
    assert expendable(found, keep, NOW + hour) == []
    assert goes_next(found, keep, NOW) == NOW + hour
    assert expendable(found, keep, NOW - hour) == [], "a clock that was set back"
    assert expendable(found, keep, NOW + hour + timedelta(seconds=1)) != []


def test_when_the_next_gets_too_old() -> None:
    found = [Family((row(days),)) for days in (1, 3)]
    failed = Family((row(4, S.FAILED),))
    keep = Keep(10 * 86400.0, None, None)
    assert goes_next(found, keep, NOW) == NOW + 7 * DAY
    assert goes_next([failed], keep, NOW) == NOW + 16 * DAY
    assert goes_next([Family((row(1, pinned=True),))], keep, NOW) is None
    assert goes_next(found, EVER, NOW) is None
