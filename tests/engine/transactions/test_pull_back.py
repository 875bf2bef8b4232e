"""Hazard 14: a clock a year ahead decided things; after the correction the real instants are planned again."""

from __future__ import annotations

from datetime import timedelta

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.transactions.pull_back import pull_back
from tests.support.engine_world import World, job


def test_what_a_clock_ahead_has_missed_is_planned_again(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    truth = world.now
    world.later(minutes=30)
    world.resolve(definition)
    missed = world.rows(definition, O.MISSED)
    assert len(missed) == 30

    world.now = truth
    assert world.run(pull_back, world.me, definition.id, world.now)
    planned = world.rows(definition, O.PLANNED)
    assert [row.id for row in planned] == [row.id for row in missed]
    assert all(row.reason is None and row.handled_at is None for row in planned)
    assert world.the_job(definition).cursor_at == truth
    assert [event.kind for event in world.events("clock_went_back")] == ["clock_went_back"]


def test_a_cursor_that_is_right_is_left_alone(world: World) -> None:
    definition = job()
    world.publish(definition)
    before = world.snapshot()
    world.now -= timedelta(minutes=1)
    assert not world.run(pull_back, world.me, definition.id, world.now)
    assert world.snapshot() == before


def test_what_really_was_missed_stays_missed(world: World) -> None:
    definition = job(recovery_strategy="mark-as-missed")
    world.publish(definition)
    world.later(minutes=30)
    world.resolve(definition)
    world.later(minutes=-20)
    assert world.run(pull_back, world.me, definition.id, world.now)
    stays = world.rows(definition, O.MISSED)
    assert len(stays) == 10
    assert {row.reason for row in stays} == {Reason.DOWNTIME}
