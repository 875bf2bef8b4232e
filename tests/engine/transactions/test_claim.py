"""Transaction 2: claiming what waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine.transactions.claim import explain
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from tests.support.engine_world import ME, OTHER, World, job, task

REQUEST = UUID(int=77)


def test_a_pending_row_starts_under_the_version_of_now(world: World) -> None:
    world.no_slot = Reason.NO_SUPERVISOR
    definition = job()
    world.publish(definition)
    row = world.handle_next(definition)
    world.publish(replace(definition, description="edited"))
    world.no_slot = None
    handled = world.claim(row)
    assert handled.progress is not None
    assert len(handled.progress.launches) == 1
    started = world.occurrence(row)
    assert (started.state, started.owner, started.epoch, started.version) == (O.RUNNING, ME, 1, 2)
    assert started.reason is None
    assert started.handled_at == row.handled_at


def test_a_lost_race_changes_nothing(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    assert world.claim(row, world.other).progress is not None
    before = world.snapshot()
    assert world.claim(row).occurrence is None
    assert world.snapshot() == before
    assert world.occurrence(row).owner == OTHER


def test_explaining_why_a_row_waits_starts_nothing_out_of_turn(world: World) -> None:
    """Regression: the sweep refreshed the reason by a claim, and a place that was free just then went to that row."""
    world.no_slot = Reason.NO_SUPERVISOR
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    world.no_slot = Reason.NO_SLOT
    world.run(explain, world.me, row.id, world.now)
    assert world.occurrence(row).reason is Reason.NO_SLOT
    world.no_slot = None
    before = world.snapshot()
    assert world.run(explain, world.me, row.id, world.now).occurrence is None
    assert world.snapshot() == before
    assert world.claim(row).progress is not None


def test_nothing_is_claimed_before_it_is_due(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    world.now -= timedelta(seconds=1)
    assert world.claim(row).occurrence is None


def test_a_request_that_an_engine_has_seen_in_time_waits_on(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST, hours=1)
    world.later(hours=1)
    world.no_slot = Reason.NO_SLOT
    world.claim(row)
    assert world.occurrence(row).reason is Reason.NO_SLOT, "at its last moment it is still valid"
    world.later(hours=5)
    world.no_slot = None
    world.claim(row)
    assert world.occurrence(row).state is O.RUNNING


def test_a_request_that_nobody_took_in_time_expires_and_lets_the_next_go(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    row = world.trigger(definition, REQUEST, hours=1)
    waiting = world.trigger(definition, UUID(int=78), hours=9)
    assert waiting.state is O.QUEUED
    world.later(hours=1, seconds=1)
    world.claim(row)
    gone = world.occurrence(row)
    assert (gone.state, gone.reason, gone.finished_at) == (O.CANCELED, Reason.EXPIRED, world.now)
    assert (world.occurrence(waiting).state, world.occurrence(waiting).reason) == (O.PENDING, Reason.PROMOTED)


def test_one_that_waited_beyond_its_start_deadline_is_missed(world: World) -> None:
    world.slots = 0
    definition = job(start_deadline=60.0)
    world.publish(definition)
    row = world.handle_next(definition)
    world.later(seconds=61)
    world.slots = 8
    world.claim(row)
    gone = world.occurrence(row)
    assert (gone.state, gone.reason) == (O.MISSED, Reason.TOO_LATE)


@pytest.mark.parametrize("before", [Reason.NO_NODE, Reason.SPREAD])
def test_one_that_still_waits_shows_why(world: World, before: Reason) -> None:
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    world.slots = 0
    world.claim(row)
    assert world.occurrence(row).reason is Reason.NO_SLOT
    before_again = world.snapshot()
    world.claim(row)
    assert world.snapshot() == before_again


def test_a_promoted_row_keeps_its_reason_which_is_its_right_of_way(world: World) -> None:
    definition = job(overlap_policy="queue")
    first = world.begin(definition)
    second = world.handle_next(definition)
    world.end(first, AttemptState.SUCCESS)
    world.slots = 0
    world.claim(second)
    assert world.occurrence(second).reason is Reason.PROMOTED


def test_one_that_ran_before_keeps_its_version_and_its_successes(world: World) -> None:
    """Regression: after an edit that renamed a task, one that is to run again could never be claimed."""
    definition = job(task("a"), task("b", "a"), on_lost="rerun")
    row = world.begin(definition)
    world.end(row, AttemptState.SUCCESS, "a")
    lost = world.attempts(row, "b")[0]
    world.run(reap, world.other, row.id, Evidence(ME, 1, frozenset({lost.id}), frozenset()), world.now)
    assert world.occurrence(row).state is O.PENDING
    world.publish(job(task("a"), task("renamed", "a"), on_lost="rerun"))
    handled = world.claim(row)
    assert handled.progress is not None
    assert [launch.task.name for launch in handled.progress.launches] == ["b"]
    assert [attempt.number for attempt in world.attempts(row, "b")] == [1, 2]
    assert world.occurrence(row).version == 1
    world.end(row, AttemptState.SUCCESS, "b")
    assert world.occurrence(row).state is O.COMPLETED
