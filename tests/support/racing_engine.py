"""A whole engine in a process of its own, but for its supervisor: `python -m tests.support.racing_engine URL FOLDER`.

Each try ends well as soon as it is begun, with a line in `FOLDER/../ledger`: its attempt, and the engine's process.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.engine.node import Node
from jobistemer_tui.engine.node_options import NodeOptions, StopMode
from jobistemer_tui.engine.supervisor_client import StartOrder
from jobistemer_tui.storage.open import open_store
from tests.support.child_process import ending
from tests.support.fake_supervisor import FakeSupervisor, result_of

ROOT = Path(__file__).parents[2]
SLOTS = 64


async def serve(url: str, folder: Path) -> None:
    """Serve the store until the process is told to end."""
    clock, store, supervisor = SystemClock(), open_store(url), FakeSupervisor()
    ledger = os.open(folder.parent / "ledger", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    loop = asyncio.get_running_loop()

    def end_at_once(order: StartOrder) -> None:
        os.write(ledger, f"{order.attempt_id} {os.getpid()}\n".encode())
        loop.call_later(0.001, supervisor.end, result_of(order.attempt_id, clock.now()))

    supervisor.before_start = end_at_once
    nodes = folder / "nodes"
    nodes.mkdir(parents=True)
    options = NodeOptions(roots=(folder.parent / "jobs",), max_concurrent_jobs=SLOTS)
    node = Node(store, nodes_dir=nodes, attempts_dir=folder / "attempts", clock=clock, options=options)
    node._runner._connect = supervisor.connect  # type: ignore[assignment]  # its clients are fakes too
    loop.add_signal_handler(signal.SIGTERM, node.stop, StopMode.HANDOVER)
    try:
        await node.run(on_ready=_say_ready)
    finally:
        await asyncio.to_thread(store.close)
        os.close(ledger)


def _say_ready() -> None:
    os.write(1, b"ready\n")


def start_engine(url: str, folder: Path) -> subprocess.Popen[str]:
    """Start one; it is ready when it has said so."""
    command = [sys.executable, "-m", "tests.support.racing_engine", url, str(folder)]
    log = (folder.parent / f"{folder.name}.log").open("w")
    with log:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT)


def stop_engine(engine: subprocess.Popen[str]) -> None:
    """End one that may have ended."""
    with suppress(ProcessLookupError):
        engine.terminate()
    with ending(engine):
        engine.wait(120)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2])))
