"""Slots, processes and tasks side by side: none more than may be, and whatever waits says for what."""

from __future__ import annotations

from typing import Any

import pytest

from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.domain.states import TaskRunState as T
from jobistemer_tui.engine import control
from jobistemer_tui.engine.transactions.advance import Advanced, start_retry, stop_or_expire
from jobistemer_tui.engine.transactions.places import FreePlaces, free_places
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import Index
from tests.support.engine_world import ME, World, job, task

RETRY: dict[str, Any] = {"retry_policy.max_retries": 3, "retry_policy.retry_interval": 60.0}


def free(world: World) -> FreePlaces:
    return world.raw.read(lambda reader: free_places(reader, world.me, world.now))


def fail(world: World, row: Occurrence, name: str = "dump") -> Advanced:
    return world.end(row, A.FAILED, name, reason=Reason.TASK_FAILED)


def retry(world: World, row: Occurrence, name: str = "dump") -> bool:
    """Try to start the newest try of a task, which is planned; whether it started."""
    return world.run(start_retry, world.me, world.attempts(row, name)[-1].id, world.now) is not None


def waits_for(world: World, row: Occurrence, name: str = "dump") -> Reason | None:
    newest = world.attempts(row, name)[-1]
    assert newest.state is A.PLANNED
    return newest.reason


def told(world: World, row: Occurrence) -> dict[str, tuple[T, Reason | None]]:
    return {name: (run.state, run.reason) for name, run in world.task_runs(row).items()}


def test_a_retry_that_comes_back_waits_for_a_slot_and_comes_first(world: World) -> None:
    world.slots = 1
    one, two, three = job(name="one", **RETRY), job(name="two", schedule=None), job(name="three", schedule=None)
    row = world.begin(one)
    world.publish(two)
    world.publish(three)
    fail(world, row)
    assert waits_for(world, row) is Reason.RETRY
    assert free(world) == FreePlaces(1, 1, 64), "its wait frees the slot"
    other = world.trigger(two, world.request(1).id)
    world.claim(other)
    world.later(seconds=60)
    assert not retry(world, row)
    assert waits_for(world, row) is Reason.NO_SLOT
    behind = world.trigger(three, world.request(2).id)
    world.end(other, A.SUCCESS)
    assert free(world) == FreePlaces(0, 1, 64), "the slot is kept for the one that comes back"
    world.claim(behind)
    assert (world.occurrence(behind).state, world.occurrence(behind).reason) == (O.PENDING, Reason.NO_SLOT)
    assert retry(world, row)
    world.end(row, A.SUCCESS)
    world.claim(behind)
    assert world.occurrence(behind).state is O.RUNNING


def test_no_more_processes_run_than_may(world: World) -> None:
    world.processes = 2
    row = world.begin(job(task("a"), task("b"), task("c"), task("d")))
    assert told(world, row) == {
        "a": (T.RUNNING, None), "b": (T.RUNNING, None),
        "c": (T.PENDING, Reason.MAX_ATTEMPTS_RUNNING), "d": (T.PENDING, Reason.MAX_ATTEMPTS_RUNNING),
    }  # fmt: skip
    assert world.task_runs(row)["c"].detail["limit"] == 2
    assert waits_for(world, row, "c") is Reason.MAX_ATTEMPTS_RUNNING
    assert not retry(world, row, "c")
    world.end(row, A.SUCCESS, "a")
    assert retry(world, row, "c")
    assert not retry(world, row, "d")
    world.end(row, A.SUCCESS, "b")
    assert retry(world, row, "d")
    for name in "cd":
        world.end(row, A.SUCCESS, name)
    assert world.occurrence(row).state is O.COMPLETED
    assert [len(world.attempts(row, name)) for name in "abcd"] == [1, 1, 1, 1]


def test_an_occurrence_without_a_process_to_spare_is_not_begun(world: World) -> None:
    world.processes = 1
    one, two = job(name="one"), job(name="two")
    first = world.begin(one)
    world.publish(two)
    second = world.handle_next(two)
    assert (second.state, second.reason) == (O.PENDING, Reason.MAX_ATTEMPTS_RUNNING)
    world.end(first, A.SUCCESS)
    world.claim(second)
    assert world.occurrence(second).state is O.RUNNING


def test_what_waits_for_a_process_keeps_its_slot(world: World) -> None:
    """Else every occurrence would begin, and all of them would wait."""
    world.processes, world.slots = 1, 1
    one, two = job(task("a"), task("b"), name="one"), job(name="two", schedule=None)
    row = world.begin(one)
    world.publish(two)
    world.end(row, A.SUCCESS, "a")
    assert told(world, row)["b"] == (T.PENDING, Reason.MAX_ATTEMPTS_RUNNING)
    assert free(world) == FreePlaces(0, 1, 1)
    waiting = world.trigger(two, world.request(1).id)
    world.claim(waiting)
    assert world.occurrence(waiting).reason is Reason.NO_SLOT
    assert retry(world, row, "b")


def test_a_task_that_is_held_up_ends_with_its_occurrence(world: World) -> None:
    world.processes = 1
    row = world.begin(job(task("a"), task("b")))
    world.run(control.cancel, row.id, now=world.now, actor="me", reason=None)
    world.run(stop_or_expire, world.me, row.id, world.now)
    assert told(world, row)["b"] == (T.CANCELED, Reason.USER)
    assert world.attempts(row, "b")[-1].state is A.CANCELED
    world.end(row, A.CANCELED, "a")
    assert world.occurrence(row).state is O.CANCELED


def test_a_retry_is_no_task_more_than_may_run_side_by_side(world: World) -> None:
    """Regression: a retry that came back was not counted."""
    row = world.begin(job(task("a"), task("b"), task("c"), max_parallel_tasks=1, **RETRY))
    assert told(world, row)["b"] == (T.PENDING, Reason.MAX_PARALLEL_TASKS)
    fail(world, row, "a")
    assert told(world, row)["b"] == (T.RUNNING, None), "while a waits for its retry"
    world.later(seconds=60)
    assert not retry(world, row, "a")
    assert waits_for(world, row, "a") is Reason.MAX_PARALLEL_TASKS
    world.end(row, A.SUCCESS, "b")
    assert told(world, row)["c"] == (T.PENDING, Reason.MAX_PARALLEL_TASKS), "the one that comes back is first"
    assert retry(world, row, "a")


def test_a_task_says_which_tasks_it_waits_for(world: World) -> None:
    row = world.begin(job(task("a"), task("b"), task("c", "a", "b")))
    assert (world.task_runs(row)["c"].reason, world.task_runs(row)["c"].detail) == (Reason.NEEDS, {"needs": ["a", "b"]})
    world.end(row, A.SUCCESS, "a")
    assert world.task_runs(row)["c"].detail == {"needs": ["b"]}
    world.end(row, A.SUCCESS, "b")
    assert (world.task_runs(row)["c"].reason, world.task_runs(row)["c"].detail) == (None, {})


@pytest.mark.parametrize("state", ["no_supervisor", "full"])
def test_nothing_is_free_where_nothing_may_start(world: World, state: str) -> None:
    world.no_slot = Reason.NO_SUPERVISOR if state == "no_supervisor" else None
    world.slots = 0
    assert free(world).occurrences == 0


def test_the_processes_of_another_engine_are_not_counted(world: World) -> None:
    world.processes = 1
    one, two = job(name="one"), job(name="two")
    world.publish(one)
    world.publish(two)
    world.now = world.planned(one).due_at
    world.handle(world.planned(one), world.other)
    assert free(world).attempts == 1
    world.handle(world.planned(two))
    assert free(world).attempts == 0


def test_what_waited_for_a_process_when_its_engine_was_lost_runs_under_the_next(world: World) -> None:
    """Regression: the try that had waited was taken for one that still does, and the task never began."""
    world.processes = 1
    row = world.begin(job(task("a"), task("b"), on_lost="rerun"))
    lost = world.attempts(row, "a")[0]
    world.run(reap, world.other, row.id, Evidence(ME, 1, frozenset({lost.id}), frozenset()), world.now)
    assert told(world, row) == {"a": (T.PENDING, None), "b": (T.PENDING, None)}
    world.processes = 64
    world.claim(row)
    assert told(world, row) == {"a": (T.RUNNING, None), "b": (T.RUNNING, None)}


def test_lost_work_is_released_only_so_often(world: World) -> None:
    row = world.begin(job(on_lost="rerun", max_reruns=1))
    for epoch, state in ((1, O.PENDING), (3, O.FAILED_STALE)):
        lost = world.attempts(row)[-1]
        world.run(reap, world.other, row.id, Evidence(ME, epoch, frozenset({lost.id}), frozenset()), world.now)
        assert world.occurrence(row).state is state
        world.claim(row)


def test_waits_for_a_retry_are_not_read_to_count_the_places() -> None:
    """Regression: with a thousand of them each start took a fifth of a second."""
    store = MemoryStore()
    world = World(store, slots=2)
    patient = {**RETRY, "retry_policy.retry_interval": 86400.0}
    for number in range(50):
        fail(world, world.begin(job(name=f"job{number}", **patient)))
    read: list[int] = []

    class Counted:
        def __init__(self, reader: Reader) -> None:
            self.get, self.count, self._scan, self.scan_part = reader.get, reader.count, reader.scan, reader.scan_part

        def scan(self, index: Index[Any], *equal: Any, **bounds: Any) -> list[Any]:
            read.append(len(found := self._scan(index, *equal, **bounds)))
            return found

    def look(reader: Reader) -> FreePlaces:
        return free_places(Counted(reader), world.me, world.now)

    assert store.read(look) == FreePlaces(2, 2, 64)
    assert sum(read) <= 2, read
    store.close()
