"""Room on the disk: the watermark below which nothing is started, and the reserve for terminal states."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobistemer_tui.domain.states import OccurrenceState as O
from jobistemer_tui.domain.states import Reason
from jobistemer_tui.engine.disk import RESERVE, RESERVE_NAME, Disk, free_bytes
from jobistemer_tui.errors import StoreFull
from jobistemer_tui.operations.queries_status import engine_status
from tests.engine.test_node import trigger
from tests.support.engine_home import EngineHome

MIB = 2**20
STEP = 0.05


class Free:
    """How much is free, as the test says."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __call__(self, folder: Path) -> int:
        if not folder.exists():
            raise FileNotFoundError(folder)
        return self.value


def test_the_file_system_with_the_least_room_decides(tmp_path: Path) -> None:
    room = {tmp_path: 300 * MIB, tmp_path / "attempts": 100 * MIB}
    disk = Disk(list(room), 200 * MIB, read=lambda folder: room[folder])
    assert (disk.free(), disk.is_low) == (100 * MIB, True)
    room[tmp_path / "attempts"] = 200 * MIB
    assert not disk.is_low


def test_what_cannot_be_asked_is_not_low(tmp_path: Path) -> None:
    disk = Disk([tmp_path / "none"], 200 * MIB, read=Free(0))
    assert (disk.free(), disk.is_low) == (None, False)
    disk.keep_reserve()
    assert not disk.give_up_reserve()


def test_the_reserve_is_real_and_given_up_once(tmp_path: Path) -> None:
    free = Free(200 * MIB + RESERVE)
    disk = Disk([tmp_path], 200 * MIB, read=free)
    disk.keep_reserve()
    disk.keep_reserve()
    reserve = tmp_path / RESERVE_NAME
    assert reserve.stat().st_blocks * 512 >= RESERVE
    assert reserve.stat().st_mode & 0o777 == 0o600
    assert disk.give_up_reserve()
    assert not disk.give_up_reserve()
    free.value -= 1
    disk.keep_reserve()
    assert not reserve.exists(), "it would eat the room that it is for"


def test_off_is_off(tmp_path: Path) -> None:
    disk = Disk([tmp_path], 0, read=Free(0))
    disk.keep_reserve()
    assert not disk.is_low
    assert list(tmp_path.iterdir()) == []


def test_a_reserve_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    Disk([tmp_path], MIB, read=Free(9 * MIB)).keep_reserve()
    assert list(tmp_path.iterdir()) == []


def test_the_real_reading(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0


async def test_nothing_is_started_on_little_room_and_all_of_it_when_there_is_more(home: EngineHome) -> None:
    free = Free(199 * MIB)
    home.job("backup", schedule=None)
    node = await home.start(min_free=200 * MIB, free_bytes=free)
    trigger(home, "backup")
    node.wake()
    await home.until(lambda: [row.reason for row in home.rows("backup")] == [Reason.NO_SPACE], step=STEP)
    status = home.store.read(lambda reader: engine_status(reader, home.nodes))
    assert status.trouble is Reason.NO_SPACE
    await home.quiet()
    assert home.rows("backup", O.PENDING)
    free.value = 300 * MIB
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=1.0)
    assert home.store.read(lambda reader: engine_status(reader, home.nodes)).trouble is None
    assert [kind for kind in home.kinds() if kind.startswith("space")] == ["space_low", "space_back"]


async def test_a_full_disk_costs_the_reserve_and_no_outcome(home: EngineHome) -> None:
    gate = home.folder / "gate"
    home.job("backup", f"until test -e {gate}; do sleep 0.02; done", schedule=None)
    free = Free(300 * MIB)
    node = await home.start(min_free=200 * MIB, free_bytes=free)
    reserve = home.nodes / RESERVE_NAME
    assert reserve.exists()
    trigger(home, "backup")
    node.wake()
    await home.until(lambda: home.rows("backup", O.RUNNING))

    def full_while_reserved() -> None:
        if reserve.exists():
            raise StoreFull("no space is left")

    home.store.fail = full_while_reserved
    free.value = 0
    gate.touch()
    await home.until(lambda: home.rows("backup", O.COMPLETED), step=STEP)
    assert not reserve.exists()
    free.value = 300 * MIB
    home.store.fail = lambda: None
    await home.until(reserve.exists, step=1.0)
