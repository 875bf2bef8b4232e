"""One place collects exit statuses, and what it does not know it does not make up (hazard 4)."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from jobistemer_tui.engine.supervisor import lock, procfs, reaper
from jobistemer_tui.engine.supervisor.attempt import Attempt
from jobistemer_tui.engine.supervisor.log_writer import LogWriter
from jobistemer_tui.engine.supervisor.protocol import Order
from jobistemer_tui.engine.supervisor.spawn import Spawned
from jobistemer_tui.engine.supervisor.tree import mark_of
from tests.engine.supervisor.harness import Place
from tests.support.wait_until import wait_until_async


class Alone:
    """Surroundings in which nothing else runs."""

    def watch_pipe(self, pipe: int, attempt: Attempt) -> None:
        """Nothing is written."""

    def unwatch_pipe(self, pipe: int) -> None:
        """Nothing was watched."""

    def has_leftovers(self, attempt: Attempt) -> bool:
        """Nothing is left."""
        return False


@pytest.fixture
def taken() -> int:
    """The pid of a child that failed and whose status somebody else has collected."""
    process = subprocess.Popen(["/bin/sh", "-c", "exit 7"])
    os.waitpid(process.pid, 0)
    process.returncode = 7
    return process.pid


def test_a_status_that_somebody_else_collected_is_unknown(taken: int) -> None:
    with pytest.raises(reaper.StatusUnknown):
        reaper.look_at(taken)


def test_an_attempt_whose_status_is_unknown_is_lost_and_no_success(taken: int, tmp_path: Path) -> None:
    (read, write), (read_error, write_error) = os.pipe(), os.pipe()
    id_ = "0" * 8 + "-0000-0000-0000-" + "0" * 12
    order = Order(id_, ("/bin/sh",), "/", {}, None, None, 1.0, "kill", 100, 100, {}, ())
    mark = mark_of("1" * 8 + id_[8:], id_)
    attempt = Attempt(order, mark, Spawned(taken, read, read_error), LogWriter(tmp_path, 100, 100), Alone())
    for end in (write, write_error):
        os.close(end)
    attempt.work(0.0, 0.0)
    assert attempt.work(100.0, 100.0)
    result = attempt.finish()
    assert (result["outcome"], result["exit_code"], result["error"]) == ("lost", None, "status_unknown")


async def test_a_main_process_keeps_its_pid_until_its_tree_is_gone(place: Place) -> None:
    """As a zombie: else its number could be another's by the time that its session is signalled."""
    client = await place.connect()
    go = place.file("go")
    order = place.order(f"(while [ ! -e {go} ]; do sleep 0.05; done) & exit 3", leftovers="wait")
    pid = await place.start(client, order)

    def is_zombie() -> bool:
        process = procfs.read_process(pid)
        return process is not None and process.dead

    await wait_until_async(is_zombie, what="the main process to end")
    await client.list()
    assert is_zombie()
    go.touch()
    assert (await place.result(order)).exit_code == 3
    await wait_until_async(lambda: procfs.read_process(pid) is None, what="the pid to be free")


def test_only_processes_of_the_same_user_are_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hazard 19: the socket says who is at its other end."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert lock.is_own_user(ours)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
        assert not lock.is_own_user(ours)
