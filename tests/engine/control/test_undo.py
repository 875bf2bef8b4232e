"""Undo: each act taken back, once, and refused where it is too late."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from jobistemer_tui.domain.records import Event, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.ticker import Ticker
from jobistemer_tui.errors import NotFound, Refused
from tests.support.engine_world import START, World, job
from tests.support.world_ticker import ticker_of

FIVE = timedelta(minutes=5)
FIRST, SECOND, THIRD = (START + timedelta(seconds=30 + 60 * number) for number in range(3))
Prepared = list[Callable[[Ticker], object]]


def state(world: World) -> tuple[bool, bool, str | None, list[tuple[int, Reason | None]]]:
    """Stopped, paused, why, and every planned row with its mark."""
    gate: Job = world.the_job(job())
    rows = [(row.scheduled_at.minute, row.reason) for row in world.rows(job(), O.PLANNED)]
    return gate.stopped, gate.paused_at is not None, gate.pause_reason, rows


ACTS: dict[str, tuple[Prepared, Callable[[Ticker], object]]] = {
    "stop": ([], lambda t: t.stop("why")),
    "stop with marks": ([lambda t: t.skip(THIRD), lambda t: t.snooze(START + FIVE)], lambda t: t.stop()),
    "start": ([lambda t: t.stop()], lambda t: t.start()),
    "pause": ([], lambda t: t.pause("night")),
    "pause for a while": ([], lambda t: t.pause(None, START + FIVE)),
    "pause again": ([lambda t: t.pause("night", START + 2 * FIVE)], lambda t: t.pause("longer")),
    "resume": ([lambda t: t.pause("night", START + FIVE)], lambda t: t.resume()),
    "skip": ([], lambda t: t.skip_next("why")),
    "skip of a snoozed one": ([lambda t: t.snooze(START + FIVE)], lambda t: t.skip_next()),
    "unskip": ([lambda t: t.skip_next()], lambda t: t.unskip()),
    "snooze": ([], lambda t: t.snooze(START + FIVE)),
    "snooze again": ([lambda t: t.snooze(START + FIVE)], lambda t: t.snooze(START + 2 * FIVE)),
    "unsnooze": ([lambda t: t.snooze(START + FIVE)], lambda t: t.unsnooze()),
}


@pytest.mark.parametrize("name", ACTS)
def test_each_act_is_taken_back_by_whoever_opens_the_store_next(world: World, name: str) -> None:
    definition = job()
    world.publish(definition)
    before, act = ACTS[name]
    ticker = ticker_of(world, definition)
    for prepare in before:
        prepare(ticker)
    was = state(world)
    act(ticker)
    changed = state(world)
    assert changed != was or name in ("snooze again",)
    world.later(seconds=1)
    undone = ticker_of(world, definition, actor="bob").undo()
    assert state(world) == was
    assert (undone.actor, undone.job) == ("eva", "backup")
    event = world.events("undone")[-1]
    assert (event.actor, event.detail["undoes"], event.detail["by"]) == ("bob", undone.sequence, "eva")


def test_undo_again_takes_back_the_one_before(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.skip_next()
    ticker.pause("night")
    ticker.stop()
    kinds = [ticker.undo().kind for _ in range(3)]
    assert kinds == ["job_stopped", "job_paused", "run_skipped"]
    with pytest.raises(Refused, match="nothing to undo"):
        ticker.undo()


def test_an_act_is_taken_back_once(world: World) -> None:
    """A key that is pressed twice names the same act twice."""
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause("first")
    ticker.stop()
    act = world.raw.read(lambda reader: control.last_act(reader, definition.id))
    passed = world.raw.read(lambda reader: control.unhandled(reader, definition.id, world.now))
    for _ in range(2):
        world.run(control.undo, act.sequence, passed=passed, now=world.now, actor="eva")
    assert not world.the_job(definition).stopped
    assert world.the_job(definition).pause_reason == "first"
    assert len(world.events("undone")) == 1


@pytest.mark.parametrize("sequence", [1, 999])
def test_what_is_no_act_cannot_be_undone(world: World, sequence: int) -> None:
    definition = job()
    world.publish(definition)
    passed = world.raw.read(lambda reader: control.unhandled(reader, definition.id, world.now))
    with pytest.raises(NotFound):
        world.run(control.undo, sequence, passed=passed, now=world.now, actor="eva")


def test_of_all_jobs_the_newest_act_is_meant(world: World) -> None:
    one, other = job(name="one"), job(name="other")
    for definition in (one, other):
        world.publish(definition)
    ticker_of(world, one).stop()
    ticker_of(world, other).pause()
    for number in range(600):  # more than a page of what is no act
        world.trigger(other, UUID(int=number + 1))
    assert world.raw.read(lambda reader: control.last_act(reader, None)).job == "other"
    assert world.raw.read(lambda reader: control.last_act(reader, one.id)).kind == "job_stopped"


def test_the_end_of_a_pause_by_itself_is_nobodys_act(world: World) -> None:
    """Regression: the engine's own line in the audit was taken for the newest act."""
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.skip(THIRD)
    ticker.pause(None, FIRST)
    world.now = FIRST
    world.handle(world.rows(definition, O.PLANNED)[0])
    assert not ticker.is_paused()
    with pytest.raises(Refused, match="changed since"):
        ticker.undo()


def test_a_pause_that_has_ended_is_not_taken_back(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause(None, START + timedelta(seconds=10))
    world.later(seconds=11)
    with pytest.raises(Refused, match="ended by itself"):
        ticker.undo()


def test_a_resume_is_not_taken_back_after_the_end_that_the_pause_had(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.pause(None, START + timedelta(seconds=10))
    ticker.resume()
    world.later(seconds=11)
    with pytest.raises(Refused, match="would have ended by now"):
        ticker.undo()
    assert not ticker.is_paused()


@pytest.mark.parametrize("act", ["skip", "snooze"])
def test_a_mark_is_not_taken_back_once_its_run_has_happened_or_is_gone(world: World, act: str) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    if act == "skip":
        ticker.skip_next()
        world.handle_next(definition)
    else:
        ticker.snooze(START + FIVE)
        world.publish(job(schedule="30 * * * *"))
    with pytest.raises(Refused, match="changed or has happened"):
        ticker.undo()


def test_undoing_a_snooze_of_what_waits_lets_it_wait_as_before(world: World) -> None:
    definition = job(overlap_policy="queue")
    world.begin(definition)
    row: Occurrence = world.handle_next(definition)
    ticker = ticker_of(world, definition)
    ticker.snooze(world.now + FIVE)
    ticker.undo()
    again = world.occurrence(row)
    assert (again.state, again.reason, again.detail, again.due_at) == (row.state, row.reason, row.detail, row.due_at)


def test_undoing_a_stop_begins_at_now_and_gives_back_marks_that_are_to_come(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.skip(FIRST)
    ticker.skip(THIRD)
    ticker.stop()
    world.now = SECOND
    ticker.undo()
    assert state(world)[3] == [(3, Reason.SKIPPED_BY_USER)]
    assert world.the_job(definition).cursor_at == SECOND


def test_undoing_a_stop_after_an_edit_gives_back_only_what_the_schedule_has(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.skip_next()
    ticker.stop()
    world.publish(job(schedule="30 * * * *"))
    ticker.undo()
    assert state(world)[3] == [(30, None)]


def test_undoing_a_start_skips_what_no_engine_has_come_to(world: World) -> None:
    definition = job()
    world.publish(definition)
    ticker = ticker_of(world, definition)
    ticker.stop()
    ticker.start()
    world.later(minutes=2)
    ticker.undo()
    assert [row.reason for row in world.rows(definition)] == [Reason.STOPPED, Reason.STOPPED]


def test_what_was_done_together_is_found_together(world: World) -> None:
    batch = UUID(int=5)
    for name in ("one", "two", "three"):
        world.publish(job(name=name))
    ticker_of(world, job(name="two")).pause("by itself")
    for name in ("one", "two", "three"):
        world.run(control.pause, job(name=name).id, now=world.now, until=None, reason=None, actor="eva", batch=batch)
    last = world.raw.read(lambda reader: control.last_act(reader, None))
    together = world.raw.read(lambda reader: control.acts_of_batch(reader, last))
    assert sorted(act.job for act in together) == ["one", "three"]
    ticker_of(world, job(name="two")).resume()
    single = world.raw.read(lambda reader: control.last_act(reader, None))
    assert world.raw.read(lambda reader: control.acts_of_batch(reader, single)) == [single]


def test_undoing_a_resume_of_all_lets_the_next_one_end_it(world: World) -> None:
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="eva", batch=UUID(int=1))
    world.later(seconds=1)
    world.run(control.resume, definition.id, now=world.now, actor="eva", batch=UUID(int=2))
    ticker_of(world, definition).undo()
    assert world.the_job(definition).paused_at is not None
    world.run(control.resume, definition.id, now=world.now, actor="eva", batch=UUID(int=3))
    assert world.the_job(definition).paused_at is None


def test_an_act_is_found_however_much_has_happened_since(world: World) -> None:
    """Regression: what lay more than 10,000 events back could not be taken back."""
    definition = job()
    world.publish(definition)
    world.run(control.pause, definition.id, now=world.now, until=None, reason=None, actor="eva", batch=UUID(int=1))
    others = [Event(at=world.now, kind="file_refused", actor="engine", detail={})] * 10_001
    world.raw.write(lambda tx: [tx.append(event) for event in others])
    last = world.raw.read(lambda reader: control.last_act(reader, None))
    assert [act.job for act in world.raw.read(lambda reader: control.acts_of_batch(reader, last))] == ["backup"]
