"""Outputs and state are stored with the success of a try, together or not at all."""

from __future__ import annotations

from typing import Any

from jobistemer_tui.domain.records import Detail, JobState, Occurrence
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState
from jobistemer_tui.domain.task_run_moves import AttemptEnd, HandedOn
from jobistemer_tui.engine.given import Given, read_given
from jobistemer_tui.engine.transactions.advance import Advanced, advance
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.storage.tables import JOB_STATES
from tests.support.engine_world import World, job, task

JOB = job(task("dump"), task("load", "dump"), task("tell", "load"))


def succeed(
    world: World,
    row: Occurrence,
    name: str,
    outputs: Detail,
    state: Any = None,
    rev: int = 0,
    owner: Owner | None = None,
) -> Advanced:
    end = AttemptEnd(AttemptState.SUCCESS, None, world.now, exit_code=0, handed_on=HandedOn(outputs, state, rev))
    return world.run(advance, owner or world.me, world.attempts(row, name)[-1].id, end, world.now)


def state_of(world: World) -> JobState | None:
    return world.raw.read(lambda reader: reader.get(JOB_STATES, JOB.id))


def given_to(world: World, advanced: Advanced) -> Given:
    assert advanced.progress is not None
    (launch,) = advanced.progress.launches
    return world.raw.read(lambda reader: read_given(reader, launch))


def test_outputs_reach_those_that_need_them_directly_or_not(world: World) -> None:
    row = world.begin(JOB)
    assert given_to(world, succeed(world, row, "dump", {"rows": "1"})) == Given({"dump": {"rows": "1"}})
    assert world.task_runs(row)["dump"].outputs == {"rows": "1"}
    last = given_to(world, succeed(world, row, "load", {}))
    assert last == Given({"dump": {"rows": "1"}, "load": {}})


def test_the_state_is_set_and_given_to_the_next(world: World) -> None:
    row = world.begin(JOB)
    given = given_to(world, succeed(world, row, "dump", {}, {"n": 1}))
    assert (given.state, given.state_rev) == ({"n": 1}, 1)
    stored = state_of(world)
    assert stored is not None
    assert (stored.value, stored.rev, stored.attempt_id) == ({"n": 1}, 1, world.attempts(row, "dump")[0].id)
    succeed(world, row, "load", {}, {}, rev=1)
    stored = state_of(world)
    assert stored is not None
    assert (stored.value, stored.rev) == ({}, 2)


def test_a_conflict_is_a_failure_and_nothing_is_overwritten(world: World) -> None:
    row = world.begin(JOB)
    succeed(world, row, "dump", {}, {"n": 1})
    for rev in (0, 7):
        succeed(world, row, "load", {"x": "lost"}, {"n": 2}, rev=rev)
        stored = state_of(world)
        assert stored is not None
        assert stored.value == {"n": 1}
    load = world.task_runs(row)["load"]
    assert (load.state, load.reason, load.outputs) == (TaskRunState.FAILED, Reason.STATE_CONFLICT, {})
    assert world.attempts(row, "load")[0].detail["error"].startswith("the job's state was set meanwhile by ")
    assert world.occurrence(row).state is OccurrenceState.FAILED


def test_after_a_conflict_a_retry_starts_from_the_new_state(world: World) -> None:
    retry: dict[str, Any] = {"retry_policy.max_retries": 1}
    again = job(task("dump"), task("load", "dump"), **retry)
    row = world.begin(again)
    succeed(world, row, "dump", {}, {"n": 1})
    succeed(world, row, "load", {}, {"n": 2}, rev=0)
    assert world.task_runs(row)["load"].state is TaskRunState.RETRYING


def test_no_state_can_be_set_before_the_first_by_one_that_saw_another(world: World) -> None:
    row = world.begin(JOB)
    succeed(world, row, "dump", {}, {"n": 1}, rev=4)
    assert state_of(world) is None
    assert world.attempts(row, "dump")[0].reason is Reason.STATE_CONFLICT


def test_one_who_is_fenced_sets_nothing(world: World) -> None:
    row = world.begin(JOB)
    assert succeed(world, row, "dump", {"rows": "1"}, {"n": 1}, owner=world.other).fenced
    assert state_of(world) is None
    assert world.task_runs(row)["dump"].outputs == {}


def test_a_repeated_success_sets_nothing_again(world: World) -> None:
    row = world.begin(JOB)
    succeed(world, row, "dump", {}, {"n": 1})
    succeed(world, row, "dump", {}, {"n": 9}, rev=1)
    stored = state_of(world)
    assert stored is not None
    assert stored.value == {"n": 1}
