"""A place for a supervisor in a temporary folder, and what tests do with it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from jobistemer_tui.engine.supervisor import log_format
from jobistemer_tui.engine.supervisor.log_format import Record
from jobistemer_tui.engine.supervisor_client import (
    AttemptResult,
    Started,
    StartOrder,
    SupervisorClient,
    attempt_folder,
)
from jobistemer_tui.engine.supervisor_client_launch import supervisor_command
from tests.support.wait_until import wait_until, wait_until_async

MARKER = "JOBISTEMER_TEST_PLACE"


class Place:
    """Folders, ids and the memory of one test; everything started here carries the marker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.nodes = folder / "store.db.nodes"
        self.store_id = uuid4()
        self.attempts = folder / "attempts" / str(self.store_id)
        self.marker = uuid4().hex
        self.finished: list[AttemptResult] = []
        self.lost = 0
        self._clients: list[SupervisorClient] = []

    async def connect(self, *, idle_seconds: float = 0.2, store_id: UUID | None = None) -> SupervisorClient:
        client = await SupervisorClient.connect(
            nodes_dir=self.nodes,
            attempts_dir=self.attempts,
            store_id=store_id or self.store_id,
            engine_id=uuid4(),
            on_finished=self.finished.append,
            on_lost=self._count_lost,
            idle_seconds=idle_seconds,
        )
        self._clients.append(client)
        return client

    def _count_lost(self) -> None:
        self.lost += 1

    def order(self, script: str, **changes: Any) -> StartOrder:
        """An order to run a shell script."""
        order = StartOrder(
            attempt_id=uuid4(),
            argv=("/bin/sh", "-c", script),
            cwd=str(self.folder),
            env={"PATH": os.environ["PATH"], MARKER: self.marker},
            timeout_s=None,
            deadline_boot=None,
            kill_grace_s=5.0,
            leftovers="kill",
            head_bytes=1 << 20,
            tail_bytes=1 << 20,
        )
        return replace(order, **changes)

    async def start(self, client: SupervisorClient, order: StartOrder) -> int:
        """Start an order that can be spawned; returns the pid."""
        answer = await client.start(order)
        assert isinstance(answer, Started)
        assert answer.pid is not None
        return answer.pid

    async def result(self, order: StartOrder) -> AttemptResult:
        """The result that is pushed for an order."""
        await wait_until_async(lambda: self._results(order), what=f"the result of {order.argv}")
        return self._results(order)[0]

    async def run(self, client: SupervisorClient, order: StartOrder) -> AttemptResult:
        await client.start(order)
        return await self.result(order)

    def _results(self, order: StartOrder) -> list[AttemptResult]:
        return [result for result in self.finished if result.attempt_id == order.attempt_id]

    def attempt(self, order: StartOrder) -> Path:
        return attempt_folder(self.attempts, order.attempt_id)

    def live_marker(self, order: StartOrder) -> Path:
        return self.attempts / "live" / str(order.attempt_id)

    def output(self, order: StartOrder) -> bytes:
        return (self.attempt(order) / log_format.OUTPUT).read_bytes()

    def records(self, order: StartOrder) -> list[Record]:
        index = self.attempt(order) / log_format.INDEX
        return log_format.unpack(index.read_bytes()) if index.exists() else []

    def file(self, name: str) -> Path:
        return self.folder / name

    def written_pid(self, name: str) -> int:
        """The pid that a task has written to a file."""
        path = self.folder / name
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"), what=f"{name} to be written")
        return int(path.read_text())

    def command(self, *options: str, idle_seconds: float = 0.2) -> list[str]:
        self.nodes.mkdir(parents=True, exist_ok=True)
        return supervisor_command(self.nodes, self.attempts, self.store_id, *options, idle_seconds=idle_seconds)

    def launch(self, *command: str, stderr: int | None = None) -> subprocess.Popen[bytes]:
        """Start a supervisor in the foreground, as a child of the test."""
        return subprocess.Popen(command, cwd="/", start_new_session=True, stderr=stderr)

    def raw_connection(self) -> socket.socket:
        """A blocking connection that has said nothing."""
        connected = socket.socket(socket.AF_UNIX)
        folder = os.open(self.nodes, os.O_PATH)
        try:
            connected.connect(f"/proc/self/fd/{folder}/s")
        except OSError:
            connected.close()
            raise
        finally:
            os.close(folder)
        return connected

    def is_served(self) -> bool:
        """Whether connections are taken; a socket is there before that."""
        try:
            self.raw_connection().close()
        except OSError:
            return False
        return True

    def raw_hello(self) -> socket.socket:
        """Connect and say hello without waiting for an answer."""
        connected = self.raw_connection()
        send(connected, {"command": "hello", "store": str(self.store_id), "protocol": 1, "engine": "raw"})
        return connected

    def processes(self) -> list[int]:
        """Every living process that carries this test's marker, the supervisor included."""
        entry = f"{MARKER}={self.marker}".encode()
        return [pid for pid in all_pids() if entry in environment(pid)]

    async def leave(self) -> None:
        """Close what was opened and see that nothing is left behind."""
        for client in self._clients:
            for result in self.finished:
                client.taken(result.attempt_id)  # so that nothing has to be synced first
            await client.close()
            if client.supervisor_pid in self.processes():
                os.kill(client.supervisor_pid, signal.SIGTERM)  # rather than wait until it is idle
        try:
            await wait_until_async(lambda: not self.processes(), what="the last process to end")
        finally:
            for pid in self.processes():
                os.kill(pid, signal.SIGKILL)
            shutil.rmtree(self.folder, ignore_errors=True)


def send(connected: socket.socket, message: Mapping[str, object]) -> None:
    """Send one request with the number 1."""
    connected.sendall(json.dumps({"request": 1, **message}).encode() + b"\n")


def receive(connected: socket.socket) -> dict[str, Any]:
    """Read one line."""
    data = b""
    while not data.endswith(b"\n"):
        piece = connected.recv(1)
        assert piece, "the supervisor closed the connection"
        data += piece
    answer = json.loads(data)
    assert isinstance(answer, dict)
    return answer


def all_pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def is_alive(pid: int) -> bool:
    """True while the process exists and is no zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"
