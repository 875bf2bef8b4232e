"""The least that a durable engine of this kind does for a run: no policies, no audit, no tasks, no limits.

A run is three changes of its row, each committed before what follows from it (its fate at its instant, its claim, its
end), as many to a commit as there are; and a start by a process that outlives the engine, with the supervisor's own
files and spawn. No engine in Python that promises the same can be quicker; bare `posix_spawn` promises nothing.

`python -m tests.benchmarks.floor ATTEMPTS` is that process: it reads orders from its input and writes results.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from jobistemer_tui.engine.supervisor import procfs, tree
from jobistemer_tui.engine.supervisor.attempt_files import AttemptFiles
from jobistemer_tui.engine.supervisor.protocol import Order, parse_order
from jobistemer_tui.engine.supervisor.spawn import spawn
from tests.benchmarks.bare import durable_database

GROUP = 256
STORE = "9aa252d0-55d5-4009-85f7-4e333ac52e76"


class Floor:
    """Runs a program so often, all of which is due at once, with so many at a time."""

    def __init__(self, folder: Path) -> None:
        self._db = durable_database(folder)
        self._db.execute("CREATE TABLE run (id TEXT PRIMARY KEY, state TEXT, changed_at REAL) WITHOUT ROWID")
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.benchmarks.floor", str(folder / "attempts")]
        self._starter = subprocess.Popen(command, stdin=theirs.fileno(), stdout=theirs.fileno())
        theirs.close()
        self._socket = ours
        self._received = b""
        self._ended()  # it is ready

    def seconds(self, count: int, argv: list[str], *, at_once: int) -> float:
        """Seconds from the first fate to the last committed end."""
        waiting = [str(uuid4()) for _ in range(count)]
        self._db.executemany("INSERT INTO run VALUES (?, 'planned', 0)", [(run,) for run in waiting])
        begin = time.perf_counter()
        for first in range(0, count, GROUP):
            self._change("pending", waiting[first : first + GROUP])
        running = 0
        while waiting or running:
            starting, waiting = waiting[: at_once - running], waiting[at_once - running :]
            self._change("running", starting)
            self._socket.sendall(b"".join(json.dumps(order_of(run, argv)).encode() + b"\n" for run in starting))
            ended = self._ended()
            self._change("completed", ended)
            running += len(starting) - len(ended)
        seconds = time.perf_counter() - begin
        self._socket.close()
        self._starter.wait()
        self._db.close()
        return seconds

    def _ended(self) -> list[str]:
        """Wait for the starter to say something; gives the runs that have ended by now."""
        *lines, self._received = (self._received + self._socket.recv(1 << 18)).split(b"\n")
        return [result["id"] for line in lines for result in json.loads(line)]

    def _change(self, state: str, runs: list[str]) -> None:
        if runs:
            self._db.execute("BEGIN IMMEDIATE")
            now = time.time()
            rows = [(state, now, run) for run in runs]
            self._db.executemany("UPDATE run SET state = ?, changed_at = ? WHERE id = ?", rows)
            self._db.execute("COMMIT")


def order_of(run: str, argv: list[str]) -> dict[str, Any]:
    """An order with an environment of the usual size."""
    env = {"PATH": os.defpath, **{f"JOBISTEMER_NUMBER_{number}": "x" * 30 for number in range(25)}}
    return {
        "id": run, "argv": argv, "cwd": "/", "env": env, "timeout_s": None, "deadline_boot": None, "kill_grace_s": 10.0,
        "head_bytes": 1 << 20, "tail_bytes": 1 << 20,
    }  # fmt: skip


class Starter:
    """Starts what it is told, and tells what has ended, as many in a line as there are."""

    def __init__(self, attempts: Path) -> None:
        self._files = AttemptFiles(attempts, procfs.boot_id())
        self._selector = selectors.DefaultSelector()
        self._selector.register(0, selectors.EVENT_READ)
        self._open: dict[int, list[int]] = {}
        self._runs: dict[int, str] = {}
        self._received = b""

    def serve(self) -> None:
        """Until the input ends."""
        _tell([])
        while True:
            ended = []
            for key, _ in self._selector.select():
                if key.fd == 0:
                    if not self._hear():
                        return
                elif not os.read(key.fd, 1 << 16) and (result := self._close(key.fd, key.data)):
                    ended.append(result)
            if ended:
                _tell(ended)

    def _hear(self) -> bool:
        data = os.read(0, 1 << 18)
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._start(parse_order(json.loads(line)))
        return bool(data)

    def _start(self, order: Order) -> None:
        self._files.mark_live(order.id)
        self._files.make_folder(order.id)
        started = spawn(order, tree.mark_of(STORE, order.id))
        self._files.record_process(order.id, {"pid": started.pid})
        self._runs[started.pid] = order.id
        self._open[started.pid] = [started.stdout, started.stderr]
        for pipe in self._open[started.pid]:
            self._selector.register(pipe, selectors.EVENT_READ, started.pid)

    def _close(self, pipe: int, pid: int) -> dict[str, Any] | None:
        """The result of the process, written, when this was its last pipe."""
        self._selector.unregister(pipe)
        os.close(pipe)
        self._open[pid].remove(pipe)
        if self._open[pid]:
            return None
        _, status, usage = os.wait4(pid, 0)
        run = self._runs.pop(pid)
        result: dict[str, Any] = {"id": run, "status": status, "user_s": usage.ru_utime, "error": None}
        self._files.write_result(run, result)
        self._files.unmark_live(run)
        return result


def _tell(ended: list[dict[str, Any]]) -> None:
    os.write(1, json.dumps(ended).encode() + b"\n")


if __name__ == "__main__":
    Starter(Path(sys.argv[1])).serve()
