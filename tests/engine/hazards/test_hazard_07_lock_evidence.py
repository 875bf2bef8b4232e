"""Hazard 7: a lock proves something only if it is held on the file that has the name."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from jobistemer_tui.engine.engine_lock import LOCK_NAME, EngineLock, EngineOwner, serving_engine
from jobistemer_tui.errors import AlreadyServed, HomeNotWritable
from tests.support.engine_world import START
from tests.support.wait_until import wait_until

ME = EngineOwner(os.getpid(), "alder", UUID(int=1), START)
HOLD = "import sys, time; sys.stdin.readline()"


def test_the_holder_is_named_to_whoever_comes_second(tmp_path: Path) -> None:
    lock = EngineLock.acquire(tmp_path, ME)
    assert serving_engine(tmp_path) == ME
    with pytest.raises(AlreadyServed, match=f"pid {os.getpid()} on alder") as caught:
        EngineLock.acquire(tmp_path, ME)
    assert caught.value.pid == os.getpid()
    lock.release()
    assert serving_engine(tmp_path) is None


def test_a_missing_file_is_no_evidence_of_anything_and_the_file_stays_after_the_end(tmp_path: Path) -> None:
    assert serving_engine(tmp_path) is None
    EngineLock.acquire(tmp_path, ME).release()
    assert (tmp_path / LOCK_NAME).exists()
    EngineLock.acquire(tmp_path, ME).release()


@pytest.mark.parametrize("how", ["removed", "made anew", "another file in its place", "a link to itself"])
def test_the_holder_notices_that_its_file_is_not_the_one_with_the_name(tmp_path: Path, how: str) -> None:
    lock = EngineLock.acquire(tmp_path, ME)
    assert lock.is_ours()
    path = tmp_path / LOCK_NAME
    if how == "another file in its place":
        other = tmp_path / "other"
        other.touch()
        other.rename(path)
    elif how == "a link to itself":
        path.rename(tmp_path / "moved")
        path.symlink_to(tmp_path / "moved")
    else:
        path.unlink()
        if how == "made anew":
            path.touch()
    assert not lock.is_ours()
    lock.release()


def test_a_lock_won_on_a_file_that_was_replaced_meanwhile_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process unlinks and makes the file between our open and our flock."""
    path = tmp_path / LOCK_NAME
    real, times = fcntl.flock, iter(range(9))

    def replaced_before(descriptor: int, mode: int) -> None:
        if next(times) == 0:
            path.unlink()
            path.touch()
        real(descriptor, mode)

    monkeypatch.setattr(fcntl, "flock", replaced_before)
    lock = EngineLock.acquire(tmp_path, ME)
    monkeypatch.undo()
    assert lock.is_ours()
    assert serving_engine(tmp_path) == ME
    lock.release()


def test_a_lock_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(HomeNotWritable):
        EngineLock.acquire(tmp_path, ME)
    assert not (tmp_path / "elsewhere").exists()


def test_asking_who_serves_never_keeps_an_engine_from_starting(tmp_path: Path) -> None:
    EngineLock.acquire(tmp_path, ME).release()
    asking = os.open(tmp_path / LOCK_NAME, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH | fcntl.LOCK_NB)
    waiting = subprocess.Popen([sys.executable, "-c", _ACQUIRE, str(tmp_path)], cwd=os.getcwd())
    wait_until(lambda: waiting.poll() is not None or _waits(waiting.pid), what="the engine to want the lock")
    os.close(asking)
    assert waiting.wait(60) == 0


_ACQUIRE = """
import sys
from pathlib import Path
from uuid import UUID
from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.engine.engine_lock import EngineLock, EngineOwner
EngineLock.acquire(Path(sys.argv[1]), EngineOwner(1, "x", UUID(int=2), SystemClock().now())).release()
"""


def _waits(pid: int) -> bool:
    """Whether a process has the lock file open."""
    try:
        return any(os.readlink(f"/proc/{pid}/fd/{name}").endswith(LOCK_NAME) for name in os.listdir(f"/proc/{pid}/fd"))
    except OSError:
        return False


def test_children_do_not_inherit_the_lock(tmp_path: Path) -> None:
    lock = EngineLock.acquire(tmp_path, ME)
    child = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, close_fds=False)
    wait_until(lambda: _environment_is_there(child.pid), what="the child")
    lock.release()
    try:
        assert serving_engine(tmp_path) is None, "the child would go on holding it"
    finally:
        child.communicate(b"\n", timeout=60)


def _environment_is_there(pid: int) -> bool:
    return b"-c" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_the_kernel_drops_the_lock_at_the_death_of_its_holder(tmp_path: Path) -> None:
    script = _ACQUIRE.replace(".release()", "; print('held', flush=True); sys.stdin.readline()")
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with pytest.raises(AlreadyServed):
        EngineLock.acquire(tmp_path, ME)
    holder.kill()
    holder.communicate(timeout=60)
    EngineLock.acquire(tmp_path, ME).release()


@pytest.mark.parametrize("text", ["", "{", '{"pid": 1}', "[]"])
def test_a_lock_whose_text_means_nothing_is_held_all_the_same(tmp_path: Path, text: str) -> None:
    lock = EngineLock.acquire(tmp_path, ME)
    (tmp_path / LOCK_NAME).write_text(text)
    with pytest.raises(AlreadyServed, match="another engine") as caught:
        EngineLock.acquire(tmp_path, ME)
    assert caught.value.pid is None
    lock.release()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HomeNotWritable, match="nowhere"):
        EngineLock.acquire(tmp_path / "nowhere", ME)
