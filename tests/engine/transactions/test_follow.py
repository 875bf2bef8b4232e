"""A job that follows others gets one run for each end that it follows, whatever is done twice or between."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.follow import follow
from jobistemer_tui.engine.transactions.hand_over import hand_over, jobs_to_follow
from jobistemer_tui.engine.transactions.handle_due import Handled
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.storage.tables import FOLLOWERS_BY_JOB, HANDOVERS_BY_JOB
from tests.support.engine_world import World, job

FIRST = job(name="first")


def follower(schedule: object = None, name: str = "second", **values: object) -> JobDefinition:
    return job(name=name, schedule=schedule or {"after": "first"}, **values)


def follow_all(world: World) -> list[Handled]:
    """What the scheduler does in each turn."""
    ready = world.raw.read(jobs_to_follow)
    return [world.run(follow, world.me, job_id, world.now) for job_id in ready]


def run_first(
    world: World, state: AttemptState = AttemptState.SUCCESS, definition: JobDefinition = FIRST
) -> Occurrence:
    """A run of the followed job, to its end."""
    row = world.trigger(definition, identity.new_request_id())
    world.claim(row)
    world.end(row, state)
    return world.occurrence(row)


def words(world: World) -> int:
    return world.raw.read(lambda reader: reader.count(HANDOVERS_BY_JOB))


def test_a_run_starts_when_the_other_has_completed(world: World) -> None:
    second = follower()
    world.publish(FIRST)
    world.publish(second)
    assert not world.the_job(second).finished
    assert world.rows(second) == []
    done = run_first(world)
    assert world.rows(second) == []
    world.now = world.later(seconds=3)
    assert world.raw.read(jobs_to_follow) == [second.id]
    (handled,) = follow_all(world)
    assert handled.progress is not None
    (row,) = world.rows(second)
    assert (row.state, row.trigger, row.reason) == (O.RUNNING, Trigger.AFTER, None)
    assert row.scheduled_at == row.due_at == done.finished_at
    assert row.id == identity.following_occurrence_id(second.id, [done.id])
    (run,) = row.follows["runs"]
    assert (run["job"], run["occurrence_id"], run["status"]) == ("first", str(done.id), "completed")
    assert row.follows["chain"] == ["first"]
    assert follow_all(world) == []


def test_only_the_outcomes_that_are_named_are_followed(world: World) -> None:
    on_failure = follower({"after": "first", "on": ["failed", "canceled"]}, "on-failure")
    for definition in (FIRST, follower(), on_failure):
        world.publish(definition)
    run_first(world, AttemptState.FAILED)
    follow_all(world)
    assert world.rows(follower()) == []
    (row,) = world.rows(on_failure)
    assert row.follows["runs"][0]["status"] == "failed"


def test_handing_over_and_following_twice_is_harmless(world: World) -> None:
    second = follower(overlap_policy="allow")
    world.publish(FIRST)
    world.publish(second)
    done = run_first(world)
    follow_all(world)
    world.run(lambda tx: hand_over(tx, done))
    (again,) = follow_all(world)
    assert again.occurrence is None
    assert len(world.rows(second)) == 1
    assert words(world) == 0
    assert world.run(follow, world.me, second.id, world.now).occurrence is None


def test_two_tables_for_one_end_bring_one_run(world: World) -> None:
    second = follower([{"after": "first"}, {"after": "first", "on": ["completed", "failed"]}], overlap_policy="allow")
    world.publish(FIRST)
    world.publish(second)
    run_first(world)
    while follow_all(world):
        pass
    assert len(world.rows(second)) == 1


def test_each_of_several_has_to_end_and_the_newest_of_each_counts(world: World) -> None:
    other = job(name="other", schedule=None)
    both = follower({"after": ["first", "other"]})
    for definition in (FIRST, other, both):
        world.publish(definition)
    run_first(world)
    world.now = world.later(seconds=5)
    newest = run_first(world)
    assert words(world) == 1
    assert follow_all(world) == []
    last = run_first(world, definition=other)
    follow_all(world)
    (row,) = world.rows(both)
    assert [run["occurrence_id"] for run in row.follows["runs"]] == [str(newest.id), str(last.id)]
    assert row.id == identity.following_occurrence_id(both.id, [last.id, newest.id])
    assert words(world) == 0
    world.end(row, AttemptState.SUCCESS)
    run_first(world, definition=other)
    assert follow_all(world) == []


def test_the_overlap_policy_decides_as_for_any_other_run(world: World) -> None:
    second = follower()
    world.publish(FIRST)
    world.publish(second)
    run_first(world)
    world.now = world.later(seconds=1)
    run_first(world)
    follow_all(world)
    follow_all(world)
    assert [(row.state, row.reason) for row in world.rows(second)] == [(O.RUNNING, None), (O.SKIPPED, Reason.OVERLAP)]


def test_what_ends_during_a_pause_is_skipped_and_while_stopped_leaves_no_row(world: World) -> None:
    second = follower()
    world.publish(FIRST)
    world.publish(second)
    world.run(partial(control.pause, job=second.id, now=world.now, actor="me", reason="rest", until=None))
    run_first(world)
    follow_all(world)
    (row,) = world.rows(second)
    assert (row.state, row.reason, row.detail) == (O.SKIPPED, Reason.PAUSED, {"reason": "rest"})
    world.run(partial(control.resume, job=second.id, now=world.now, actor="me"))
    world.run(partial(control.stop, job=second.id, now=world.now, actor="me", reason=None))
    run_first(world)
    follow_all(world)
    assert (len(world.rows(second)), words(world)) == (1, 0)
    world.run(partial(control.start, job=second.id, now=world.now, actor="me"))
    world.now = world.later(seconds=1)
    run_first(world)
    follow_all(world)
    assert len(world.rows(second)) == 2


def test_nothing_fires_from_before_the_version_took_effect(world: World) -> None:
    world.publish(FIRST)
    run_first(world)
    second = follower()
    world.publish(second)
    assert follow_all(world) == []
    run_first(world)
    changed = follower({"after": "first", "on": ["completed", "failed"]})
    world.publish(changed)
    assert words(world) == 0
    assert follow_all(world) == []


def test_an_edit_of_something_else_drops_no_word(world: World) -> None:
    world.publish(FIRST)
    world.publish(follower())
    run_first(world)
    world.publish(follower(description="new"))
    assert len(follow_all(world)) == 1


def test_a_retired_or_disabled_job_follows_nothing(world: World) -> None:
    second = follower()
    world.publish(FIRST)
    world.publish(second)
    run_first(world)
    world.run(partial(retire, owner=world.me, job_id=second.id, now=world.now))
    assert words(world) == 0
    assert world.raw.read(lambda reader: reader.scan(FOLLOWERS_BY_JOB, second.id)) == []
    world.publish(follower(enabled=False))
    run_first(world)
    assert words(world) == 0
    world.publish(second)
    run_first(world)
    assert len(follow_all(world)) == 1


def test_a_circle_that_no_file_shows_ends_where_it_began(world: World) -> None:
    one, two = job(name="one", schedule={"after": "two"}), job(name="two", schedule={"after": "one"})
    world.publish(one)
    world.publish(two)
    run_first(world, definition=one)
    follow_all(world)
    (row,) = world.rows(two)
    world.end(row, AttemptState.SUCCESS)
    follow_all(world)
    ended = [row for row in world.rows(one) if row.trigger is Trigger.AFTER]
    assert [(row.state, row.reason, row.detail) for row in ended] == [
        (O.SKIPPED, Reason.CYCLE, {"chain": ["one", "two", "one"]})
    ]
    assert follow_all(world) == []


def test_a_run_that_was_reaped_is_followed_too(world: World) -> None:
    second = follower({"after": "first", "on": "failed_stale"})
    world.publish(second)
    row = world.begin(FIRST)
    attempt = world.attempts(row)[0]
    assert row.owner is not None
    evidence = Evidence(row.owner, row.epoch, frozenset({attempt.id}), frozenset())
    world.run(reap, world.me, row.id, evidence, world.now)
    follow_all(world)
    assert [one.state for one in world.rows(second)] == [O.RUNNING]


def test_it_is_late_only_by_what_the_start_deadline_forbids(world: World) -> None:
    second = follower(start_deadline=60.0)
    world.publish(FIRST)
    world.publish(second)
    run_first(world)
    world.now = world.later(minutes=5)
    follow_all(world)
    assert [(row.state, row.reason) for row in world.rows(second)] == [(O.MISSED, Reason.TOO_LATE)]


def test_ids_are_computed_from_what_was_followed() -> None:
    one, two = UUID(int=1), UUID(int=2)
    assert identity.following_occurrence_id(one, [two, one]) == identity.following_occurrence_id(one, [one, two])
    assert identity.handover_id(one, 0, two) != identity.handover_id(one, 1, two)
