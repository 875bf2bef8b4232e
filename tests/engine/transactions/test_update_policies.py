"""When a changed schedule takes effect, and what becomes of the rows that are planned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import Stale, retire
from tests.support.engine_world import START, World, job, task

EVERY_10 = "*/10 * * * *"
"""From 05:00:30 on: at :10, :20, :30 …"""
EVERY_15 = "*/15 * * * *"


def planned(world: World) -> list[int]:
    """The minutes of what is planned; beyond the hour they go on from 60."""
    hour = START.replace(minute=0, second=0)
    rows = world.rows(job(), O.PLANNED)
    return [(row.scheduled_at - hour) // timedelta(minutes=1) for row in rows]


def edit(world: World, schedule: Any, **values: Any) -> dict[str, Any]:
    world.publish(job(schedule=schedule, **values))
    return world.events("job_published")[-1].detail


def texts(*minutes: int) -> list[str]:
    return [f"2026-03-02T05:{minute:02}:00Z" for minute in minutes]


def test_as_many_rows_are_planned_as_the_horizon_says(world: World) -> None:
    definition = job(schedule=EVERY_10, plan_horizon=3)
    world.publish(definition)
    assert planned(world) == [10, 20, 30]
    first = world.rows(definition)[0]
    world.now = first.due_at
    world.handle(first)
    assert planned(world) == [20, 30, 40]


def test_another_horizon_alone_adds_or_removes_rows_and_moves_no_cursor(world: World) -> None:
    edit(world, EVERY_10, plan_horizon=2)
    cursor = world.the_job(job()).cursor_at
    world.later(seconds=5)
    assert edit(world, EVERY_10, plan_horizon=4)["added"] == texts(30, 40)
    assert edit(world, EVERY_10)["removed"] == texts(20, 30, 40)
    assert planned(world) == [10]
    assert world.the_job(job()).cursor_at == cursor


def test_immediate_compares_all_and_keeps_what_both_have_with_its_id_and_marks(world: World) -> None:
    edit(world, EVERY_10, plan_horizon=4)
    rows = world.rows(job())
    world.run(control.skip, job().id, rows[2].scheduled_at, now=world.now, actor="me")
    detail = edit(world, EVERY_15, plan_horizon=4)
    assert planned(world) == [15, 30, 45, 60]
    assert detail["removed"] == texts(10, 20, 40)
    assert detail["added"] == [*texts(15, 45), "2026-03-02T06:00:00Z"]
    assert (detail["kept"], detail["marks_kept"]) == (texts(30), texts(30))
    kept = world.occurrence(rows[2])
    assert (kept.reason, kept.version) == (Reason.SKIPPED_BY_USER, 2)
    assert detail["changes"] == ["schedule: */10 * * * * → */15 * * * *"]


def test_windowed_rewrites_only_what_is_planned_already(world: World) -> None:
    edit(world, EVERY_10, plan_horizon=4)
    detail = edit(world, EVERY_15, plan_horizon=4, update_policy="windowed")
    assert planned(world) == [15, 30], "40 was the last that was planned"
    assert detail["removed"] == texts(10, 20, 40)
    first = world.rows(job(), O.PLANNED)[0]
    world.now = first.due_at
    world.handle(first)
    assert planned(world) == [30, 45, 60, 75], "behind it the plan grows as its time comes"


def graceful(schedule: Any = EVERY_15, **values: Any) -> JobDefinition:
    return job(schedule=schedule, update_policy="graceful", **values)


def handle_next(world: World) -> Occurrence:
    row = world.rows(job(), O.PLANNED)[0]
    world.now = row.due_at
    world.handle(row)
    return world.occurrence(row)


def test_graceful_lets_the_next_instant_of_the_old_schedule_happen(world: World) -> None:
    world.publish(job(schedule="25 * * * *", overlap_policy="allow"))
    old = world.planned(job())
    world.publish(graceful(overlap_policy="allow"))
    assert planned(world) == [25]
    assert handle_next(world).id == old.id
    assert world.occurrence(old).state is O.RUNNING
    assert planned(world) == [30], "the new one applies from there on; its 15 did not"
    handle_next(world)
    assert planned(world) == [45]


def test_graceful_with_a_horizon_plans_the_new_one_behind_the_old_instant(world: World) -> None:
    edit(world, "25 * * * *", plan_horizon=2)
    world.publish(graceful(plan_horizon=3))
    assert planned(world) == [25, 30, 45]


def test_downtime_across_the_hand_over_has_the_gap_of_both(world: World) -> None:
    world.publish(job(schedule="25 * * * *"))
    world.publish(graceful(recovery_strategy="mark-as-missed"))
    world.now = START.replace(minute=50)
    world.resolve(job())
    minutes = [row.scheduled_at.minute for row in world.rows(job(), O.MISSED)]
    assert minutes == [25, 30, 45], "an instant of the new one before the hand-over was not missed: it never was"


def test_a_second_edit_before_the_hand_over_keeps_or_drops_it(world: World) -> None:
    world.publish(job(schedule="25 * * * *"))
    world.publish(graceful())
    world.publish(graceful("*/20 * * * *"))
    assert planned(world) == [25]
    world.publish(job(schedule="*/20 * * * *"))
    assert planned(world) == [25], "only the policy changed, not the schedule"
    world.publish(job(schedule=EVERY_15))
    assert planned(world) == [15]
    assert world.the_job(job()).hands_over_at is None


@pytest.mark.parametrize(
    "new",
    [graceful(None), graceful(enabled=False), graceful({"once": "2026-03-02T05:20:00Z"})],
    ids=["no schedule", "disabled", "nothing after it"],
)
def test_graceful_is_immediate_where_there_is_nothing_to_hand_over_to(world: World, new: JobDefinition) -> None:
    world.publish(job(schedule="25 * * * *"))
    world.publish(new)
    assert planned(world) in ([], [20])
    assert world.the_job(job()).hands_over_at is None


@pytest.mark.parametrize("why", ["stopped", "retired"])
def test_a_schedule_that_does_not_tick_hands_nothing_over(world: World, why: str) -> None:
    world.publish(job(schedule="25 * * * *"))
    if why == "stopped":
        world.run(control.stop, job().id, now=world.now, actor="me")
    else:
        world.run(retire, world.me, job().id, world.now)
    world.publish(graceful())
    assert 25 not in planned(world)


def test_a_stale_publisher_is_refused_and_nothing_is_written(world: World) -> None:
    world.publish(job(), seen=0)
    with pytest.raises(Stale, match="version 1 is in force, version 0 was read"):
        world.publish(job(schedule=EVERY_15), seen=0)
    world.publish(job(schedule=EVERY_10), seen=1)
    before = world.snapshot()
    with pytest.raises(Stale):
        world.publish(job(schedule=EVERY_15), seen=1)
    assert world.snapshot() == before


def test_the_event_names_tasks_added_removed_and_changed(world: World) -> None:
    world.publish(job(task("a"), task("b")))
    world.publish(job(task("b", description="x"), task("c")))
    assert world.events("job_published")[-1].detail["changes"] == [
        "task a removed", "task b: description added: x", "task c added: true",
    ]  # fmt: skip


def test_the_new_versions_instants_begin_after_the_publication(world: World) -> None:
    """An edit is never retroactive, whatever the policy: the new schedule had instants before it that nobody ran."""
    for policy in ("immediate", "graceful", "windowed"):
        world.publish(job(schedule="25 * * * *", plan_horizon=3))
        world.later(seconds=1)
        world.publish(job(schedule=EVERY_10, update_policy=policy, plan_horizon=3))
        assert all(row.scheduled_at > world.now for row in world.rows(job()))
        assert world.the_job(job()).cursor_at == world.now
