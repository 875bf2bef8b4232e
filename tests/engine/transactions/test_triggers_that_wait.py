"""Triggers of one job that meet while nothing runs: none is forgotten, none overtakes, none outlives its hour."""

from __future__ import annotations

from uuid import UUID

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.transactions.claim import acknowledge
from tests.support.engine_world import World, job

ONE, TWO, THREE = (UUID(int=number) for number in (71, 72, 73))


def test_one_that_replaces_what_only_waited_does_not_wait_for_an_end_that_never_comes(world: World) -> None:
    definition = job(overlap_policy="replace", schedule=None)
    world.publish(definition)
    first, second = world.trigger(definition, ONE), world.trigger(definition, TWO)
    assert (world.occurrence(first).state, world.occurrence(first).reason) == (O.CANCELED, Reason.REPLACED)
    assert (second.state, second.reason) == (O.PENDING, Reason.PROMOTED)


def test_the_newest_replaces_and_none_before_it_runs_after_it(world: World) -> None:
    definition = job(overlap_policy="replace", schedule=None)
    world.publish(definition)
    rows = [world.trigger(definition, request) for request in (ONE, TWO, THREE)]
    assert [world.occurrence(row).state for row in rows] == [O.CANCELED, O.CANCELED, O.PENDING]


@pytest.mark.parametrize("policy", ["queue", "replace", "skip"])
def test_none_runs_that_waited_for_an_engine_longer_than_it_was_valid(world: World, policy: str) -> None:
    definition = job(overlap_policy=policy, schedule=None)
    world.publish(definition)
    rows = [world.trigger(definition, request, hours=1) for request in (ONE, TWO)]
    world.later(hours=1, seconds=1)
    for _ in range(2):
        for row in rows:
            world.claim(row)
    assert not [row for row in rows if world.occurrence(row).state in (O.PENDING, O.QUEUED, O.RUNNING)]


def test_one_that_an_engine_has_seen_waits_on(world: World) -> None:
    definition = job(overlap_policy="queue", schedule=None)
    world.publish(definition)
    world.claim(world.trigger(definition, ONE))
    queued = world.trigger(definition, TWO, hours=1)
    assert world.run(acknowledge, world.me, queued.id, world.now).occurrence is not None
    world.later(hours=5)
    assert world.run(acknowledge, world.me, queued.id, world.now).occurrence is None
    assert (world.occurrence(queued).state, world.occurrence(queued).valid_until) == (O.QUEUED, None)


def test_one_in_the_queue_expires_when_the_engine_comes_too_late(world: World) -> None:
    definition = job(overlap_policy="queue", schedule=None)
    world.publish(definition)
    world.claim(world.trigger(definition, ONE))
    queued = world.trigger(definition, TWO, hours=1)
    world.later(hours=2)
    world.run(acknowledge, world.me, queued.id, world.now)
    assert (world.occurrence(queued).state, world.occurrence(queued).reason) == (O.CANCELED, Reason.EXPIRED)
