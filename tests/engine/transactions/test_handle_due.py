"""Transaction 1: each instant gets exactly one fate when its time comes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

import pytest

from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.common import Moved
from jobistemer_tui.engine.transactions.handle_due import handle_due
from jobistemer_tui.engine.transactions.publish import retire
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES, Table
from tests.support.engine_world import ME, World, job, task


def test_a_free_job_starts_with_its_task_runs_and_first_tries(world: World) -> None:
    definition = job(task("a"), task("b"), task("c", "a"), execution_timeout=1800.0)
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at
    handled = world.handle(row)
    assert handled.progress is not None
    assert [launch.task.name for launch in handled.progress.launches] == ["a", "b"]
    started = world.occurrence(row)
    assert (started.state, started.owner, started.epoch) == (O.RUNNING, ME, 1)
    assert (started.started_at, started.handled_at) == (world.now, world.now)
    assert started.deadline_at == world.now + timedelta(minutes=30)
    runs = world.task_runs(row)
    assert {name: run.state for name, run in runs.items()} == {
        "a": TaskRunState.RUNNING, "b": TaskRunState.RUNNING, "c": TaskRunState.PENDING,
    }  # fmt: skip
    assert [attempt.state for attempt in world.attempts(row, "a")] == [AttemptState.RUNNING]
    assert world.attempts(row, "c") == []


def test_the_cursor_moves_and_the_next_instant_is_planned(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.handle_next(definition)
    assert world.the_job(definition).cursor_at == row.scheduled_at
    assert world.planned(definition).scheduled_at == row.scheduled_at + timedelta(minutes=1)


def test_what_is_between_a_late_row_and_a_marked_one_gets_its_fate_in_any_order(world: World) -> None:
    """Regression: the marked row, handled first, took the cursor past an instant that had no row yet."""
    definition = job(overlap_policy="allow")
    world.publish(definition)
    late = world.planned(definition)
    world.now = late.due_at + timedelta(seconds=90)
    marked = world.run(control.skip_next, definition.id, now=world.now, actor="me")
    assert marked.scheduled_at - late.scheduled_at == timedelta(minutes=2)
    world.now = marked.due_at
    world.handle(marked)
    assert world.the_job(definition).cursor_at < late.scheduled_at
    world.handle(late)
    between = world.planned(definition)
    assert between.scheduled_at - late.scheduled_at == timedelta(minutes=1)
    world.handle(between)
    assert world.planned(definition).scheduled_at > marked.scheduled_at
    assert world.occurrence(marked).state is O.SKIPPED


def test_the_last_run_is_handed_to_the_next(world: World) -> None:
    definition = job()
    first = world.begin(definition)
    assert first.last_run_at is None
    world.end(first, AttemptState.SUCCESS)
    assert world.handle_next(definition).last_run_at == first.started_at


CASES = [
    ("skip", O.SKIPPED, Reason.OVERLAP),
    ("queue", O.QUEUED, Reason.OVERLAP),
    ("replace", O.QUEUED, Reason.REPLACING),
    ("allow", O.RUNNING, None),
]


@pytest.mark.parametrize(("policy", "state", "reason"), CASES)
def test_overlap_with_one_that_runs(world: World, policy: str, state: O, reason: Reason | None) -> None:
    definition = job(overlap_policy=policy)
    first = world.begin(definition)
    second = world.handle_next(definition)
    assert (second.state, second.reason) == (state, reason)
    if state is O.SKIPPED or policy == "queue":
        assert second.detail == {"blocked_by": str(first.id)}
    assert (second.finished_at is not None) == (state is O.SKIPPED)
    assert world.occurrence(first).state is (O.CANCELING if policy == "replace" else O.RUNNING)
    assert world.planned(definition).scheduled_at > second.scheduled_at


WAITING_CASES = [*CASES[:2], ("replace", O.PENDING, Reason.PROMOTED), ("allow", O.PENDING, Reason.NO_SLOT)]


@pytest.mark.parametrize(("policy", "state", "reason"), WAITING_CASES)
def test_overlap_with_one_that_waits_for_a_slot(world: World, policy: str, state: O, reason: Reason) -> None:
    world.slots = 0
    definition = job(overlap_policy=policy)
    world.publish(definition)
    first = world.handle_next(definition)
    assert (first.state, first.reason) == (O.PENDING, Reason.NO_SLOT)
    second = world.occurrence(world.handle_next(definition))
    assert (second.state, second.reason) == (state, reason)
    assert world.occurrence(first).state is (O.CANCELED if policy == "replace" else O.PENDING)


def test_a_full_queue_skips(world: World) -> None:
    definition = job(overlap_policy="queue", queue_limit=1)
    world.begin(definition)
    assert world.handle_next(definition).state is O.QUEUED
    third = world.handle_next(definition)
    assert (third.state, third.reason) == (O.SKIPPED, Reason.QUEUE_FULL)


def test_a_third_one_replaces_the_one_that_waits_to_replace(world: World) -> None:
    definition = job(overlap_policy="replace")
    first = world.begin(definition)
    second, third = world.handle_next(definition), world.handle_next(definition)
    assert world.occurrence(first).state is O.CANCELING
    assert (world.occurrence(second).state, world.occurrence(second).reason) == (O.CANCELED, Reason.REPLACED)
    assert world.occurrence(third).state is O.QUEUED


def test_the_queue_is_first_in_first_out(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.begin(definition)
    waiting = [world.handle_next(definition) for _ in range(3)]
    assert [row.sequence for row in waiting] == [1, 2, 3]


@pytest.mark.parametrize("no_slot", [Reason.NO_SUPERVISOR, None])
def test_without_a_slot_it_waits_and_the_next_instant_is_planned_all_the_same(
    world: World, no_slot: Reason | None
) -> None:
    world.no_slot, world.slots = no_slot, 8 if no_slot else 0
    definition = job()
    world.publish(definition)
    row = world.handle_next(definition)
    assert (row.state, row.reason) == (O.PENDING, no_slot or Reason.NO_SLOT)
    assert world.planned(definition).scheduled_at == row.scheduled_at + timedelta(minutes=1)


def test_slots_are_shared_by_all_jobs_of_an_engine(world: World) -> None:
    world.slots = 1
    one, two = job(name="one"), job(name="two")
    world.publish(two)
    world.begin(one)
    assert world.handle_next(two).state is O.PENDING


def pause(world: World, key: UUID, **delta: float) -> None:
    until = world.now + timedelta(**delta) if delta else None
    world.run(control.pause, key, now=world.now, until=until, reason="holidays", actor="me")


def test_an_instant_during_a_pause_is_skipped_whatever_runs(world: World) -> None:
    definition = job(overlap_policy="replace")
    first = world.begin(definition)
    pause(world, definition.id)
    row = world.handle_next(definition)
    assert (row.state, row.reason, row.detail) == (O.SKIPPED, Reason.PAUSED, {"reason": "holidays"})
    assert world.occurrence(first).state is O.RUNNING
    assert world.planned(definition).scheduled_at > row.scheduled_at


def test_a_pause_ends_by_itself_at_its_instant(world: World) -> None:
    definition = job()
    world.publish(definition)
    pause(world, definition.id, seconds=90)
    assert world.handle_next(definition).state is O.SKIPPED
    assert world.the_job(definition).paused_at is not None
    assert world.handle_next(definition).state is O.RUNNING
    assert world.the_job(definition).paused_at is None
    assert len(world.events("pause_ended")) == 1


def test_an_instant_before_the_pause_began_is_not_paused(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(seconds=1)
    pause(world, definition.id)
    world.handle(row)
    assert world.occurrence(row).state is O.RUNNING


def test_one_that_is_handled_after_its_start_deadline_is_too_late(world: World) -> None:
    """Regression: the deadline held for what had waited, but not for an engine that was slow."""
    definition = job(start_deadline=30.0)
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at + timedelta(seconds=31)
    world.handle(row)
    late = world.occurrence(row)
    assert (late.state, late.reason) == (O.MISSED, Reason.TOO_LATE)
    assert world.planned(definition).scheduled_at > row.scheduled_at


def test_nothing_is_handled_before_its_time(world: World) -> None:
    definition = job()
    world.publish(definition)
    before = world.snapshot()
    assert world.handle(world.planned(definition)).occurrence is None
    assert world.snapshot() == before


@pytest.mark.parametrize("policy", ["skip", "queue", "replace", "allow"])
def test_handling_twice_changes_nothing(world: World, policy: str) -> None:
    definition = job(overlap_policy=policy)
    world.begin(definition)
    row = world.handle_next(definition)
    before = world.snapshot()
    assert world.handle(row).occurrence is None
    assert world.handle(row, world.other).occurrence is None
    assert world.snapshot() == before


def test_what_a_person_has_marked_of_a_job_that_is_gone_waits_for_its_return(world: World) -> None:
    """Regression: found due just before its job was retired, it then waited for ever."""
    definition = job()
    world.publish(definition)
    until = world.now + timedelta(minutes=5)
    marked = world.run(control.snooze, definition.id, until=until, now=world.now, actor="me")
    world.run(retire, world.me, definition.id, world.now)
    world.now = marked.due_at
    before = world.snapshot()
    assert world.handle(marked).occurrence is None
    assert world.snapshot() == before


def test_of_two_engines_one_has_the_row(world: World) -> None:
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at
    futures = [
        world.store.submit(partial(handle_due, owner=owner, occurrence_id=row.id, now=world.now))
        for owner in (world.me, world.other)
    ]
    handled = [future.result() for future in futures]
    assert [item.occurrence is not None for item in handled] == [True, False]
    assert world.occurrence(row).epoch == 1
    assert len(world.attempts(row)) == 1


def test_a_row_that_moved_after_it_was_read_undoes_the_whole_transaction(world: World) -> None:
    """On a store whose readers do not wait for writers, a guarded write may find another state."""
    definition = job()
    world.publish(definition)
    row = world.planned(definition)
    world.now = row.due_at
    before = world.snapshot()

    def raced(tx: Transaction) -> None:
        handle_due(cast("Transaction", _ComesTooLate(tx)), world.me, row.id, world.now)

    with pytest.raises(Moved):
        world.store.write(raced)
    assert world.snapshot() == before


class _ComesTooLate:
    """A transaction in which every guarded write of an occurrence finds that the row has moved on."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def __getattr__(self, name: str) -> object:
        return getattr(self._tx, name)

    def replace(self, table: Table[Any], old: object, new: object) -> bool:
        return table is not OCCURRENCES and self._tx.replace(table, old, new)


def test_the_last_instant_finishes_the_schedule(world: World) -> None:
    definition = job(schedule={"once": "2026-03-02T06:00:00Z"})
    world.publish(definition)
    row = world.planned(definition)
    assert not world.the_job(definition).finished, "its one instant is still to come"
    world.now = row.due_at
    world.handle(row)
    assert world.rows(definition) == [world.occurrence(row)]
    assert world.the_job(definition).finished


def test_an_instant_that_has_a_fate_already_is_passed_over(world: World) -> None:
    """The clock was set back: what was handled is not handled again."""
    definition = job()
    first = world.begin(definition)
    second = world.handle_next(definition)
    assert second.scheduled_at > first.scheduled_at
    assert world.planned(definition).scheduled_at == second.scheduled_at + timedelta(minutes=1)
    assert len({row.id for row in world.rows(definition)}) == 3
