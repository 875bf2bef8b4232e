"""The cursor (system, 3.1 and 5.4): nothing fires from before it, whatever moved it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from tests.support.engine_world import World, job

EAGER = job(recovery_strategy="execute-all")


def fired(world: World) -> list[datetime]:
    """The instants that were started or are to be, without those that are still planned."""
    passed_over = (O.PLANNED, O.SKIPPED, O.MISSED, O.CANCELED)
    return [row.scheduled_at for row in world.rows(EAGER) if row.state not in passed_over]


def at_first_sight(world: World) -> None:
    world.later(days=3)
    world.publish(EAGER)


def edited(world: World) -> None:
    """Another schedule with many instants in the hour that has just passed."""
    world.publish(job(schedule="0 0 1 1 *", recovery_strategy="execute-all"))
    world.later(hours=1)
    world.publish(EAGER)


def enabled(world: World) -> None:
    world.publish(replace(EAGER, enabled=False))
    world.later(hours=1)
    world.publish(EAGER)


def returned(world: World) -> None:
    world.publish(EAGER)
    world.run(retire, world.me, EAGER.id, world.now)
    world.later(days=3)
    world.publish(EAGER)


def started(world: World) -> None:
    world.publish(EAGER)
    world.run(control.stop, EAGER.id, now=world.now, actor="me")
    world.later(hours=1)
    world.run(control.start, EAGER.id, now=world.now, actor="me")


def resumed(world: World) -> None:
    world.publish(EAGER)
    world.run(control.pause, EAGER.id, now=world.now, until=None, reason=None, actor="me")
    for _ in range(3):
        world.handle_next(EAGER)
    world.run(control.resume, EAGER.id, now=world.now, actor="me")


def resumed_after_downtime(world: World) -> None:
    world.publish(EAGER)
    world.run(control.pause, EAGER.id, now=world.now, until=None, reason=None, actor="me")
    world.later(hours=1)
    world.run(control.resume, EAGER.id, now=world.now, actor="me")


def resumed_before_a_slow_engine_looked(world: World) -> None:
    """Regression: an instant of the pause fired if the pause was over when an engine came to handle it."""
    world.publish(EAGER)
    world.run(control.pause, EAGER.id, now=world.now, until=None, reason=None, actor="me")
    world.later(seconds=40)
    world.run(control.resume, EAGER.id, now=world.now, actor="me")
    world.handle_next(EAGER)


MOVES: list[Callable[[World], None]] = [
    at_first_sight, edited, enabled, returned, started, resumed, resumed_after_downtime,
    resumed_before_a_slow_engine_looked,
]  # fmt: skip


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.__name__)
def test_only_what_comes_after_it_fires(world: World, move: Callable[[World], None]) -> None:
    move(world)
    world.resolve(EAGER)
    assert fired(world) == []
    since = world.now
    world.later(minutes=2, seconds=30)
    world.resolve(EAGER)
    assert len(fired(world)) == 2, "what is missed from now on is made up for"
    assert min(fired(world)) > since


def definition_with(strategy: str) -> JobDefinition:
    return job(recovery_strategy=strategy)


def test_another_strategy_alone_moves_no_cursor_and_decides_about_the_next_gap(world: World) -> None:
    world.publish(definition_with("mark-as-missed"))
    world.later(minutes=2)
    world.resolve(definition_with("mark-as-missed"))
    world.publish(EAGER)
    world.later(minutes=2)
    world.resolve(EAGER)
    rows = world.rows(EAGER)
    assert [(row.state, row.reason) for row in rows[:2]] == [(O.MISSED, Reason.DOWNTIME)] * 2
    assert [row.state for row in rows[2:]] == [O.PENDING, O.QUEUED, O.PLANNED]


@pytest.mark.parametrize("schedule", ["0 * * * *", None], ids=["another schedule", "none any more"])
def test_what_an_edit_left_to_start_late_is_missed_if_no_engine_comes(world: World, schedule: str | None) -> None:
    """Regression: it lay before the cursor, was taken for merely late, and ran days after its time."""
    world.publish(definition_with("mark-as-missed"))
    late = world.planned(EAGER)
    world.later(seconds=31)
    edited = job(schedule=schedule, recovery_strategy="mark-as-missed")
    world.publish(edited)
    world.later(days=3)
    for _ in range(2):
        world.resolve(edited)
        row = world.occurrence(late)
        assert (row.state, row.reason) == (O.MISSED, Reason.DOWNTIME)
    assert world.the_job(edited).cursor_at > late.scheduled_at
    assert [row for row in world.rows(edited, O.PLANNED) if row.scheduled_at <= world.now] == []


def test_resolving_again_and_again_fires_nothing_twice(world: World) -> None:
    world.publish(EAGER)
    world.later(minutes=3)
    for _ in range(3):
        world.resolve(EAGER)
    assert len(fired(world)) == len(set(fired(world))) == 3
