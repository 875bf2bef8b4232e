"""What the supervisor pays for a task's output."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from uuid import uuid4

from jobistemer_tui.engine.supervisor_client import AttemptResult, StartOrder, SupervisorClient
from tests.benchmarks.processes import cpu_seconds

MIB = 1 << 20


async def capture_cpu(folder: Path, mebibytes: int, *, secrets: int = 0) -> float:
    """Milliseconds of processor time a MB that the supervisor spends on the lines that a task writes.

    With `secrets` so many are looked for, none of which is there.
    """
    ended: asyncio.Future[AttemptResult] = asyncio.get_running_loop().create_future()
    client = await SupervisorClient.connect(
        nodes_dir=folder / "nodes", attempts_dir=folder / "attempts", store_id=uuid4(), engine_id=uuid4(),
        on_finished=ended.set_result, on_lost=lambda: None, idle_seconds=0.1,
    )  # fmt: skip
    before = cpu_seconds(client.supervisor_pid)
    await client.start(_order(folder, mebibytes, secrets))
    result = await ended
    spent = cpu_seconds(client.supervisor_pid) - before
    client.taken(result.attempt_id)
    await client.close()
    if result.output_bytes != mebibytes * MIB:
        raise RuntimeError(f"{result.output_bytes} bytes of {mebibytes} MiB were captured")
    return spent * 1000 / mebibytes


def _order(folder: Path, mebibytes: int, secrets: int) -> StartOrder:
    tokens = {f"TOKEN_{number}": f"{number:02}-4f1c9e7ab2d8" for number in range(secrets)}
    return StartOrder(
        attempt_id=uuid4(), argv=("/bin/sh", "-c", _script(mebibytes)), cwd=str(folder),
        env={"PATH": os.environ["PATH"], **tokens}, secrets=tuple(tokens),
        timeout_s=None, deadline_boot=None, kill_grace_s=1.0, leftovers="kill",
        head_bytes=mebibytes * MIB // 2, tail_bytes=mebibytes * MIB // 4,
    )  # fmt: skip


def _script(mebibytes: int) -> str:
    line = "one line of the output of a task, of about eighty characters, and so on and on"
    return f"yes '{line}' | head -c {mebibytes}M"


def copy_cpu(folder: Path, mebibytes: int) -> float:
    """The same for a bare loop that reads from a pipe and writes to a file."""
    read, write = os.pipe()
    pid = os.posix_spawn(
        "/bin/sh", ["sh", "-c", _script(mebibytes)], os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, write, 1)], setsigdef=[signal.SIGPIPE],
    )  # fmt: skip
    os.close(write)
    before = cpu_seconds()
    with (folder / "copy").open("wb", buffering=0) as file:
        while piece := os.read(read, 1 << 16):
            file.write(piece)
    spent = cpu_seconds() - before
    os.close(read)
    os.waitpid(pid, 0)
    return spent * 1000 / mebibytes
