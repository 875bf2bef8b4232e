"""What holds when the machine sleeps, the store fails or others write between the reading of a file and its edit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.reloader import Reloader
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.transactions.common import write_job
from jobistemer_tui.engine.transactions.publish import Source, publish, retire
from jobistemer_tui.engine.transactions.resolve_gap import GapReading
from jobistemer_tui.engine.unchanged import settle
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.errors import StoreUnavailable
from jobistemer_tui.jobfiles.reading import Reading
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.memory import MemoryStore
from tests.support.engine_world import START, World, job, task
from tests.support.manual_clock import ManualClock
from tests.support.simulated_jobs import SimulatedFiles

HOURLY = "0 * * * *"


@dataclass
class Reloading:
    """A reloader over files that exist in memory only."""

    world: World = field(default_factory=lambda: World(MemoryStore()))
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    files: SimulatedFiles = field(default_factory=SimulatedFiles)
    loaded: Loaded = field(default_factory=Loaded)

    def __post_init__(self) -> None:
        self.reloader = Reloader(
            StoreCalls(self.world.store, self.clock), self.clock, self.loaded, lambda: self.world.me,
            Wakefulness(self.clock.read()), self.files,
        )  # fmt: skip

    async def save(self, definition: JobDefinition) -> None:
        """Write a job's file and let the reloader look."""
        self.files.write(definition)
        await self.reloader.reload()


@pytest.fixture
def reloading() -> Reloading:
    return Reloading()


async def test_an_edit_right_after_sleep_resolves_the_gap_first(reloading: Reloading) -> None:
    await reloading.save(job())
    reloading.clock.sleep(190)
    await reloading.save(job(schedule=HOURLY))
    rows = reloading.world.rows(job())
    assert [(row.state, row.reason) for row in rows] == [
        (O.MISSED, Reason.ASLEEP), (O.MISSED, Reason.ASLEEP), (O.PENDING, Reason.SPREAD), (O.PLANNED, None),
    ]  # fmt: skip


async def test_an_edit_whose_answer_is_lost_is_published_once_and_loaded(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reloading.save(job())
    reloading.clock.sleep(190)
    lose_an_answer(reloading, monkeypatch, after=1)
    saving = asyncio.ensure_future(reloading.save(job(schedule=HOURLY)))
    while not saving.done():
        reloading.clock.advance(0.1)
        await asyncio.sleep(0)
    await saving
    assert reloading.world.the_job(job()).version == 2
    assert job().id in reloading.loaded


def lose_an_answer(reloading: Reloading, monkeypatch: pytest.MonkeyPatch, *, after: int) -> None:
    """So many transactions are answered, and the next one is written and its answer lost."""
    submit, answers = reloading.world.store.submit, iter([True] * after + [False])

    def losing(work: Callable[[Transaction], Any]) -> Future[Any]:
        done = submit(work)
        if not next(answers, True):
            assert done.exception() is None
            raise StoreUnavailable("the answer is lost")
        return done

    monkeypatch.setattr(reloading.world.store, "submit", losing)


async def test_a_gate_that_moves_under_an_edit_is_read_anew(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reloading.save(job())
    reloading.clock.sleep(190)
    gap_of, moves = reloading.reloader._gap_of, [reloading.clock.now()]

    async def moved_after(*arguments: Any) -> GapReading | None:
        gap = await gap_of(*arguments)
        if moves:
            set_cursor(reloading.world, moves.pop())
        return gap

    monkeypatch.setattr(reloading.reloader, "_gap_of", moved_after)
    await reloading.save(job(schedule=HOURLY))
    assert reloading.world.the_job(job()).version == 2


async def test_what_was_read_before_another_engine_published_is_not_published_over_it(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Regression: one that had lost its lock put the older text in force, and its successor knew its file as read."""
    await reloading.save(job())
    older, newer, read = job(schedule=HOURLY), job(schedule=HALF_HOURLY), reloading.files.read

    def read_too_early(*arguments: Any) -> Reading:
        reading = read(*arguments)
        reloading.files.write(newer)
        reloading.world.publish(newer)
        return reading

    with monkeypatch.context() as patched:
        patched.setattr(reloading.files, "read", read_too_early)
        await reloading.save(older)
    assert reloading.world.the_job(job()).content_hash == newer.content_hash
    assert "version 2 is in force, version 1 was read" in caplog.text
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).version == 2


async def test_an_edit_that_was_taken_back_when_another_engine_looked_is_not_published(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: one that had lost its lock published it for good, as its successor had nothing to publish."""
    await reloading.save(job())
    successor = Reloading(reloading.world, reloading.clock, reloading.files)
    gap_of = reloading.reloader._gap_of

    async def taken_back_meanwhile(*arguments: Any) -> GapReading | None:
        await successor.save(job())
        return await gap_of(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(reloading.reloader, "_gap_of", taken_back_meanwhile)
        await reloading.save(job(schedule=HOURLY))
    assert reloading.world.the_job(job()).version == 1
    await reloading.save(job(schedule=HOURLY))
    assert reloading.world.the_job(job()).version == 2


async def test_what_another_machine_has_at_the_same_path_keeps_no_job_from_being_published(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: nodes that were started together did not run their jobs until the next scan."""
    other = Reloading(reloading.world, reloading.clock)
    other.files.write(job(name="other"))
    reloading.files.write(job())
    [path], [theirs] = reloading.files.readings, other.files.readings.values()
    other.files.readings = {path: replace(theirs, path=path, jobs=(replace(theirs.jobs[0], path=path),))}
    gap_of = reloading.reloader._gap_of

    async def noted_meanwhile(*arguments: Any) -> GapReading | None:
        if job(name="other").id not in other.loaded:
            await other.reloader.load()
        return await gap_of(*arguments)

    monkeypatch.setattr(reloading.reloader, "_gap_of", noted_meanwhile)
    await reloading.reloader.load()
    assert job().id in reloading.loaded
    assert job(name="other").id in other.loaded


def set_cursor(world: World, at: datetime) -> None:
    """Somebody else has handled what was due."""
    old = world.the_job(job())
    world.run(write_job, old, replace(old, cursor_at=at))


async def test_what_could_not_be_published_is_tried_again_at_the_next_scan(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await reloading.save(job())
    with monkeypatch.context() as patched:
        patched.setattr("jobistemer_tui.engine.reloader.publish", broken)
        await reloading.save(job(schedule=HOURLY))
    assert reloading.world.the_job(job()).version == 1
    assert "job backup" in caplog.text
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).version == 2


async def test_nothing_is_remembered_of_a_publication_that_was_undone(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wrote in the same group has read the new version; its number then went to another text."""
    await reloading.save(job())
    definitions = reloading.world.definitions

    def undone(transaction: Transaction, *arguments: Any, **named: Any) -> None:
        publish(transaction, *arguments, **named)
        definitions.of(transaction, job().id, 2)
        raise RuntimeError("the commit failed")

    with monkeypatch.context() as patched:
        patched.setattr("jobistemer_tui.engine.reloader.publish", undone)
        await reloading.save(job(schedule=HOURLY))
    await reloading.save(job(schedule=HALF_HOURLY))
    in_force = reloading.world.store.read(lambda reader: definitions.of(reader, job().id, 2))
    assert in_force.schedule == HALF_HOURLY


THREE_HOURS = 3 * 3600.0
HALF_HOURLY = "*/30 * * * *"


async def test_an_edit_of_the_schedule_waits_until_a_long_gap_may_be_judged(
    reloading: Reloading, caplog: pytest.LogCaptureFixture
) -> None:
    """Regression: it resolved the gap at once, by a clock that may have been wrong (hazard 14)."""
    await reloading.save(job(schedule=HALF_HOURLY))
    reloading.clock.set_wall(THREE_HOURS)
    for _ in range(2):
        await reloading.save(job(schedule=HOURLY))
        assert reloading.reloader.looks_again_soon
    assert reloading.world.the_job(job()).version == 1
    assert [row.state for row in reloading.world.rows(job())] == [O.PLANNED]
    assert caplog.text.count("steady for a minute") == 1
    reloading.clock.advance(61)
    assert await reloading.reloader.reload()
    assert [row.state for row in reloading.world.rows(job())] == [O.MISSED] * 5 + [O.PENDING, O.PLANNED]
    assert not reloading.reloader.looks_again_soon


async def test_an_edit_that_waited_while_the_clock_was_wrong_neither_fires_nor_misses(reloading: Reloading) -> None:
    await reloading.save(job(schedule=HALF_HOURLY))
    reloading.clock.set_wall(THREE_HOURS)
    await reloading.save(job(schedule=HOURLY))
    reloading.clock.set_wall(-THREE_HOURS)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).version == 2
    assert [row.state for row in reloading.world.rows(job())] == [O.PLANNED]


async def test_an_edit_of_something_else_is_published_at_once_and_leaves_the_gap(reloading: Reloading) -> None:
    await reloading.save(job(schedule=HALF_HOURLY))
    cursor = reloading.world.the_job(job()).cursor_at
    reloading.clock.set_wall(THREE_HOURS)
    await reloading.save(job(task("other"), schedule=HALF_HOURLY))
    assert (reloading.world.the_job(job()).version, reloading.world.the_job(job()).cursor_at) == (2, cursor)
    assert [row.state for row in reloading.world.rows(job())] == [O.PLANNED]
    reloading.clock.advance(61)  # until the clock is steady
    reloading.world.now = reloading.clock.now()
    assert reloading.world.resolve(job(schedule=HALF_HOURLY)) is not None


async def test_a_file_that_vanishes_takes_its_job_away_once_a_long_gap_may_be_judged(reloading: Reloading) -> None:
    await reloading.save(job(schedule=HALF_HOURLY))
    reloading.files.remove("backup")
    reloading.clock.set_wall(THREE_HOURS)
    for _ in range(3):
        await reloading.reloader.reload()
        reloading.clock.advance(6)
    assert reloading.world.the_job(job()).retired_at is None
    reloading.clock.advance(60)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is not None
    assert {row.state for row in reloading.world.rows(job())} == {O.MISSED, O.CANCELED}


@pytest.mark.parametrize("by_seconds", [-600, 600])
async def test_a_clock_that_is_set_changes_nothing_about_how_long_a_file_is_gone(
    reloading: Reloading, by_seconds: int
) -> None:
    await reloading.save(job())
    reloading.files.remove("backup")
    await reloading.reloader.reload()
    reloading.clock.set_wall(by_seconds)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is None
    reloading.clock.advance(6)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is not None


async def taken_away(reloading: Reloading) -> Job:
    """A job whose file is gone, and which was retired."""
    await reloading.save(job())
    reloading.files.remove("backup")
    for _ in range(2):
        await reloading.reloader.reload()
        reloading.clock.advance(6)
    await reloading.reloader.reload()
    retired = reloading.world.the_job(job())
    assert retired.retired_at is not None
    return retired


async def test_what_another_engine_found_to_be_gone_meanwhile_does_not_return(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: that one looked no more for the job, which one without its lock had brought back."""
    retired = await taken_away(reloading)
    forget = partial(settle, roots=[retired.source_root], here={}, left=(), conditions="", actor="me", now=START)
    gap_of = reloading.reloader._gap_of

    async def gone_meanwhile(*arguments: Any) -> GapReading | None:
        reloading.world.run(forget)
        return await gap_of(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(reloading.reloader, "_gap_of", gone_meanwhile)
        await reloading.save(job())
    assert reloading.world.the_job(job()).retired_at is not None
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is None


async def test_a_job_that_returns_while_its_file_is_found_to_be_gone_is_retired_again(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: the same, the one without its lock a moment earlier."""
    retired = await taken_away(reloading)
    source = Source(retired.source_path, 1, retired.source_root)
    await reloading.save(job())
    reloading.world.run(retire, reloading.world.me, retired.id, reloading.clock.now())
    reloading.files.remove("backup")
    settle_all = reloading.reloader._settle

    async def returned_before(*arguments: Any) -> None:
        reloading.world.publish(job(), source)
        await settle_all(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(reloading.reloader, "_settle", returned_before)
        await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is None
    for _ in range(2):
        await reloading.reloader.reload()
        reloading.clock.advance(6)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job()).retired_at is not None


async def test_a_job_that_cannot_be_retired_keeps_no_other(
    reloading: Reloading, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bad", "good"):
        await reloading.save(job(name=name))
        reloading.files.remove(name)
    broken_job = reloading.world.the_job(job(name="bad"))

    def retire_but(tx: Transaction, owner: Any, job_id: UUID, now: datetime, **more: Any) -> object:
        if job_id == broken_job.id:
            raise ValueError("it cannot be read")
        return retire(tx, owner, job_id, now, **more)

    monkeypatch.setattr("jobistemer_tui.engine.reloader.retire", retire_but)
    for _ in range(2):
        await reloading.reloader.reload()
        reloading.clock.advance(6)
    await reloading.reloader.reload()
    assert reloading.world.the_job(job(name="good")).retired_at is not None


def broken(*_: object, **__: object) -> None:
    raise ValueError("something is wrong with it today")
