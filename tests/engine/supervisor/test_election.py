"""One supervisor per store and host, whatever races."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from jobistemer_tui.engine.supervisor.protocol import LOCK_NAME, SOCKET_NAME
from jobistemer_tui.engine.supervisor_client import SupervisorRefused
from tests.engine.supervisor.harness import Place, is_alive
from tests.support.wait_until import wait_until, wait_until_async


def lock_is_free(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


async def test_of_many_started_at_once_one_stays(place: Place) -> None:
    started = [place.launch(*place.command(idle_seconds=60)) for _ in range(4)]
    wait_until(lambda: sum(process.poll() is None for process in started) == 1, what="three to give way")
    (winner,) = [process for process in started if process.returncode is None]
    assert [process.returncode for process in started if process is not winner] == [0, 0, 0]
    client = await place.connect()
    assert client.supervisor_pid == winner.pid
    assert (await place.run(client, place.order("exit 1"))).exit_code == 1
    client.taken(place.finished[0].attempt_id)
    await client.drain()
    assert await asyncio.to_thread(winner.wait, 60) == 0


async def test_engines_that_connect_at_once_meet_the_same_supervisor(place: Place) -> None:
    clients = await asyncio.gather(*(place.connect() for _ in range(3)), return_exceptions=True)
    pids = {client.supervisor_pid for client in clients if not isinstance(client, BaseException)}
    assert len(pids) == 1
    await wait_until_async(lambda: place.processes() == sorted(pids), what="the losers to give way")


async def test_a_long_path_works(tmp_path: Path, place: Place) -> None:
    place.nodes = tmp_path / ("long" * 50) / "store.db.nodes"
    client = await place.connect()
    assert (await place.run(client, place.order("exit 8"))).exit_code == 8


async def test_another_store_is_refused(place: Place) -> None:
    client = await place.connect()
    with pytest.raises(SupervisorRefused, match=str(place.store_id)):
        await place.connect(store_id=uuid4())
    assert await client.list() == ((), ())


async def test_another_protocol_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    await place.connect()
    monkeypatch.setattr("jobistemer_tui.engine.supervisor_client.PROTOCOL", 2)
    with pytest.raises(SupervisorRefused, match="protocol 1"):
        await place.connect()


async def test_an_idle_supervisor_removes_its_socket_and_frees_the_lock(place: Place) -> None:
    client = await place.connect()
    assert not lock_is_free(place.nodes / LOCK_NAME)
    await client.close()
    await wait_until_async(lambda: not place.processes(), what="the supervisor to end")
    assert not (place.nodes / SOCKET_NAME).exists()
    assert lock_is_free(place.nodes / LOCK_NAME)


async def test_a_connected_engine_keeps_an_idle_supervisor_alive(place: Place) -> None:
    client = await place.connect(idle_seconds=0.2)
    result = await place.run(client, place.order("sleep 0.3"))
    client.taken(result.attempt_id)
    assert (await place.run(client, place.order("sleep 0.3"))).exit_code == 0
    assert place.lost == 0


async def test_a_supervisor_whose_lock_was_replaced_ends_and_leaves_the_new_socket(place: Place) -> None:
    client = await place.connect(idle_seconds=60)
    os.unlink(place.nodes / LOCK_NAME)
    successor = await asyncio.to_thread(place.launch, *place.command(idle_seconds=60))
    await wait_until_async(lambda: place.lost == 1, what="the disowned supervisor to end")
    wait_until(lambda: not is_alive(client.supervisor_pid))
    newer = await place.connect()
    assert newer.supervisor_pid == successor.pid
    await newer.drain()
    await asyncio.to_thread(successor.wait, 60)


async def test_the_process_imports_no_other_package_of_ours(place: Place) -> None:
    """Runs the program's own imports in a fresh interpreter and looks at what they brought along."""
    program = place.command()[4].replace("; main()", "")
    look = "; print(*sorted(name for name in sys.modules if name.startswith('jobistemer_tui')))"
    command = [*place.command()[:4], program + look]
    output = await asyncio.to_thread(subprocess.check_output, command, text=True)
    prefix = "jobistemer_tui.engine.supervisor"
    foreign = [name for name in output.split() if not name.startswith(prefix)]
    assert foreign == ["jobistemer_tui", "jobistemer_tui.engine"]


async def test_files_and_folders_are_private(place: Place) -> None:
    client = await place.connect()
    order = place.order("umask; echo x")
    await place.run(client, order)
    made = [place.nodes, place.attempts, *place.nodes.iterdir(), *place.attempt(order).iterdir()]
    assert {path.name for path in made if path.stat().st_mode & 0o077} == set()
    assert place.output(order).split()[0].decode() == f"{current_umask():04o}"


def current_umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
