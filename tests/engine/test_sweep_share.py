"""How many jobs a sweep looks at: all of them, unless there are so many that it would take long."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from jobistemer_tui.domain.identity import job_id
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine import sweep
from jobistemer_tui.engine.control.runs import Request, trigger
from jobistemer_tui.storage.memory import MemoryStore
from jobistemer_tui.storage.tables import OCCURRENCES, OCCURRENCES_BY_DUE
from tests.support.engine_home import EngineHome
from tests.support.engine_world import World, job
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
