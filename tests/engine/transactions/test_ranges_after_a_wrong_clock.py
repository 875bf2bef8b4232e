"""Hazard 14: of a range of missed instants that reaches into the future, what has passed stays, whatever came after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import MissedRange
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control, recovery
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.pull_back import pull_back
from jobistemer_tui.storage.tables import RANGES_BY_JOB
from tests.support.broken_schedule import break_first_version
from tests.support.engine_world import World, job

SECONDS: dict[str, Any] = {"interval": "PT1S"}


def ranges(world: World, definition: JobDefinition) -> list[MissedRange]:
    return world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))


def missed_ahead(world: World, schedule: Any = SECONDS, **later: float) -> JobDefinition:
    """A job whose gap a clock ahead has resolved: of a long one, the older instants as a range."""
    definition = job(schedule=schedule, recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(**later)
    world.resolve(definition)
    assert ranges(world, definition)
    return definition


def edited(schedule: Any, **values: Any) -> Callable[[World, JobDefinition], object]:
    return lambda world, _: world.publish(job(schedule=schedule, **values))


@pytest.mark.parametrize(
    "then",
    [
        edited("0 * * * *"),
        edited("0 * * * *", update_policy="graceful"),
        edited(None),
        edited(SECONDS, enabled=False),
        lambda world, definition: world.run(retire, world.me, definition.id, world.now),
        lambda world, definition: world.run(control.stop, definition.id, now=world.now, actor="me"),
    ],
    ids=["edited", "handed over", "no schedule", "switched off", "gone", "stopped"],
)
def test_what_has_passed_of_a_range_is_of_the_schedule_that_missed_it(
    world: World, then: Callable[[World, JobDefinition], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: it was counted by the schedule in force, and forgotten where that had no instant in it, or none."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 50)
    truth = world.now
    definition = missed_ahead(world, minutes=5)
    then(world, definition)
    world.now = truth + timedelta(minutes=1)
    assert world.run(pull_back, world.me, definition.id, world.now)
    (left,) = ranges(world, definition)
    assert (left.from_at, left.to_at, left.count) == (truth + timedelta(seconds=1), world.now, 59)


def test_a_schedule_that_does_not_work_any_more_cannot_count_and_keeps_no_job_ahead(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 5)
    truth = world.now
    definition = missed_ahead(world, "* * * * *", minutes=30)
    world.publish(job(schedule="*/5 * * * *"))
    break_first_version(monkeypatch)
    world.now = truth + timedelta(minutes=10)
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert world.the_job(definition).cursor_at == world.now
    (left,) = ranges(world, definition)
    assert (left.to_at, left.count) == (world.now, 10), "24 in 24 minutes, of which nine and a half have passed"


def test_what_has_passed_of_millions_of_instants_is_reckoned_without_counting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: their number times the days that have passed is more days than a length of time can have."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 5)
    truth = world.now
    definition = missed_ahead(world, SECONDS, days=366)
    world.publish(job(schedule="*/5 * * * *"))
    break_first_version(monkeypatch)
    world.now = truth + timedelta(days=61)
    assert world.run(pull_back, world.me, definition.id, world.now)
    (left,) = ranges(world, definition)
    assert left.count == 61 * 86400 - 1, "so many seconds lie between the first and now"


def test_two_ranges_are_cut_each_for_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 5)
    truth = world.now
    definition = missed_ahead(world, "* * * * *", minutes=30)
    world.later(minutes=30)
    world.resolve(definition)
    assert len(ranges(world, definition)) == 2
    world.now = truth + timedelta(minutes=10)
    assert world.run(pull_back, world.me, definition.id, world.now)
    assert [one.count for one in ranges(world, definition)] == [9]


@pytest.mark.parametrize(("left_out", "count"), [("0", 9), ("1", 9), ("2", 8)])
def test_what_a_schedule_leaves_out_is_none_of_the_instants_of_a_range(
    world: World, left_out: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: left out itself, the row that was planned was counted as one of those that have passed."""
    monkeypatch.setattr(recovery, "MAX_ROWS", 5)
    truth = world.now
    minutes = {"cron": "* * * * *", "exclude": [f"{left_out} * * * *"]}
    definition = missed_ahead(world, minutes, minutes=30)
    (whole,) = ranges(world, definition)
    assert whole.count == count + 15
    world.now = truth + timedelta(minutes=10)
    assert world.run(pull_back, world.me, definition.id, world.now)
    (cut,) = ranges(world, definition)
    assert cut.count == count
    assert (world.rows(definition)[0].reason is Reason.EXCLUDED) == (left_out == "1")
    assert world.rows(definition)[0].state in (O.MISSED, O.SKIPPED)
