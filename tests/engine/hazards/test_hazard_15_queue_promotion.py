"""Hazard 15: one whose turn has come is overtaken by nobody and never goes back; `replace` is a queue of one."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import LIVE_OCCURRENCES, Reason, Who
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.line import next_in_line
from jobistemer_tui.engine.transactions.advance import stop_or_expire
from jobistemer_tui.engine.transactions.wake import wake_queue
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import World, job


def claim_all(world: World) -> None:
    """Claim whatever an engine's turn would claim."""
    for row in world.raw.read(lambda r: next_in_line(r, world.now, wanted=lambda _: True, most=world.slots)):
        world.claim(row)


def wake(world: World, definition: JobDefinition) -> list[Occurrence]:
    return world.run(
        partial(wake_queue, job_id=definition.id, definition=definition, who=Who.SWEEP, actor="me", now=world.now)
    )


@pytest.mark.parametrize("most", [1, 2])
def test_a_woken_row_keeps_its_place_before_the_next_that_is_due(world: World, most: int) -> None:
    definition = job(overlap_policy="queue", max_active=most)
    world.publish(definition)
    running = [world.handle_next(definition) for _ in range(most)]
    waiting = world.handle_next(definition)
    world.slots = 0  # nobody can claim it at once
    world.end(running[0], A.SUCCESS)
    woken = world.occurrence(waiting)
    assert (woken.state, woken.reason) == (O.PENDING, Reason.PROMOTED)
    newcomer = world.handle_next(definition)
    assert (newcomer.state, newcomer.reason) == (O.QUEUED, Reason.OVERLAP)
    assert wake(world, definition) == []
    world.claim(woken)
    still = world.occurrence(woken)
    assert (still.state, still.reason, still.detail["waits_for"]) == (O.PENDING, Reason.PROMOTED, "no_slot")
    world.slots = 8
    claim_all(world)
    assert world.occurrence(woken).state is O.RUNNING
    assert world.occurrence(newcomer).state is O.QUEUED


def test_waking_twice_wakes_no_more_than_may_be_live(world: World) -> None:
    definition = job(overlap_policy="queue", max_active=2)
    world.publish(definition)
    running = [world.handle_next(definition) for _ in range(2)]
    waiting = [world.handle_next(definition) for _ in range(3)]
    world.end(running[0], A.SUCCESS)
    wake(world, definition)
    wake(world, definition)
    assert [world.occurrence(row).state for row in waiting] == [O.PENDING, O.QUEUED, O.QUEUED]


def test_the_new_one_and_the_one_it_replaces_change_in_one_transaction_and_a_third_takes_the_place(
    world: World,
) -> None:
    definition = job(overlap_policy="replace")
    first = world.begin(definition)
    second = world.handle_next(definition)
    assert (second.state, second.reason) == (O.QUEUED, Reason.REPLACING)
    assert (world.occurrence(first).state, world.occurrence(first).detail) == (
        O.CANCELING,
        {"replaced_by": str(second.id)},
    )
    third = world.handle_next(definition)
    assert (world.occurrence(second).state, world.occurrence(second).reason) == (O.CANCELED, Reason.REPLACED)
    world.run(stop_or_expire, world.me, first.id, world.now)
    world.end(first, A.CANCELED)
    claim_all(world)
    assert world.occurrence(third).state is O.RUNNING


def test_with_room_for_two_replace_stops_the_older_alone(world: World) -> None:
    definition = job(overlap_policy="replace", max_active=2)
    world.publish(definition)
    rows = [world.handle_next(definition) for _ in range(3)]
    assert [world.occurrence(row).state for row in rows] == [O.CANCELING, O.RUNNING, O.QUEUED]
    fourth = world.handle_next(definition)
    assert [world.occurrence(row).state for row in rows] == [O.CANCELING, O.RUNNING, O.CANCELED]
    assert world.occurrence(fourth).state is O.QUEUED
    world.end(rows[0], A.CANCELED)
    claim_all(world)
    assert world.occurrence(fourth).state is O.RUNNING


@pytest.mark.parametrize(("policy", "second"), [("skip", O.SKIPPED), ("queue", O.QUEUED), ("replace", O.PENDING)])
def test_a_snoozed_one_is_live_and_meets_the_overlap_policy(world: World, policy: str, second: O) -> None:
    definition = job(overlap_policy=policy)
    world.publish(definition)
    until = world.now + timedelta(hours=1)
    world.run(control.snooze, definition.id, until=until, now=world.now, actor="me")
    held = world.handle_next(definition)
    assert (held.state, held.reason) == (O.PENDING, Reason.SNOOZED)
    newcomer = world.occurrence(world.handle_next(definition))
    assert newcomer.state is second
    assert world.occurrence(held).state is (O.CANCELED if policy == "replace" else O.PENDING)


def test_a_jittered_one_is_live_too_and_the_next_instant_comes_after_it(world: World) -> None:
    definition = job(schedule={"cron": "* * * * *", "jitter": "50s"}, overlap_policy="queue")
    world.publish(definition)
    held = world.handle_next(definition)
    assert (held.state, held.reason) == (O.PENDING, Reason.JITTER)
    assert held.scheduled_at < held.due_at < held.scheduled_at + timedelta(minutes=1)
    world.now = held.due_at
    claim_all(world)
    assert world.occurrence(held).state is O.RUNNING


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["skip", "queue", "replace", "allow"]), st.integers(1, 3))
def test_whatever_happens_no_more_than_max_active_are_live_and_the_queue_keeps_its_order(
    data: st.DataObject, policy: str, most: int
) -> None:
    world = World(MemoryStore())
    definition = job(overlap_policy=policy, max_active=most, queue_limit=3)
    world.publish(definition)
    started: list[Occurrence] = []
    for _ in range(data.draw(st.integers(1, 25))):
        step = data.draw(st.sampled_from(["due", "end", "claim", "wake", "slots"]))
        _play(world, definition, step, data)
        live = world.rows(definition, *LIVE_OCCURRENCES)
        assert policy == "allow" or len(live) <= most
        for row in world.rows(definition, O.RUNNING):
            if row.id not in {seen.id for seen in started}:
                started.append(row)
    if policy == "queue":
        instants = [row.scheduled_at for row in started]
        # Several that may be claimed at the same time may start in any order; no more than max_active of them.
        for number, instant in enumerate(instants):
            assert sum(later < instant for later in instants[number:]) < most
    world.raw.close()


def _play(world: World, definition: JobDefinition, step: str, data: Any) -> None:
    running = world.rows(definition, O.RUNNING, O.CANCELING)
    match step:
        case "due":
            world.handle_next(definition)
        case "end" if running:
            world.end(data.draw(st.sampled_from(running)), A.SUCCESS)
        case "claim":
            claim_all(world)
        case "wake":
            wake(world, definition)
        case _:
            world.slots = data.draw(st.sampled_from([0, 1, 8]))
