"""Watching real files: every way in which an editor or a tool changes them leads to a rescan."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobistemer_tui.domain.clock import Reading, SystemClock
from jobistemer_tui.jobfiles import watch as watching
from jobistemer_tui.jobfiles.watch import watch
from jobistemer_tui.jobfiles.watch_targets import find_targets
from tests.support.wait_until import wait_until_async


class Rescans:
    """Counts what `watch` yields."""

    def __init__(self) -> None:
        self.count = 0
        self.stop = asyncio.Event()

    async def run(self, *paths: Path) -> None:
        async for _ in watch(paths, stop=self.stop, clock=SystemClock()):
            self.count += 1

    async def next_after(self, before: int) -> None:
        await wait_until_async(lambda: self.count > before, what=f"a rescan after the {before}th")


@asynccontextmanager
async def watched(*paths: Path) -> AsyncIterator[Rescans]:
    rescans = Rescans()
    task = asyncio.create_task(rescans.run(*paths))
    try:
        await rescans.next_after(0)
        yield rescans
    finally:
        rescans.stop.set()
        await asyncio.wait_for(task, 120)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter settling, so that the tests need not wait as long as a person may."""
    monkeypatch.setattr(watching, "SETTLED", timedelta(milliseconds=150))
    monkeypatch.setattr(watching, "LONGEST_SETTLING", timedelta(milliseconds=600))


pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    result = tmp_path / "above" / "jobs"
    result.mkdir(parents=True)
    (result / "a.toml").write_text("")
    return result


async def test_one_rescan_at_the_start(folder: Path) -> None:
    async with watched(folder) as rescans:
        assert rescans.count == 1


async def test_a_file_written_in_place(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder / "a.toml").write_text("x = 1")
        await rescans.next_after(1)


async def test_a_file_saved_by_rename(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder / ".a.toml.swp").write_text("x = 1")
        (folder / ".a.toml.swp").rename(folder / "a.toml")
        await rescans.next_after(1)


async def test_a_file_deleted(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder / "a.toml").unlink()
        await rescans.next_after(1)


async def test_a_single_file_saved_by_rename_again_and_again(folder: Path) -> None:
    async with watched(folder / "a.toml") as rescans:
        for number in range(3):
            before = rescans.count
            (folder / "new").write_text(f"x = {number}")
            (folder / "new").rename(folder / "a.toml")
            await rescans.next_after(before)


async def test_a_file_saved_as_vim_does_with_a_backup(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder / "a.toml").rename(folder / "a.toml~")
        (folder / "a.toml").write_text("x = 1")
        (folder / "a.toml~").unlink()
        await rescans.next_after(1)


async def test_a_file_whose_permissions_change(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder / "a.toml").chmod(0o666)
        await rescans.next_after(1)


async def test_a_name_that_is_not_utf_8_does_not_end_the_watch(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "RESCAN", timedelta(hours=1))
    async with watched(folder) as rescans:
        (folder / os.fsdecode(b"\xfe.toml")).write_text("")
        await rescans.next_after(2)  # one for that, and one since the watch was set anew
        (folder / "a.toml").write_text("x = 1")
        await rescans.next_after(3)


async def test_a_folder_of_links_exchanged_as_kubernetes_does(folder: Path) -> None:
    _data(folder, 1)
    (folder / "..data").symlink_to("..1")
    (folder / "b.toml").symlink_to("..data/b.toml")
    async with watched(folder) as rescans:
        for number in (2, 3):
            await _rest(rescans)
            before = rescans.count
            _exchange(folder, number)
            await rescans.next_after(before)


async def test_a_folder_that_is_a_link_exchanged_for_another(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        _data(tmp_path, number)
    link = tmp_path / "jobs"
    link.symlink_to("..1")
    async with watched(link) as rescans:
        for number in (2, 3):
            before = rescans.count
            (tmp_path / "new").symlink_to(f"..{number}")
            (tmp_path / "new").rename(link)
            await rescans.next_after(before)
            await _written_until_noticed(rescans, tmp_path / f"..{number}" / "b.toml", 9)


async def test_a_folder_that_is_exchanged_for_another(tmp_path: Path) -> None:
    jobs, other = tmp_path / "jobs", tmp_path / "other"
    jobs.mkdir()
    other.mkdir()
    async with watched(jobs) as rescans:
        before = rescans.count
        jobs.rename(tmp_path / "old")
        other.rename(jobs)
        await rescans.next_after(before)
        await _written_until_noticed(rescans, jobs / "b.toml", 9)


def _data(folder: Path, number: int) -> None:
    (folder / f"..{number}").mkdir()
    (folder / f"..{number}" / "b.toml").write_text(f"x = {number}")


def _exchange(folder: Path, number: int) -> None:
    _data(folder, number)
    (folder / "..data_tmp").symlink_to(f"..{number}")
    (folder / "..data_tmp").rename(folder / "..data")


async def test_a_folder_moved_in_with_its_files(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "team.d").mkdir()
    (tmp_path / "team.d" / "b.yaml").write_text("")
    async with watched(folder) as rescans:
        (tmp_path / "team.d").rename(folder / "team.d")
        await rescans.next_after(1)
        before = rescans.count
        (folder / "team.d" / "b.yaml").write_text("jobs: {}")
        await rescans.next_after(before)


async def test_the_folder_deleted_and_made_again_is_still_watched(folder: Path) -> None:
    async with watched(folder) as rescans:
        for number in range(2):
            before = rescans.count
            _remake(folder)
            await rescans.next_after(before)
            await _written_until_noticed(rescans, folder / "b.toml", number)


async def test_the_folder_above_deleted_and_made_again_is_still_watched(folder: Path) -> None:
    async with watched(folder) as rescans:
        before = rescans.count
        shutil.rmtree(folder.parent)
        await rescans.next_after(before)
        before = rescans.count
        _make(folder)
        await rescans.next_after(before)
        await _written_until_noticed(rescans, folder / "b.toml", 1)


async def test_a_path_that_does_not_exist_yet(tmp_path: Path) -> None:
    missing = tmp_path / "later" / "jobs"
    async with watched(missing) as rescans:
        _make(missing)
        await rescans.next_after(1)
        await _written_until_noticed(rescans, missing / "a.toml", 1)


async def _written_until_noticed(rescans: Rescans, file: Path, number: int) -> None:
    """Wait until the watches have come to rest, so that only the write itself can explain the next rescan."""
    await _rest(rescans)
    before = rescans.count
    _write(file, f"x = {number}")
    await rescans.next_after(before)


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def _make(folder: Path) -> None:
    folder.mkdir(parents=True)


def _remake(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


async def _rest(rescans: Rescans) -> None:
    quiet = SystemClock()
    seen = -1
    while seen != rescans.count:
        seen = rescans.count
        await quiet.wait(asyncio.Event(), quiet.now() + timedelta(seconds=0.5))


async def test_what_happens_beside_the_path_is_not_noticed(folder: Path) -> None:
    async with watched(folder) as rescans:
        (folder.parent / "other.log").write_text("noise")
        (folder.parent / "other").mkdir()
        (folder / ".hidden.toml").write_text("")
        (folder / "backup.toml~").write_text("")
        await _rest(rescans)
        assert rescans.count == 1


async def test_many_writes_in_a_row_are_one_rescan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SETTLED", "LONGEST_SETTLING"):  # a slow machine may tell of them one after another
        monkeypatch.setattr(watching, name, timedelta(seconds=1.5))
    async with watched(folder) as rescans:
        for number in range(50):
            (folder / f"{number}.toml").write_text("")
        await rescans.next_after(1)
        await _rest(rescans)
        assert rescans.count == 2


async def test_writes_without_end_are_rescanned_all_the_same(folder: Path) -> None:
    async with watched(folder) as rescans:
        writing = asyncio.create_task(_write_for_ever(folder / "a.toml"))
        try:
            await rescans.next_after(2)
        finally:
            writing.cancel()


async def _write_for_ever(file: Path) -> None:
    quiet = SystemClock()
    while True:
        _write(file, "x = 1")
        await quiet.wait(asyncio.Event(), quiet.now() + timedelta(seconds=0.03))


class JumpingClock:
    """A clock on which every wait is over at once; remembers until when."""

    def __init__(self) -> None:
        self.wall = self.begin = datetime(2026, 1, 1, tzinfo=UTC)
        self.waits: list[timedelta] = []

    def now(self) -> datetime:
        return self.wall

    def read(self) -> Reading:
        passed = (self.wall - self.begin).total_seconds()
        return Reading(self.wall, passed, passed)

    async def wait(self, event: asyncio.Event, until: datetime | None) -> bool:
        await asyncio.sleep(0)
        assert until is not None
        if event.is_set():
            return True
        self.waits.append(until - self.wall)
        self.wall = until
        return False


async def test_every_thirty_seconds_anyway_also_where_nothing_can_be_watched(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def no_watches(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(watching, "awatch", no_watches)
    clock, stop = JumpingClock(), asyncio.Event()
    count = 0
    async for _ in watch([folder], stop=stop, clock=clock):
        count += 1
        if count == 4:
            stop.set()
    assert clock.waits == [timedelta(milliseconds=150), *[timedelta(seconds=30)] * 3]
    assert [record.message for record in caplog.records].count(
        "job files are not watched, only read every 30 s: [Errno 28] No space left on device"
    ) in (1, 2)


async def test_it_looks_again_as_soon_as_it_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "awatch", _nothing)
    clock, stop = JumpingClock(), asyncio.Event()
    waits = iter([timedelta(seconds=5), timedelta(seconds=5), watching.RESCAN])
    count = 0
    async for _ in watch([folder], stop=stop, clock=clock, again=lambda: next(waits)):
        count += 1
        if count == 3:
            stop.set()
    assert clock.waits == [timedelta(milliseconds=150), *[timedelta(seconds=5)] * 1, watching.RESCAN]


async def _nothing(*_: object, **__: object) -> AsyncIterator[set[object]]:
    await asyncio.Event().wait()
    yield set()


async def test_it_ends_at_once_when_it_is_stopped(folder: Path) -> None:
    stop = asyncio.Event()
    stop.set()
    assert [_ async for _ in watch([folder], stop=stop, clock=SystemClock())] == []


def test_a_missing_path_is_awaited_in_the_nearest_folder(tmp_path: Path) -> None:
    targets = find_targets([str(tmp_path / "a" / "b" / "c.toml")])
    assert targets.within == frozenset()
    assert targets.beside == frozenset([str(tmp_path)])
    assert targets.is_relevant_beside(str(tmp_path / "a"), written=False)
    assert not targets.is_relevant_beside(str(tmp_path / "ab"), written=False)


def test_nothing_is_watched_beside_a_folder(tmp_path: Path) -> None:
    """The store is usually there, and every write to it was a notice that cost an engine under load a fortieth."""
    assert find_targets([str(tmp_path)]).beside == frozenset()
