"""What a change of files did is one event, which the screen shows."""

from __future__ import annotations

from jobistemer_tui.domain.file_plan import FilePlan, JobChange
from jobistemer_tui.engine.file_changes import MOST_JOBS, FileChange
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.operations.queries_status import last_change
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import SOURCE, World, job
from tests.support.manual_clock import ManualClock


def sourced(name: str, **values: object) -> SourcedJob:
    return SourcedJob(job(name=name, **values), SOURCE.path, 1, SOURCE.root)


async def told(world: World, *found: SourcedJob, failed: tuple[str, ...] = ()) -> FilePlan | None:
    change = FileChange(StoreCalls(world.store, ManualClock(world.now)), world.now)
    await change.foresee(found)
    await change.tell("engine", failed)
    return world.store.read(last_change)


async def test_only_what_changes_is_told() -> None:
    world = World(MemoryStore())
    assert await told(world) is None
    world.publish(job(name="a"))
    plan = await told(world, sourced("a"), sourced("b"), sourced("c"), failed=("c",))
    assert plan is not None
    assert [(one.job, one.change) for one in plan.jobs] == [("b", JobChange.ADDED)]
    assert plan.at == world.now


async def test_many_are_counted() -> None:
    plan = await told(World(MemoryStore()), *(sourced(f"job{number}") for number in range(MOST_JOBS + 3)))
    assert plan is not None
    assert (len(plan.jobs), plan.more) == (MOST_JOBS, 3)


async def test_what_cannot_be_foreseen_is_done_all_the_same() -> None:
    assert await told(World(MemoryStore()), sourced("a", schedule="not a schedule")) is None
