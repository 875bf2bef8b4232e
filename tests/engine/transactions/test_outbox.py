"""The life of a line of the outbox."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.records import Notification
from jobistemer_tui.domain.records import NotificationState as N
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.transactions.outbox import (
    GIVE_UP_AFTER,
    PROGRAM_TRIES,
    Answer,
    bring_forward,
    release,
    settle,
    take,
    wait_s,
)
from tests.support.engine_world import World, job

MAIL: dict[str, Any] = {"notify": [{"on": ["failure"], "mail": {"to": ["me@x"]}}]}
HOOK: dict[str, Any] = {"on_failure": {"run": "true", "timeout": 60.0}}
BAD = Answer("no route to host", {"status": 500})


def failed(world: World, settings: dict[str, Any]) -> tuple[Any, Notification]:
    definition = job(**settings)
    world.end(world.begin(definition), A.FAILED, reason=Reason.TASK_FAILED)
    return definition, world.notifications(definition)[0]


def test_a_try_is_counted_before_it_is_made_and_nobody_else_makes_one(world: World) -> None:
    definition, row = failed(world, MAIL)
    taken = world.run(take, row, world.now, 45.0)
    assert taken is not None
    assert (taken.tries, taken.not_before) == (1, world.now + timedelta(seconds=45))
    assert world.run(take, row, world.now, 45.0) is None, "it is taken"
    assert world.run(take, taken, world.now, 45.0) is None, "its try may be under way"
    world.later(seconds=45)
    again = world.run(take, taken, world.now, 45.0)
    assert again is not None
    assert again.tries == 2
    assert world.run(settle, taken, Answer(), "me", world.now) is None, "a sender that was given up for dead"
    assert world.notifications(definition)[0].state is N.WAITING


def test_what_was_sent_is_told_in_the_audit(world: World) -> None:
    definition, row = failed(world, MAIL)
    taken = world.run(take, row, world.now, 45.0)
    assert taken is not None
    world.run(settle, taken, Answer(result={"status": 200}), "me", world.now)
    (sent,) = world.notifications(definition)
    assert (sent.state, sent.error, sent.result, sent.finished_at) == (N.SENT, None, {"status": 200}, world.now)
    (event,) = world.events("notification_sent")
    assert event.detail == {"notification": str(row.id), "channel": "mail", "event": "failure"}
    assert world.run(take, sent, world.now, 45.0) is None


def test_a_network_has_a_day_to_come_back(world: World) -> None:
    definition, row = failed(world, MAIL)
    first, waits = world.now, []
    while row.state is N.WAITING:
        world.now = max(world.now, row.not_before)
        taken = world.run(take, row, world.now, 0.0)
        assert taken is not None
        world.run(settle, taken, BAD, "me", world.now)
        (row,) = world.notifications(definition)
        waits.append((row.not_before - world.now).total_seconds())
    assert waits[:4] == [10.0, 20.0, 40.0, 80.0]
    assert max(waits) == 3600.0
    assert (row.state, row.error, row.result) == (N.GIVEN_UP, BAD.error, BAD.result)
    assert GIVE_UP_AFTER - timedelta(hours=1) <= world.now - first <= GIVE_UP_AFTER
    (event,) = world.events("notification_given_up")
    assert event.detail["error"] == BAD.error


def test_what_a_clock_ahead_has_written_has_a_day_from_now(world: World) -> None:
    """Regression: it was tried for a year and a day, and held back all that came after it."""
    truth = world.now
    world.later(days=365)
    definition, row = failed(world, MAIL)
    world.now = truth
    assert world.run(bring_forward, row, world.now)
    for _ in range(40):
        (row,) = world.notifications(definition)
        if row.state is not N.WAITING:
            break
        world.now = max(world.now, row.not_before)
        taken = world.run(take, row, world.now, 1.0)
        assert taken is not None
        world.run(settle, taken, BAD, "me", world.now)
    assert row.state is N.GIVEN_UP
    assert world.now <= truth + GIVE_UP_AFTER


def test_a_hook_is_tried_three_times(world: World) -> None:
    definition, row = failed(world, HOOK)
    for _ in range(PROGRAM_TRIES):
        assert row.state is N.WAITING
        world.now = max(world.now, row.not_before)
        taken = world.run(take, row, world.now, 0.0)
        assert taken is not None
        world.run(settle, taken, BAD, "me", world.now)
        (row,) = world.notifications(definition)
    assert (row.state, row.tries) == (N.GIVEN_UP, PROGRAM_TRIES)


def test_what_cannot_get_better_is_given_up_at_once(world: World) -> None:
    definition, row = failed(world, MAIL)
    taken = world.run(take, row, world.now, 45.0)
    assert taken is not None
    world.run(settle, taken, Answer("no", final=True), "me", world.now)
    assert world.notifications(definition)[0].state is N.GIVEN_UP


def test_a_try_that_was_broken_off_may_come_again_at_once(world: World) -> None:
    definition, row = failed(world, MAIL)
    taken = world.run(take, row, world.now, 45.0)
    assert taken is not None
    world.run(release, taken.id, taken.tries - 1, world.now)
    assert world.notifications(definition)[0].not_before > world.now, "another try than that"
    world.run(release, taken.id, taken.tries, world.now)
    (waits,) = world.notifications(definition)
    assert (waits.not_before, waits.tries) == (world.now, 0), "a try that was broken off does not count"


@pytest.mark.parametrize(("tries", "seconds"), [(1, 10), (2, 20), (9, 2560), (10, 3600), (500, 3600)])
def test_the_wait_before_the_next_try(tries: int, seconds: float) -> None:
    assert wait_s(tries) == seconds


def test_old_ends_that_belong_to_no_occurrence_are_cleared_away(world: World) -> None:
    definition = job(schedule="0 */6 * * *", notify=[{"on": ["missed"], "mail": {"to": ["me@x"]}}])
    world.publish(definition)
    ids = []
    for days in (1, 80, 95):
        world.later(days=days)
        world.resolve(definition)
        row = world.notifications(definition)[-1]
        taken = world.run(take, row, world.now, 0.0)
        assert taken is not None
        world.run(settle, taken, Answer(), "me", world.now)
        ids.append(row.id)
    assert [row.id for row in world.notifications(definition)] == ids[2:]
