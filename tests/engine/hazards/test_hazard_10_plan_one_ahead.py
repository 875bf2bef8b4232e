"""Hazard 10: an instant is handled when its time comes, whatever the load, and only a real gap is downtime."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason, Trigger
from tests.support.engine_home import EngineHome
from tests.support.engine_world import World, job


def test_an_hour_without_a_slot_leaves_a_handled_row_for_every_instant_and_no_gap(world: World) -> None:
    world.slots = 0
    definition = job(overlap_policy="queue")
    world.publish(definition)
    for _ in range(60):
        world.handle_next(definition)
    assert world.resolve(definition) is None, "nothing is unhandled"
    rows = world.rows(definition)
    assert [row.state for row in rows] == [O.PENDING, *[O.QUEUED] * 59, O.PLANNED]
    assert {row.trigger for row in rows} == {Trigger.SCHEDULE}
    world.slots = 8
    world.claim(rows[0])
    started = world.occurrence(rows[0])
    assert (started.state, started.reason) == (O.RUNNING, None), "it was handled in time and has waited since"


@pytest.mark.parametrize(("late_s", "late"), [(9, None), (11, "11s"), (600, "10m")])
def test_an_engine_that_was_awake_but_slow_starts_late_and_says_so(world: World, late_s: int, late: str | None) -> None:
    reason = None if late is None else Reason.OVERLOADED
    definition = job(schedule="0 * * * *")
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(seconds=late_s)
    world.handle(row)
    started = world.occurrence(row)
    assert (started.state, started.reason, bool(started.detail)) == (O.RUNNING, reason, reason is not None)
    (event,) = world.events("occurrence_started")
    assert event.reason is reason
    assert event.detail.get("late") == late
    world.end(row, A.SUCCESS)
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.COMPLETED, None)


@pytest.mark.parametrize("strategy", ["execute-last", "bounded-window", "compressed"])
def test_a_second_gap_supersedes_what_the_first_has_not_started(world: World, strategy: str) -> None:
    settings: dict[str, Any] = {"recovery_strategy": strategy, "recovery_window.max_occurrences": 1}
    definition = job(**settings)
    world.publish(definition)
    first = world.recovered(definition)
    second = world.recovered(definition)
    gone = world.occurrence(first)
    expected = {
        "execute-last": Reason.DOWNTIME,
        "bounded-window": Reason.OUT_OF_WINDOW,
        "compressed": Reason.COMPRESSED_INTO,
    }
    assert (gone.state, gone.reason) == (O.MISSED, expected[strategy])
    assert [row.id for row in world.rows(definition, O.PENDING, O.QUEUED)] == [second.id]
    if strategy == "compressed":
        assert second.window["count"] == 6
        assert len(second.window["instants"]) == 6


def test_a_second_gap_adds_to_what_execute_all_has_not_started_and_the_order_is_kept(world: World) -> None:
    definition = job(recovery_strategy="execute-all", overlap_policy="allow", max_active=3)
    world.publish(definition)
    world.later(minutes=2)
    world.resolve(definition)
    world.later(minutes=2)
    world.resolve(definition)
    order = []
    while waiting := world.rows(definition, O.PENDING):
        assert len(waiting) == 1, "one after another, whatever the overlap policy"
        assert waiting[0].trigger is Trigger.RECOVERY
        world.claim(waiting[0])
        assert world.rows(definition, O.RUNNING) == [world.occurrence(waiting[0])]
        order.append(waiting[0].scheduled_at)
        world.end(waiting[0], A.SUCCESS)
    assert len(order) == 4
    assert order == sorted(order)


async def test_after_a_sleep_the_gap_is_resolved_before_the_timer_handles_anything(home: EngineHome) -> None:
    home.job("backup", more="recovery_strategy = 'mark-as-missed'")
    await home.start()
    home.clock.sleep(600)
    await home.until(lambda: home.rows("backup", O.MISSED))
    assert [(row.state, row.reason) for row in home.rows("backup", O.MISSED)] == [(O.MISSED, Reason.ASLEEP)] * 10
    assert home.rows("backup", O.COMPLETED, O.RUNNING, O.PENDING) == []
