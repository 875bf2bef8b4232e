"""What retention deletes: all of a family or nothing, in one transaction that looks again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.policies import Keep
from jobistemer_tui.domain.records import Event, LogChunk, MissedRange, Notification, NotificationState, Occurrence
from jobistemer_tui.domain.states import AttemptState, Reason
from jobistemer_tui.engine import control
from jobistemer_tui.engine.retention import Family
from jobistemer_tui.engine.transactions.clear import (
    CHUNKS_AT_ONCE,
    attempts_of,
    clear,
    clear_events,
    clear_ranges,
    last_old_event,
    log_size,
    read_families,
)
from jobistemer_tui.engine.transactions.pull_back import pull_back
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_ID,
    CHUNKS_BY_ATTEMPT,
    EVENTS_BY_SEQUENCE,
    LOG_CHUNKS,
    MISSED_RANGES,
    NOTIFICATIONS,
    OCCURRENCES,
    RANGES_BY_JOB,
    TASK_RUNS_BY_ID,
)
from tests.support.engine_world import World, job
from tests.support.sample_records import sample_attempt, sample_occurrence, sample_task_run

LIMITED = Keep(1.0, 1, 1)


def ended(world: World) -> Occurrence:
    row = world.begin(job())
    world.end(row, AttemptState.SUCCESS)
    return world.occurrence(row)


def found(world: World) -> list[Family]:
    return world.raw.read(lambda reader: read_families(reader, job().id, LIMITED))


def delete(world: World, some: list[Family]) -> int:
    return world.run(clear, job().id, some, now=world.now, actor="me")


def is_there(world: World, row: Occurrence) -> bool:
    return world.raw.read(lambda reader: reader.get(OCCURRENCES, row.id)) is not None


def test_everything_below_a_run_goes_with_it_and_the_audit_says_so(world: World) -> None:
    row = ended(world)
    families = found(world)
    attempts = world.raw.read(lambda reader: attempts_of(reader, families))
    assert attempts == [attempt.id for attempt in world.attempts(row)]
    pieces = [LogChunk(attempts[0], "output.log", number, 1, "") for number in range(2 * CHUNKS_AT_ONCE + 1)]
    world.run(lambda tx: [tx.insert(LOG_CHUNKS, piece) for piece in pieces])
    assert delete(world, families) == 1
    assert not is_there(world, row)
    for index in (TASK_RUNS_BY_ID, ATTEMPTS_BY_ID, CHUNKS_BY_ATTEMPT):
        assert world.raw.read(lambda reader, index=index: reader.count(index)) == 0  # type: ignore[misc]  # either index
    (event,) = world.events("runs_cleared")
    assert (event.detail["runs"], event.actor) == (1, "me")
    assert delete(world, families) == 0, "a second time finds nothing"


def test_what_was_pinned_or_replayed_in_between_stays(world: World) -> None:
    row = ended(world)
    families = found(world)
    world.run(control.pin, row.id, pinned=True, now=world.now, actor="me")
    assert delete(world, families) == 0
    world.run(control.pin, row.id, pinned=False, now=world.now, actor="me")
    world.run(control.replay, row.id, world.request(1, reason="x"))
    assert delete(world, families) == 0
    assert is_there(world, row)


@pytest.mark.parametrize("state", [NotificationState.WAITING, NotificationState.QUEUED])
def test_a_run_that_somebody_is_still_to_be_told_of_stays(world: World, state: NotificationState) -> None:
    """Regression: what waited behind an earlier line to the same receiver went with its run, and was never sent."""
    row = ended(world)
    told = Notification(
        UUID(int=5), row.job_id, row.id, "mail", state, world.now, world.now + timedelta(hours=1)
    )  # fmt: skip
    world.raw.write(lambda tx: tx.insert(NOTIFICATIONS, told))
    assert delete(world, found(world)) == 0
    world.raw.write(lambda tx: tx.replace(NOTIFICATIONS, told, replace(told, state=NotificationState.SENT)))
    assert delete(world, found(world)) == 1
    assert world.raw.read(lambda reader: reader.get(NOTIFICATIONS, told.id)) is None


def test_a_run_whose_instant_is_still_to_come_stays(world: World) -> None:
    """Regression: after a clock was set back and nobody was awake, the instant had no row, and ran a second time."""
    row = ended(world)
    world.now = row.scheduled_at - timedelta(minutes=5)
    assert world.run(pull_back, world.me, row.job_id, world.now)
    families = found(world)
    world.later(hours=3)
    assert delete(world, families) == 0
    assert is_there(world, row)


def test_an_instant_that_was_cleared_away_can_be_backfilled_under_its_own_id(world: World) -> None:
    row = ended(world)
    delete(world, found(world))
    world.later(minutes=1)
    plan = world.raw.read(
        lambda reader: control.plan_backfill(reader, job().id, row.scheduled_at, row.scheduled_at, world.now)
    )
    (made,) = world.run(control.backfill, plan, world.request(1))
    assert made.id == row.id


def test_the_size_of_a_log_is_what_is_kept_of_it() -> None:
    run = sample_task_run(sample_occurrence())
    assert log_size(sample_attempt(run)) == 0
    detail: dict[str, Any] = {"output_bytes": 100, "dropped_bytes": 30}
    assert log_size(sample_attempt(run, detail=detail)) == 70


def test_old_ranges_of_missed_instants_go(world: World) -> None:
    world.publish(job())
    old = MissedRange(job().id, world.now - timedelta(days=9), world.now - timedelta(days=8), 5, Reason.DOWNTIME)
    new = replace(old, from_at=world.now - timedelta(days=2), to_at=world.now)
    world.raw.write(lambda tx: [tx.insert(MISSED_RANGES, missed) for missed in (old, new)])
    assert world.run(clear_ranges, job().id, world.now - timedelta(days=7)) == 1
    assert world.raw.read(lambda reader: reader.scan(RANGES_BY_JOB, job().id)) == [new]


def old_until(world: World, before: datetime) -> int | None:
    return world.raw.read(lambda reader: last_old_event(reader, before, world.now, enough=100))


def test_old_events_go_and_numbers_go_on(world: World) -> None:
    def append(tx: Any) -> int:
        number: int = tx.append(Event(world.now, "tested", "test"))
        return number

    first = world.raw.write(append)
    assert old_until(world, world.now) is None
    assert old_until(world, world.now + timedelta(seconds=1)) == first
    assert world.run(clear_events, first) == first
    assert world.raw.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE)) == []
    assert world.raw.write(append) > first


def test_events_that_a_clock_ahead_has_dated_go_with_those_around_them(world: World) -> None:
    """Regression: one that was dated a year ahead kept everything after it for that year."""
    ahead, old, new = world.now + timedelta(days=365), world.now - timedelta(days=400), world.now
    dated = [*[ahead] * 3, *[old] * 3, *[ahead] * 600, *[old] * 2, *[ahead] * 2, *[new] * 2]
    world.raw.write(lambda tx: [tx.append(Event(at, "tested", "test")) for at in dated])
    while (until := old_until(world, world.now - timedelta(days=30))) is not None:
        world.run(clear_events, until)
    left = world.raw.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))
    assert [event.at for event in left] == [ahead, ahead, new, new]
