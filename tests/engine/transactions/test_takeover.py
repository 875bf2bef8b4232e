"""Transactions 4 and 5: adopting and reaping, with the evidence in the guard."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.takeover import HOST_RESTARTED, Evidence, adopt, reap
from tests.support.engine_world import ME, OTHER, World, job, task


def evidence(world: World, row: Occurrence, *lost: str, never: tuple[str, ...] = (), epoch: int = 1) -> Evidence:
    return Evidence(
        ME, epoch,
        lost=frozenset(world.attempts(row, name)[-1].id for name in lost),
        never_started=frozenset(world.attempts(row, name)[-1].id for name in never),
    )  # fmt: skip


def reap_now(world: World, row: Occurrence, seen: Evidence) -> Occurrence | None:
    return world.run(reap, world.other, row.id, seen, world.now)


def test_adopting_changes_the_owner_and_nothing_else(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a")))
    runs, attempts = world.task_runs(row), world.attempts(row, "a")
    adopted = world.run(adopt, world.other, row.id, ME, world.now)
    assert adopted is not None
    assert (adopted.state, adopted.owner, adopted.epoch) == (O.RUNNING, OTHER, 2)
    assert (world.task_runs(row), world.attempts(row, "a")) == (runs, attempts)
    assert [event.detail["from"] for event in world.events("occurrence_adopted")] == [str(ME)]


def test_adopting_what_moved_on_changes_nothing(world: World) -> None:
    row = world.begin(job())
    world.run(adopt, world.other, row.id, ME, world.now)
    before = world.snapshot()
    assert world.run(adopt, world.other, row.id, ME, world.now) is None
    world.end(row, A.SUCCESS, owner=world.other)
    assert world.run(adopt, world.me, row.id, OTHER, world.now) is None
    assert len(world.snapshot()["event"]) > len(before["event"])


def test_what_is_being_cancelled_is_adopted_as_such(world: World) -> None:
    row = world.begin(job())
    world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    adopted = world.run(adopt, world.other, row.id, ME, world.now)
    assert adopted is not None
    assert adopted.state is O.CANCELING


def test_a_restart_of_the_machine_is_kept_with_the_tries_in_the_same_transaction(world: World) -> None:
    """Regression: an engine that died between adopting and asking left no trace that the boot was another one."""
    row = world.begin(job())
    world.run(adopt, world.other, row.id, ME, world.now, restarted=True)
    assert world.attempts(row)[0].detail == {HOST_RESTARTED: True}
    assert world.attempts(row)[0].state is A.RUNNING


def test_reaping_what_is_lost_fails_it_as_stale(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a")))
    reaped = reap_now(world, row, evidence(world, row, "a"))
    assert reaped is not None
    assert (reaped.state, reaped.reason, reaped.epoch) == (O.FAILED_STALE, Reason.OWNER_LOST, 2)
    assert reaped.finished_at == world.now
    assert (world.attempts(row, "a")[0].state, world.attempts(row, "a")[0].reason) == (A.LOST, Reason.OWNER_LOST)
    assert {name: run.state for name, run in world.task_runs(row).items()} == {"a": T.FAILED_STALE, "b": T.CANCELED}


def test_lost_work_that_may_run_again_goes_back_with_its_successes(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a"), task("c", "b"), on_lost="rerun"))
    world.end(row, A.SUCCESS, "a")
    reaped = reap_now(world, row, evidence(world, row, "b"))
    assert reaped is not None
    assert (reaped.state, reaped.reason, reaped.owner, reaped.epoch) == (O.PENDING, Reason.RERUN, None, 2)
    assert reaped.started_at is None
    states = {name: run.state for name, run in world.task_runs(row).items()}
    assert states == {"a": T.SUCCESS, "b": T.PENDING, "c": T.PENDING}
    assert world.attempts(row, "b")[0].state is A.LOST


def test_what_was_never_started_runs_again_even_if_the_job_would_not_rerun(world: World) -> None:
    row = world.begin(job())
    reaped = reap_now(world, row, evidence(world, row, never=("dump",)))
    assert reaped is not None
    assert (reaped.state, reaped.reason) == (O.PENDING, Reason.NEVER_STARTED)
    (attempt,) = world.attempts(row)
    assert (attempt.state, attempt.counted) == (A.NOT_STARTED, False)
    handled = world.claim(row)
    assert handled.progress is not None
    assert world.attempts(row)[-1].number == 2


def test_one_task_that_may_not_run_again_is_enough(world: World) -> None:
    again = {"settings": {"on_lost": "rerun"}}
    row = world.begin(job(task("a", **again), task("b")))
    reaped = reap_now(world, row, evidence(world, row, "a", "b"))
    assert reaped is not None
    assert reaped.state is O.FAILED_STALE


def test_what_is_being_cancelled_never_runs_again(world: World) -> None:
    row = world.begin(job(on_lost="rerun"))
    world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    reaped = reap_now(world, row, evidence(world, row, "dump"))
    assert reaped is not None
    assert reaped.state is O.FAILED_STALE


@pytest.mark.parametrize("change", ["adopted", "epoch", "ended"])
def test_the_evidence_is_repeated_in_the_guard(world: World, change: str) -> None:
    row = world.begin(job())
    seen = evidence(world, row, "dump", epoch=0 if change == "epoch" else 1)
    if change == "adopted":
        world.run(adopt, world.other, row.id, ME, world.now)
    elif change == "ended":
        world.end(row, A.SUCCESS)
    before = world.snapshot()
    assert reap_now(world, row, seen) is None
    assert world.snapshot() == before


def test_a_running_try_that_the_evidence_does_not_name_stops_the_reaping(world: World) -> None:
    """Regression: it was called lost, and its task run again, without anybody having looked."""
    row = world.begin(job(task("a"), task("b")))
    before = world.snapshot()
    assert reap_now(world, row, evidence(world, row, never=("a",))) is None
    assert world.snapshot() == before


def test_only_planned_tries_are_never_reaped(world: World) -> None:
    row = world.begin(job(task("dump", settings={"retry_policy.max_retries": 1})))
    world.end(row, A.FAILED, reason=Reason.TASK_FAILED)
    before = world.snapshot()
    planned = world.attempts(row)[-1]
    assert reap_now(world, row, Evidence(ME, 1, frozenset({planned.id}), frozenset())) is None
    assert world.snapshot() == before


def test_a_planned_try_beside_a_lost_one_has_not_started(world: World) -> None:
    row = world.begin(job(task("a", settings={"retry_policy.max_retries": 1}), task("b")))
    world.end(row, A.FAILED, "a", reason=Reason.TASK_FAILED)
    reaped = reap_now(world, row, evidence(world, row, "b"))
    assert reaped is not None
    assert [attempt.state for attempt in world.attempts(row, "a")] == [A.FAILED, A.NOT_STARTED]
    assert world.task_runs(row)["a"].state is T.FAILED_STALE


def test_reaping_wakes_the_queue(world: World) -> None:
    definition = job(overlap_policy="queue")
    row = world.begin(definition)
    waiting = world.handle_next(definition)
    reap_now(world, row, evidence(world, row, "dump"))
    assert world.occurrence(waiting).state is O.PENDING


def test_what_goes_back_keeps_its_place_before_the_queue(world: World) -> None:
    definition = job(overlap_policy="queue", on_lost="rerun")
    row = world.begin(definition)
    waiting = world.handle_next(definition)
    reap_now(world, row, evidence(world, row, "dump"))
    assert world.occurrence(row).state is O.PENDING
    assert world.occurrence(waiting).state is O.QUEUED


@pytest.mark.parametrize("settings", [{}, {"start_deadline": 60.0}])
def test_what_is_to_run_again_was_taken_and_has_begun_in_time(world: World, settings: dict[str, Any]) -> None:
    """Regression: lost after the time that its request was valid, or its deadline, it was called expired, or missed."""
    definition = job(on_lost="rerun", **settings)
    world.publish(definition)
    row = world.trigger(definition, UUID(int=7))
    world.claim(row)
    world.later(hours=2)
    reap_now(world, row, evidence(world, row, "dump"))
    assert world.occurrence(row).state is O.PENDING
    world.claim(row)
    assert world.occurrence(row).state is O.RUNNING


def test_what_never_began_has_its_start_deadline_still(world: World) -> None:
    definition = job(start_deadline=60.0)
    row = world.begin(definition)
    reap_now(world, row, evidence(world, row, never=("dump",)))
    world.later(minutes=2)
    world.claim(row)
    assert (world.occurrence(row).state, world.occurrence(row).reason) == (O.MISSED, Reason.TOO_LATE)


def test_what_is_lost_again_and_again_is_run_again_so_often_and_no_more(world: World) -> None:
    row = world.begin(job(on_lost="rerun", max_reruns=1))
    for state in (O.PENDING, O.FAILED_STALE):
        reaped = reap_now(world, row, evidence(world, row, "dump", epoch=world.occurrence(row).epoch))
        assert reaped is not None
        assert reaped.state is state
        world.claim(row)


def test_a_restart_of_the_machine_says_nothing_of_tries_that_had_ended(world: World) -> None:
    row = world.begin(job(task("a"), task("b", "a")))
    world.end(row, A.SUCCESS, "a")
    world.run(adopt, world.other, row.id, ME, world.now, restarted=True)
    assert [world.attempts(row, name)[0].detail for name in ("a", "b")] == [{}, {HOST_RESTARTED: True}]
