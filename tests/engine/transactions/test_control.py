"""What a person does, as transactions: idempotent by request, refused with a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, Trigger
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.errors import NotFound, Refused
from tests.support.engine_world import World, job

REQUEST, SECOND = UUID(int=77), UUID(int=78)
NOBODY = UUID(int=999)


def cancel(world: World, key: UUID, reason: str | None = None) -> OccurrenceState:
    return world.run(control.cancel, key, now=world.now, actor="me", reason=reason).state


def test_a_trigger_makes_a_row_for_any_engine(world: World) -> None:
    definition = job(schedule=None)
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    assert row == world.occurrence(row)
    assert row.id == identity.manual_occurrence_id(definition.id, REQUEST)
    assert (row.trigger, row.state, row.reason) == (Trigger.MANUAL, O.PENDING, Reason.NO_NODE)
    assert (row.scheduled_at, row.handled_at) == (world.now, world.now)
    assert row.valid_until == world.now + timedelta(hours=1)


def test_the_same_request_gives_the_row_it_made_whatever_became_of_it(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    world.claim(row)
    world.end(row, AttemptState.SUCCESS)
    before = world.snapshot()
    world.later(seconds=1)
    assert world.trigger(definition, REQUEST).state is O.COMPLETED
    assert world.snapshot() == before


def test_a_job_that_no_file_holds_is_not_triggered_and_a_request_from_before_gives_its_row(world: World) -> None:
    """Regression: where the answer to the request was lost, its repetition was refused."""
    definition = job(schedule=None)
    world.publish(definition)
    row = world.trigger(definition, REQUEST)
    world.run(retire, world.me, definition.id, world.now)
    assert world.trigger(definition, REQUEST) == world.occurrence(row)
    with pytest.raises(Refused, match="not loaded"):
        world.trigger(definition, SECOND)
    assert world.rows(definition, O.PENDING) == []


@pytest.mark.parametrize(
    ("policy", "state", "reason"),
    [
        ("skip", O.SKIPPED, Reason.OVERLAP),
        ("queue", O.QUEUED, Reason.OVERLAP),
        ("replace", O.QUEUED, Reason.REPLACING),
        ("allow", O.PENDING, Reason.NO_NODE),
    ],
)
def test_a_trigger_obeys_the_overlap_policy(world: World, policy: str, state: O, reason: Reason) -> None:
    definition = job(overlap_policy=policy)
    running = world.begin(definition)
    row = world.trigger(definition, REQUEST)
    assert (row.state, row.reason) == (state, reason)
    assert world.occurrence(running).state is (O.CANCELING if policy == "replace" else O.RUNNING)


def test_a_trigger_counts_for_the_schedule(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.trigger(definition, REQUEST)
    assert world.handle_next(definition).reason is Reason.OVERLAP


def test_two_requests_are_two_runs(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    assert world.trigger(definition, REQUEST).id != world.trigger(definition, SECOND).id


def test_a_paused_job_can_be_triggered(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="me")
    assert world.trigger(definition, REQUEST).state is O.PENDING


def test_pausing_and_resuming_leave_a_span(world: World) -> None:
    definition = job()
    world.publish(definition)
    begin = world.now
    paused = world.run(control.pause, definition.id, now=begin, until=None, reason="holidays", actor="me")
    assert (paused.paused_at, paused.paused_until, paused.pause_reason) == (begin, None, "holidays")
    end = world.later(minutes=5)
    resumed = world.run(control.resume, definition.id, now=end, actor="me")
    assert (resumed.paused_at, resumed.paused_until, resumed.pause_reason) == (None, None, None)
    assert [(span.begin_at, span.end_at, span.reason) for span in world.pauses(definition)] == [
        (begin, end, "holidays")
    ]


def test_pausing_again_ends_the_first_span_where_the_second_begins(world: World) -> None:
    definition = job()
    world.publish(definition)
    begin = world.now
    world.run(control.pause, definition.id, now=begin, until=begin + timedelta(hours=9), reason=None, actor="me")
    again, until = world.later(hours=1), world.now + timedelta(hours=2)
    world.run(control.pause, definition.id, now=again, until=until, reason="longer", actor="me")
    assert [(span.begin_at, span.end_at) for span in world.pauses(definition)] == [(begin, again), (again, until)]
    assert world.the_job(definition).paused_until == until


@pytest.mark.parametrize("seconds", [0, -1])
def test_a_pause_that_has_ended_before_it_begins_is_refused(world: World, seconds: int) -> None:
    definition = job()
    world.publish(definition)
    until = world.now + timedelta(seconds=seconds)
    with pytest.raises(Refused, match="has passed") as caught:
        world.run(control.pause, definition.id, now=world.now, until=until, reason=None, actor="me")
    assert caught.value.hint
    assert world.pauses(definition) == []


def test_resuming_what_is_not_paused_changes_nothing(world: World) -> None:
    definition = job()
    world.publish(definition)
    before = world.snapshot()
    assert world.run(control.resume, definition.id, now=world.now, actor="me").paused_at is None
    assert world.snapshot() == before


def test_cancelling_what_runs_asks_its_owner_and_twice_changes_nothing(world: World) -> None:
    row = world.begin(job())
    assert cancel(world, row.id, "wrong day") is O.CANCELING
    before = world.snapshot()
    assert cancel(world, row.id) is O.CANCELING
    assert world.snapshot() == before
    assert world.occurrence(row).detail == {"by": "me", "why": "wrong day"}


def test_cancelling_what_waits_ends_it_and_lets_the_next_go(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.publish(definition)
    first, second = world.trigger(definition, REQUEST), world.trigger(definition, SECOND)
    assert (first.state, second.state) == (O.PENDING, O.QUEUED)
    assert cancel(world, first.id) is O.CANCELED
    assert world.occurrence(second).state is O.PENDING
    assert cancel(world, second.id) is O.CANCELED


def test_a_queued_one_can_be_cancelled_and_leaves_its_place(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.begin(definition)
    second, third = world.handle_next(definition), world.handle_next(definition)
    assert cancel(world, second.id) is O.CANCELED
    assert world.occurrence(third).state is O.QUEUED


def test_what_is_only_planned_or_has_ended_cannot_be_cancelled(world: World) -> None:
    definition = job()
    row = world.begin(definition)
    with pytest.raises(Refused, match="planned"):
        cancel(world, world.planned(definition).id)
    world.end(row, AttemptState.SUCCESS)
    with pytest.raises(Refused, match="completed"):
        cancel(world, row.id)


def test_nothing_can_be_done_to_what_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        cancel(world, NOBODY)
    with pytest.raises(NotFound):
        world.run(control.pause, NOBODY, now=world.now, until=None, reason=None, actor="me")
    with pytest.raises(NotFound):
        world.run(control.resume, NOBODY, now=world.now, actor="me")
    with pytest.raises(NotFound):
        world.trigger(job(name="unknown"), REQUEST)


@pytest.mark.parametrize("kind", ["pause", "resume", "cancel", "trigger"])
def test_each_deed_is_in_the_audit_with_its_actor(world: World, kind: str) -> None:
    definition = job()
    row = world.begin(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason="r", actor="me")
    world.run(control.resume, definition.id, now=world.now, actor="me")
    cancel(world, row.id)
    world.trigger(definition, REQUEST)
    names = {
        "pause": "job_paused", "resume": "job_resumed", "cancel": "occurrence_canceling",
        "trigger": "occurrence_triggered",
    }  # fmt: skip
    assert [event.actor for event in world.events(names[kind])] == ["me"]


def test_a_scheduled_run_has_the_defaults_and_a_trigger_what_was_given(world: World) -> None:
    definition = job(params={"target": Param("staging", ("staging", "production"))}, overlap_policy="allow")
    world.publish(definition)
    assert world.handle_next(definition).params == {"target": "staging"}
    asked = world.run(control.trigger, definition.id, world.request(1), {"target": "production"})
    assert world.run(control.trigger, definition.id, world.request(1), {"target": "staging"}) == asked
    world.claim(asked)
    assert world.occurrence(asked).params == {"target": "production"}


def test_a_waiting_trigger_gets_the_defaults_of_the_version_it_is_claimed_with(world: World) -> None:
    world.publish(job(params={"old": Param("1")}))
    asked = world.run(control.trigger, job().id, world.request(1))
    world.publish(job(params={"old": Param("2"), "new": Param("3")}))
    world.claim(asked)
    assert world.occurrence(asked).params == {"old": "1", "new": "3"}


def test_a_forced_run_starts_beside_the_one_that_runs(world: World) -> None:
    definition = job()
    world.begin(definition)
    forced = world.run(control.trigger, definition.id, world.request(1, forced=True, reason="drill"))
    assert (forced.state, forced.forced) == (O.PENDING, True)
    world.claim(forced)
    assert world.occurrence(forced).state is O.RUNNING
    detail = world.events("occurrence_triggered")[-1].detail
    assert (detail["forced"], detail["why"]) == (True, "drill")


def test_cancelling_what_was_cancelled_changes_nothing(world: World) -> None:
    world.publish(job())
    asked = world.run(control.trigger, job().id, world.request(1))
    for reason in ("first", "second"):
        world.run(control.cancel, asked.id, now=world.now, actor="me", reason=reason)
    assert world.occurrence(asked).detail["why"] == "first"
    assert len(world.events("occurrence_canceled")) == 1
