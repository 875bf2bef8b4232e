"""Instants that passed during a pause are skipped for it, whether or not each has a row of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import MissedRange, Pause
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine import control, older_instants, recovery
from jobistemer_tui.engine.transactions.resolve_gap import read_gap, resolve_gap
from jobistemer_tui.storage.tables import PAUSES, RANGES_BY_JOB
from tests.support.engine_world import World, job
from tests.support.world_ticker import ticker_of


@pytest.fixture(autouse=True)
def few_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recovery, "MAX_ROWS", 4)


def ranges(world: World, definition: JobDefinition) -> list[MissedRange]:
    return world.store.read(lambda reader: reader.scan(RANGES_BY_JOB, definition.id))


def pause(world: World, definition: JobDefinition, until: datetime | None) -> None:
    world.run(control.pause, definition.id, now=world.now, until=until, reason=None, actor="eva")


def test_of_a_job_that_was_paused_all_the_time_nothing_is_missed(world: World) -> None:
    """Regression: the older ones were missed, and a notification told of them."""
    definition = job(notify=[{"on": ["missed"], "mail": {"to": ["me@x"]}}])
    world.publish(definition)
    pause(world, definition, None)
    world.later(minutes=10)
    world.resolve(definition)
    assert {(row.state, row.reason) for row in world.rows(definition) if row.scheduled_at < world.now} == {
        (O.SKIPPED, Reason.PAUSED)
    }
    assert [(each.count, each.reason) for each in ranges(world, definition)] == [(5, Reason.PAUSED)]
    assert world.notifications(definition) == []
    assert "missed" not in world.tally(definition).counts


def test_a_pause_that_ended_meanwhile_cuts_them(world: World) -> None:
    definition = job(recovery_strategy="compressed")
    world.publish(definition)
    began = world.now
    pause(world, definition, world.now + timedelta(minutes=3))
    world.later(minutes=10)
    recovered = world.resolve(definition)
    assert [(each.count, each.reason) for each in ranges(world, definition)] == [
        (2, Reason.PAUSED),  # and the first has a row
        (3, Reason.COMPRESSED_INTO),
    ]
    assert recovered is not None
    assert recovered.window["count"] == 7
    assert recovered.window["start"] == (began + timedelta(minutes=3)).isoformat().replace("+00:00", "Z")
    (told,) = world.events("gap_resolved")
    assert told.detail["instants"] == 10


def not_now(*arguments: Any) -> int:
    raise AssertionError("they were counted as the gap was read")


def test_those_that_are_cut_are_not_counted_while_the_store_is_locked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    definition = job(schedule=["*/2 * * * *", "1-59/2 * * * *"])
    world.publish(definition)
    pause(world, definition, world.now + timedelta(minutes=3))
    world.later(minutes=10)
    reading = world.raw.read(lambda reader: read_gap(reader, world.me, definition.id, awake=world.now, now=world.now))
    passed = world.raw.read(lambda reader: control.unhandled(reader, definition.id, world.now))
    monkeypatch.setattr(older_instants, "count_slots", not_now)
    world.run(resolve_gap, world.me, reading, reason=Reason.DOWNTIME, now=world.now, due_at=world.now)
    assert [each.count for each in ranges(world, definition)] == [2, 3]
    assert passed.cut == reading.gap.cut


def test_those_that_another_pause_cuts_since_are_counted_anew(world: World) -> None:
    definition = job()
    world.publish(definition)
    began = world.now
    world.later(minutes=10)
    reading = world.raw.read(lambda reader: read_gap(reader, world.me, definition.id, awake=world.now, now=world.now))
    world.run(lambda tx: tx.insert(PAUSES, Pause(definition.id, began, began + timedelta(minutes=3), "holiday")))
    world.run(resolve_gap, world.me, reading, reason=Reason.DOWNTIME, now=world.now, due_at=world.now)
    assert [(each.count, each.reason) for each in ranges(world, definition)] == [
        (2, Reason.PAUSED), (3, Reason.DOWNTIME)
    ]  # fmt: skip


def test_stopping_a_job_skips_what_passed_before_for_its_pause(world: World) -> None:
    definition = job()
    world.publish(definition)
    pause(world, definition, world.now + timedelta(minutes=3))
    world.later(minutes=10)
    ticker_of(world, definition).stop()
    assert [(each.count, each.reason) for each in ranges(world, definition)] == [
        (2, Reason.PAUSED), (3, Reason.STOPPED)
    ]  # fmt: skip


@pytest.mark.parametrize(("reason", "state"), [(Reason.STOPPED, O.SKIPPED), (Reason.ASLEEP, O.MISSED)])
def test_a_backfill_leaves_what_it_runs_again_as_skipped_as_it_was(world: World, reason: Reason, state: O) -> None:
    """Regression: what a stop had skipped became missed."""
    definition = job()
    world.publish(definition)
    begin = world.now
    world.later(minutes=10)
    if reason is Reason.STOPPED:
        ticker_of(world, definition).stop()
    else:
        world.resolve(definition, reason=reason)
    plan = world.store.read(
        lambda reader: control.plan_backfill(
            reader, definition.id, begin + timedelta(minutes=2), begin + timedelta(minutes=3), world.now
        )
    )
    (made,) = world.run(control.backfill, plan, world.request(1))
    assert made.replay_of is not None
    original = world.occurrence(made.replay_of)
    assert (original.state, original.reason) == (state, reason)
