"""How a task ended is told as it was."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import UTC, timedelta

import pytest

from jobistemer_tui.engine.supervisor_client import Started, SupervisorClient
from tests.engine.supervisor.harness import Place
from tests.support.wait_until import wait_until_async

_IGNORING = """
import os, signal, sys
for name in sys.argv[1].split(","):
    signal.signal(signal.Signals[name], signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""


async def connect_ignoring(place: Place, names: str) -> SupervisorClient:
    """Connect to a supervisor that has inherited ignored signals."""
    command = [sys.executable, "-c", _IGNORING, names, *place.command("--detach", idle_seconds=60)]
    await asyncio.to_thread(subprocess.run, command, check=True)
    await wait_until_async(place.is_served, what="the supervisor")
    client = await place.connect()
    assert not (place.nodes / "supervisor.log").exists(), "the client has started another one"
    return client


@pytest.mark.parametrize("code", [0, 1, 7, 255])
async def test_an_exit_code_is_kept(place: Place, code: int) -> None:
    client = await place.connect()
    result = await place.run(client, place.order(f"exit {code}"))
    assert (result.outcome, result.exit_code, result.signal, result.error) == ("exited", code, None, None)


async def test_a_signal_is_kept(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order("kill -SEGV $$"))
    assert (result.outcome, result.exit_code, result.signal) == ("exited", None, signal.SIGSEGV)


async def test_a_failure_stays_one_when_sigchld_was_inherited_as_ignored(place: Place) -> None:
    client = await connect_ignoring(place, "SIGCHLD")
    result = await place.run(client, place.order("sleep 0 & exit 7"))
    assert (result.outcome, result.exit_code) == ("exited", 7)


async def test_many_failures_at_once_are_all_told(place: Place) -> None:
    client = await place.connect()
    orders = [place.order(f"(true &) ; exit {code}") for code in range(40)]
    for order in orders:
        await place.start(client, order)
    results = [await place.result(order) for order in orders]
    assert [result.exit_code for result in results] == list(range(40))


async def test_tasks_inherit_no_ignored_signals(place: Place) -> None:
    client = await connect_ignoring(place, "SIGHUP,SIGINT,SIGTERM,SIGUSR1,SIGCHLD,SIGPIPE")
    order = place.order("grep -E 'Sig(Ign|Blk)' /proc/self/status")
    await place.run(client, order)
    assert [line.split()[1] for line in place.output(order).splitlines()] == [b"0" * 16, b"0" * 16]


async def test_a_missing_program_is_told_after_the_start(place: Place) -> None:
    client = await place.connect()
    order = place.order("", argv=("/no/such/program",))
    assert await client.start(order) == Started(None, None)
    assert place.finished == []
    result = await place.result(order)
    assert (result.outcome, result.pid, result.exit_code) == ("spawn", None, None)
    assert result.error == "cannot execute /no/such/program: No such file or directory"


async def test_a_missing_folder_is_told(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order("true", cwd="/no/such/folder"))
    assert (result.outcome, result.error) == (
        "spawn",
        "cannot enter the folder /no/such/folder: No such file or directory",
    )


async def test_an_impossible_argument_is_told(place: Place) -> None:
    client = await place.connect()
    result = await place.run(client, place.order("", argv=("echo", "a\0b")))
    assert result.outcome == "spawn"


async def test_times_and_resources_are_told(place: Place) -> None:
    client = await place.connect()
    burn = "import time\nwhile time.process_time() < 0.2: pass\nb = bytearray(64 << 20)"
    order = place.order("", argv=(sys.executable, "-c", burn))
    result = await place.run(client, order)
    assert 0.15 < result.user_s + result.system_s < 100
    assert 64 << 20 < result.max_rss_bytes < 1 << 30
    assert result.started_at is not None
    assert result.started_at.tzinfo is not None
    assert result.finished_at.utcoffset() == UTC.utcoffset(None)
    assert timedelta(seconds=0.15) < result.finished_at - result.started_at < timedelta(seconds=100)
    assert result.durable


async def test_the_task_gets_its_environment_and_an_empty_input(place: Place) -> None:
    client = await place.connect()
    order = place.order("cat; env; pwd", env={"A": "b c", "PATH": "/usr/bin:/bin"})
    await place.run(client, order)
    lines = place.output(order).decode().splitlines()
    assert "A=b c" in lines
    assert f"JOBISTEMER_ATTEMPT_ID={order.attempt_id}" in lines
    assert f"JOBISTEMER_STORE_ID={place.store_id}" in lines
    assert lines[-1] == str(place.folder)
    assert not any(line.startswith("PYTHON") for line in lines)


async def test_tasks_inherit_no_descriptors(place: Place) -> None:
    client = await place.connect()
    order = place.order("ls /proc/self/fd | wc -l")
    await place.run(client, order)
    assert int(place.output(order)) == 4  # the three standard ones, and the folder that ls reads
