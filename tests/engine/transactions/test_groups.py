"""Concurrency groups: counted and gated over jobs, in line by priority and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.line import next_in_line
from jobistemer_tui.engine.transactions.groups import limit_of, room_in
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.storage.tables import GROUPS
from tests.support.engine_world import ME, World, job


def member(name: str, *, limit: int = 1, **values: Any) -> JobDefinition:
    group = {"concurrency_group": "db", "concurrency_group.limit": limit}
    return job(name=name, **{**group, **values})


def publish(world: World, *definitions: JobDefinition) -> None:
    for definition in definitions:
        world.publish(definition)


def line(world: World, most: int = 10) -> list[UUID]:
    """Who may be claimed now, in order."""
    rows = world.raw.read(lambda r: next_in_line(r, world.now, wanted=lambda _: True, most=most))
    return [row.id for row in rows]


def claim_next(world: World) -> Occurrence:
    (row, *_) = line(world)
    world.claim(world.occurrence(row))
    return world.occurrence(row)


def test_of_two_jobs_of_a_group_one_runs_and_the_other_says_whom_it_waits_for(world: World) -> None:
    one, two = member("one"), member("two")
    publish(world, one, two)
    first, second = world.handle_next(one), world.handle_next(two)
    assert (first.state, first.group_name) == (O.RUNNING, "db")
    assert (second.state, second.reason) == (O.QUEUED, Reason.GROUP)
    assert second.detail == {"group": "db", "limit": 1, "blocked_by": str(first.id)}
    assert world.planned(two).scheduled_at > second.scheduled_at, "the next instant is planned all the same"
    assert line(world) == []
    world.end(first, A.SUCCESS)
    assert world.occurrence(second).state is O.QUEUED, "no transaction touches another job's rows"
    assert claim_next(world).state is O.RUNNING


def test_the_claim_is_gated_by_the_group_itself(world: World) -> None:
    """Two engines that both saw room: the second finds none any more, and its row goes on waiting."""
    one, two, three = (member(name) for name in ("one", "two", "three"))
    publish(world, one, two, three)
    first = world.handle_next(one)
    waiting = [world.handle_next(two), world.handle_next(three)]
    world.end(first, A.SUCCESS)
    assert world.claim(waiting[0]).progress is not None
    assert world.claim(waiting[1], world.other).progress is None
    left = world.occurrence(waiting[1])
    assert (left.state, left.reason, left.detail["blocked_by"]) == (O.QUEUED, Reason.GROUP, str(waiting[0].id))


def test_each_start_and_each_end_raises_the_revision_of_the_group(world: World) -> None:
    one, two = member("one"), member("two")
    publish(world, one, two)

    def revision() -> int:
        group = world.raw.read(lambda reader: reader.get(GROUPS, "db"))
        assert group is not None
        return group.rev

    seen = [revision()]
    row = world.handle_next(one)
    seen.append(revision())
    world.end(row, A.SUCCESS)
    seen.append(revision())
    assert seen == sorted(set(seen))


def test_the_line_is_in_the_order_of_priority_and_then_of_time(world: World) -> None:
    holder = member("holder")
    others = [member("late"), member("early"), member("urgent", priority=5), member("idle", priority=-5)]
    publish(world, holder, *others)
    world.handle_next(holder)
    rows = {}
    for number, definition in enumerate((others[1], others[0], others[3], others[2])):
        world.later(seconds=number)
        rows[definition.name] = world.trigger(definition, UUID(int=100 + number))
    assert {row.state for row in rows.values()} == {O.QUEUED}
    order = []
    world.end(world.rows(holder, O.RUNNING)[0], A.SUCCESS)
    for _ in range(4):
        started = claim_next(world)
        order.append(next(name for name, row in rows.items() if row.id == started.id))
        world.end(started, A.SUCCESS)
    assert order == ["urgent", "early", "late", "idle"]


def test_what_is_due_now_goes_behind_those_that_wait(world: World) -> None:
    one, two, three = (member(name) for name in ("one", "two", "three"))
    publish(world, one, two, three)
    first, second = world.handle_next(one), world.handle_next(two)
    world.end(first, A.SUCCESS)
    third = world.handle_next(three)
    assert (third.state, third.reason) == (O.QUEUED, Reason.GROUP), "there is room, but it is not the first in line"
    assert line(world) == [second.id]


def test_a_group_of_two_has_two_places(world: World) -> None:
    definitions = [member(name, limit=2) for name in ("a", "b", "c")]
    publish(world, *definitions)
    rows = [world.handle_next(definition) for definition in definitions]
    assert [row.state for row in rows] == [O.RUNNING, O.RUNNING, O.QUEUED]


def test_one_that_is_being_cancelled_still_has_its_place(world: World) -> None:
    one, two = member("one", overlap_policy="replace"), member("two")
    publish(world, one, two)
    world.handle_next(one)
    world.handle_next(one)
    assert [row.state for row in world.rows(one)][:2] == [O.CANCELING, O.QUEUED]
    assert world.handle_next(two).state is O.QUEUED
    assert world.raw.read(lambda reader: room_in(reader, "db")) == 0


@pytest.mark.parametrize(
    ("policy", "second", "third"),
    [
        ("skip", (O.SKIPPED, Reason.OVERLAP), (O.SKIPPED, Reason.OVERLAP)),
        ("queue", (O.QUEUED, Reason.OVERLAP), (O.QUEUED, Reason.OVERLAP)),
        ("allow", (O.QUEUED, Reason.GROUP), (O.SKIPPED, Reason.QUEUE_FULL)),
    ],
)
def test_one_that_waits_for_the_group_counts_as_live_in_its_job(
    world: World, policy: str, second: tuple[O, Reason], third: tuple[O, Reason]
) -> None:
    holder, other = member("holder"), member("other", overlap_policy=policy, queue_limit=2)
    publish(world, holder, other)
    world.handle_next(holder)
    rows = [world.handle_next(other) for _ in range(3)]
    assert [(row.state, row.reason) for row in rows] == [(O.QUEUED, Reason.GROUP), second, third]


def test_replace_takes_the_place_of_the_one_that_waits_for_the_group(world: World) -> None:
    holder, other = member("holder"), member("other", overlap_policy="replace")
    publish(world, holder, other)
    world.handle_next(holder)
    first, second = world.handle_next(other), world.handle_next(other)
    assert (world.occurrence(first).state, world.occurrence(first).reason) == (O.CANCELED, Reason.REPLACED)
    waiting = world.occurrence(second)
    assert (waiting.state, waiting.reason) == (O.PENDING, Reason.PROMOTED)
    assert line(world) == [], "its job's turn has come, and it waits for the group"
    world.claim(waiting)
    assert world.occurrence(second).detail["waits_for"] == "group"
    world.end(world.rows(holder, O.RUNNING)[0], A.SUCCESS)
    assert claim_next(world).id == second.id


def test_the_queue_of_a_job_and_the_line_of_its_group_follow_each_other(world: World) -> None:
    holder, other = member("holder"), member("other", overlap_policy="queue")
    publish(world, holder, other)
    held = world.handle_next(holder)
    rows = [world.handle_next(other) for _ in range(3)]
    world.end(held, A.SUCCESS)
    for row in rows:
        assert claim_next(world).id == row.id
        world.end(row, A.SUCCESS)


def test_a_snoozed_one_keeps_no_place_of_the_group(world: World) -> None:
    one, two = member("one"), member("two")
    publish(world, one, two)
    until = world.planned(one).scheduled_at + timedelta(hours=1)
    world.run(control.snooze, one.id, until=until, now=world.now, actor="me")
    held = world.handle_next(one)
    assert (held.state, held.reason, held.due_at) == (O.PENDING, Reason.SNOOZED, until)
    running = world.handle_next(two)
    assert running.state is O.RUNNING
    world.now = until
    assert line(world) == []
    world.claim(held)
    waiting = world.occurrence(held)
    assert (waiting.state, waiting.reason, waiting.detail["blocked_by"]) == (O.PENDING, Reason.GROUP, str(running.id))
    world.end(running, A.SUCCESS)
    assert line(world) == [held.id]


def test_a_forced_one_waits_for_no_group_and_takes_a_place_all_the_same(world: World) -> None:
    one, two, three = (member(name) for name in ("one", "two", "three"))
    publish(world, one, two, three)
    world.handle_next(one)
    waiting = world.handle_next(three)
    row = world.run(control.trigger, two.id, world.request(7, forced=True))
    assert (row.state, row.forced) == (O.PENDING, True)
    assert line(world) == [row.id]
    world.claim(row)
    assert world.occurrence(row).state is O.RUNNING
    world.end(world.rows(one, O.RUNNING)[0], A.SUCCESS)
    assert line(world) == [], "the forced one has the place now"
    world.end(world.occurrence(row), A.SUCCESS)
    assert line(world) == [waiting.id]


def test_the_smallest_limit_of_a_group_holds_and_the_difference_is_told(world: World) -> None:
    wide, narrow = member("wide", limit=3), member("narrow", limit=1)
    world.publish(wide)
    assert world.events("group_limits_differ") == []
    world.publish(narrow)
    (event,) = world.events("group_limits_differ")
    assert event.detail == {"group": "db", "limit": 1, "limits": {"narrow": 1, "wide": 3}}
    assert world.handle_next(wide).state is O.RUNNING
    assert world.handle_next(narrow).state is O.QUEUED
    world.run(retire, world.me, narrow.id, world.now)
    assert world.raw.read(lambda reader: limit_of(reader, "db")) == 3, "a job that is gone limits nobody"


def test_a_raised_limit_lets_the_next_go(world: World) -> None:
    one, two = member("one"), member("two")
    publish(world, one, two)
    world.handle_next(one)
    waiting = world.handle_next(two)
    publish(world, member("one", limit=2), member("two", limit=2))
    assert line(world) == [waiting.id]


def test_a_lowered_limit_stops_nobody_and_holds_for_the_next(world: World) -> None:
    one, two, three = (member(name, limit=2) for name in ("one", "two", "three"))
    publish(world, one, two, three)
    running = [world.handle_next(one), world.handle_next(two)]
    waiting = world.handle_next(three)
    publish(world, *(member(name) for name in ("one", "two", "three")))
    assert [world.occurrence(row).state for row in running] == [O.RUNNING, O.RUNNING]
    world.end(running[0], A.SUCCESS)
    assert line(world) == []
    world.end(running[1], A.SUCCESS)
    assert line(world) == [waiting.id]


@pytest.mark.parametrize("group", [None, "other"])
def test_what_waits_takes_the_group_of_an_edited_job_and_what_runs_keeps_its_own(
    world: World, group: str | None
) -> None:
    one, two = member("one"), member("two", priority=3)
    publish(world, one, two)
    world.handle_next(one)
    waiting = world.handle_next(two)
    assert (waiting.state, waiting.rank) == (O.QUEUED, -3)
    world.publish(job(name="two", concurrency_group=group, priority=-4))
    moved = world.occurrence(waiting)
    assert (moved.state, moved.reason, moved.group_name, moved.rank) == (O.PENDING, Reason.PROMOTED, group, 4)
    assert line(world) == [moved.id]
    world.publish(job(name="one"))
    assert world.rows(one, O.RUNNING)[0].group_name == "db"


def test_what_is_to_run_again_obeys_the_group_of_its_version_though_no_job_names_it_any_more(world: World) -> None:
    """Regression, found by the walk (seed 1304): a group without jobs had no limit."""
    definition = member("one", limit=2, overlap_policy="allow", on_lost="rerun")
    world.publish(definition)
    rows = [world.handle_next(definition) for _ in range(2)]
    for row in rows:
        lost = frozenset(attempt.id for attempt in world.attempts(row))
        world.run(reap, world.other, row.id, Evidence(ME, 1, lost, frozenset()), world.now)
    world.publish(job(name="one"))
    assert line(world) == [rows[0].id]
    world.claim(rows[0])
    world.claim(rows[1])
    assert [world.occurrence(row).state for row in rows] == [O.RUNNING, O.PENDING]
    assert world.occurrence(rows[1]).reason is Reason.GROUP
    world.end(rows[0], A.SUCCESS)
    assert line(world) == [rows[1].id]


def test_one_that_waited_beyond_its_start_deadline_gives_its_place_in_line_away(world: World) -> None:
    one, two, three = member("one"), member("two", start_deadline=30.0), member("three")
    publish(world, one, two, three)
    first = world.handle_next(one)
    late, patient = world.handle_next(two), world.handle_next(three)
    world.later(seconds=31)
    world.end(first, A.SUCCESS)
    assert claim_next(world).state is O.MISSED
    assert world.occurrence(late).reason is Reason.TOO_LATE
    assert line(world) == [patient.id]


def test_a_full_group_keeps_no_other_job_waiting(world: World) -> None:
    """What cannot start for its group must not use up the few rows that a turn looks at."""
    world.no_slot = Reason.NO_SUPERVISOR
    members = [member(f"m{number}", priority=9) for number in range(40)]
    free = job(name="free")
    publish(world, *members, free)
    rows = [world.handle_next(definition) for definition in (*members, free)]
    world.no_slot = None
    first, second = line(world, most=2)
    assert first in {row.id for row in rows[:-1]}
    assert second == rows[-1].id
