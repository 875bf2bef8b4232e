"""What a person does is dated by the store's clock, where the machine's own is one by which no engine would run."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.operations.acting_clock import ActingClock, acting_clock
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import EVENTS_BY_SEQUENCE, OCCURRENCES_BY_JOB
from tests.operations.local_operations import FixedClock, operations_on
from tests.support.engine_world import START, World, job

NAME = job().name


class Timed(MemoryStore):
    """A store whose server has a clock."""

    there: datetime = START

    def server_time(self) -> datetime:
        return self.there


@pytest.mark.parametrize(("off", "shown"), [(-421, 0), (-31, 0), (-30, -30), (0, 0), (30, 30), (31, 0), (99_999, 0)])
async def test_it_is_the_servers_where_ours_is_far_from_it(off: int, shown: int) -> None:
    clock = FixedClock(START + timedelta(seconds=off))
    acting = acting_clock(Timed(), clock)
    assert acting.now() == START + timedelta(seconds=shown)
    reading = acting.read()
    assert reading.wall == acting.now()
    assert isinstance(reading, Reading)
    event = asyncio.Event()
    event.set()
    assert await acting.wait(event, None)


def test_a_store_without_a_clock_goes_by_ours() -> None:
    clock = FixedClock(START)
    assert acting_clock(MemoryStore(), clock) is clock


@pytest.fixture
def behind(tmp_path: Path) -> LocalOperations:
    """Operations of a person whose clock is seven minutes behind; the job has been edited and stopped by the right one.

    It hands over at 06:00 (`graceful`).
    """
    store = Timed()
    world = World(store)
    world.publish(job(schedule="0 * * * *"))
    world.publish(job(schedule="*/5 * * * *", update_policy="graceful"))
    operations_on(store, tmp_path, FixedClock(START)).stop(NAME)
    assert isinstance(acting_clock(store, FixedClock()), ActingClock)
    return operations_on(store, tmp_path, FixedClock(START - timedelta(minutes=7)))


def test_a_start_by_a_clock_that_is_behind_takes_nothing_back(behind: LocalOperations) -> None:
    """Regression: it took the engines' clocks for wrong, and the hand-over of the schedule was forgotten."""
    behind.start(NAME)
    (planned,) = behind._store.read(lambda reader: reader.scan(OCCURRENCES_BY_JOB, job().id))
    assert planned.scheduled_at == (START + timedelta(hours=1)).replace(minute=0, second=0)
    kinds = [event.kind for event in behind._store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))]
    assert "clock_went_back" not in kinds


def test_each_act_is_dated_by_the_servers_clock(behind: LocalOperations) -> None:
    behind.start(NAME)
    behind.pause(NAME)
    behind.resume(NAME)
    behind.skip(NAME)
    behind.unskip(NAME)
    behind.snooze(NAME, until=START + timedelta(hours=2))
    behind.unsnooze(NAME)
    behind.pause_all()
    behind.resume_all()
    behind.undo(behind.last_act())
    events = behind._store.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))
    assert {event.at for event in events} == {START}
    assert len(events) >= 12


def test_a_person_can_ask_by_what_time_acts_are_dated(behind: LocalOperations) -> None:
    assert behind.acting_time() == START
    assert behind.now() == START - timedelta(minutes=7)
