"""How many jobs a sweep looks at: all of them, unless there are so many that it would take long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine import store_calls, sweep
from jobistemer_tui.engine.control.runs import Request, trigger
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_DUE
from tests.support.engine_home import EngineHome
from tests.support.engine_world import World, job
from tests.support.factories import add, make_occurrence
from tests.support.fake_supervisor import FakeSupervisor
from tests.support.manual_clock import ManualClock
from tests.support.turning_engine import TurningEngine


async def test_each_sweep_looks_at_the_next_jobs_and_none_is_left_out(
    home: EngineHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: ten thousand jobs were read three times every five seconds, and nothing was started meanwhile."""
    looks: list[list[str]] = []
    real = sweep._next_jobs

    def next_jobs(*arguments: object, **named: object) -> object:
        found = real(*arguments, **named)  # type: ignore[arg-type]  # whatever it is given
        looks.append([job.key for job in found])
        return found

    monkeypatch.setattr(sweep, "JOBS_A_SWEEP", 2)
    monkeypatch.setattr(sweep, "_next_jobs", next_jobs)
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        home.job(name, schedule="0 0 1 1 *")
    await home.start()
    for name in names:
        (row,) = home.rows(name)
        home.store.write(lambda tx, row=row: tx.delete(OCCURRENCES, row.id))  # type: ignore[misc]  # bound per row
    looks.clear()
    await home.until(lambda: all(home.rows(name) for name in names), step=5.0)
    assert max(map(len, looks)) == 2


async def test_each_sweep_says_of_the_next_rows_why_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: thousands that waited were each looked at in every sweep, and hardly any could be started."""
    monkeypatch.setattr(sweep, "WAITING_A_SWEEP", 2)
    store = MemoryStore()
    world = World(store)
    for name in "abcde":
        world.publish(job(name=name, schedule=None))
        request = Request(UUID(int=ord(name)), world.now, "me", world.now + timedelta(hours=1))
        store.write(partial(trigger, job=job_id(name), request=request))
    engine = TurningEngine(store, ManualClock(world.now), FakeSupervisor(), slots=0)
    await engine.begin()

    def explained() -> int:
        rows = store.read(lambda reader: reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.PENDING))
        return sum(row.reason is Reason.NO_SLOT for row in rows)

    counts = []
    for _ in range(3):
        await engine.sweep()
        counts.append(explained())
    assert counts == [2, 4, 5]
    await engine.close()


@pytest.mark.parametrize("oddity", [LookupError, TypeError])
async def test_queues_are_woken_together_and_a_bad_job_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, oddity: type[Exception]
) -> None:
    """Regression: each job whose queue may go on waited for a commit of its own; then all else for all of theirs."""
    store = MemoryStore()
    world = World(store)
    for name in "abc":
        definition = job(name=name, schedule=None)
        world.publish(definition)
        add(store, make_occurrence(world.the_job(definition), world.now, OccurrenceState.QUEUED, sequence=1))
    awaited: list[Any] = []
    together: list[int] = []
    submit = StoreCalls.submit

    def submitted(calls: StoreCalls, work: Any) -> Any:
        answer = submit(calls, work)
        if getattr(work, "func", None) is wake:
            awaited.append(answer)
            together.append(sum(not one.done() for one in awaited))
        return answer

    def wake(*arguments: Any, job_id: UUID, **named: Any) -> None:
        if job_id == broken:
            raise oddity("its version is gone")
        real(*arguments, job_id=job_id, **named)

    real, broken = sweep._wake, job_id("a")
    monkeypatch.setattr(store_calls, "TOGETHER", 2)
    monkeypatch.setattr(sweep, "_wake", wake)
    monkeypatch.setattr(StoreCalls, "submit", submitted)
    engine = TurningEngine(store, ManualClock(world.now), FakeSupervisor(), slots=0)
    await engine.begin()
    await engine.sweep()
    assert (len(awaited), max(together)) == (3, 2)
    waiting = store.read(lambda reader: reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.PENDING))
    assert {row.job_id for row in waiting} == {job_id("b"), job_id("c")}
    assert all(row.detail == {"waits_for": "no_slot"} for row in waiting), "a promoted one says for what it waits now"
    assert world.the_job(job(name="a")).error == "its version is gone"
    await engine.close()


async def test_what_waits_says_so_when_nothing_at_all_may_be_started() -> None:
    """Regression: it went on to say that all slots were taken, when the disk was full and nothing ran any more."""
    world = World(MemoryStore())
    world.publish(job(schedule=None))
    row = world.trigger(job(), UUID(int=7))
    engine = TurningEngine(world.raw, ManualClock(world.now), FakeSupervisor(), slots=0)
    await engine.begin()
    for no_slot, reason in ((None, Reason.NO_SLOT), (Reason.NO_SPACE, Reason.NO_SPACE), (None, Reason.NO_SLOT)):
        engine.owner = replace(engine.owner, no_slot=no_slot)
        await engine.sweep()
        assert world.occurrence(row).reason is reason
    await engine.close()
    world.raw.close()
