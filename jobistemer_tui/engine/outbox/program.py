"""Hooks and notification programs: child processes with the report on standard input and a time limit."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from jobistemer_tui.domain.records import Detail
from jobistemer_tui.engine.supervisor.mask import Masker
from jobistemer_tui.engine.transactions.outbox import Answer
from jobistemer_tui.jobfiles.reading import printable
from jobistemer_tui.settings.quick_dataclass import dataclass

KEPT_LINES, KEPT_BYTES = 20, 4096
"""Of a program's output the end is kept."""
GRACE_S = 5.0
"""Between the request to end and the end of one that takes too long."""
DRAIN_S = 1.0
READ_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. `files` are written for it and removed after it; the first is its standard input.

    `forms` are what must not be seen of its output (see `supervisor.mask`).
    """

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    timeout_s: float
    files: Mapping[Path, Detail]
    forms: tuple[bytes, ...] = ()


class ProgramRun:
    """One run of a program: `run` it on a thread, `stop` it from another."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()

    def run(self) -> Answer:
        """Run it to its end; whatever it leaves running is ended with it. Blocks, raises nothing of its own."""
        files = self._program.files
        try:
            for path, content in files.items():
                _write_private(path, json.dumps(content, ensure_ascii=False).encode())
            with next(iter(files)).open("rb") as standard_input:
                return self._run(standard_input)
        except (OSError, ValueError) as error:
            return Answer(f"the program could not be started: {error}")
        finally:
            for path in files:
                path.unlink(missing_ok=True)

    def stop(self) -> None:
        """End it at once, or keep it from starting."""
        self._stopped.set()
        if self._process is not None:
            _signal(self._process, signal.SIGKILL)

    def _run(self, standard_input: IO[bytes]) -> Answer:
        if self._stopped.is_set():
            return Answer("the engine was stopped")
        program = self._program
        process = self._process = subprocess.Popen(
            program.argv, stdin=standard_input, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=program.cwd,
            env=dict(program.env), start_new_session=True,
        )  # fmt: skip
        tail = _Tail(process, program.forms)
        try:
            # One that was stopped before it is waited for is killed below.
            in_time = self._stopped.is_set() or self._wait(process, program.timeout_s)
        finally:
            # Its group still has its number: the process itself is not waited for yet.
            _signal(process, signal.SIGKILL)
            code = process.wait()
            output = tail.end()
        result: Detail = {"exit_code": code, "output": output}
        if not in_time:
            return Answer(f"the program took longer than {program.timeout_s:g} s", result)
        if code < 0:
            return Answer(f"the program was ended by signal {-code}", result)
        return Answer(f"the program ended with {code}" if code else None, result)

    def _wait(self, process: subprocess.Popen[bytes], timeout_s: float) -> bool:
        """Wait for the end of the main process; one that takes too long is asked to end. Whether it was in time."""
        descriptor = os.pidfd_open(process.pid)
        try:
            if _ready(timeout_s, descriptor):
                return True
            _signal(process, signal.SIGTERM)
            _ready(GRACE_S, descriptor)
            return False
        finally:
            os.close(descriptor)


def _ready(timeout_s: float | None, *descriptors: int) -> set[int]:
    """Those of which something can be read; unlike `select` it takes descriptors of any number."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return {ready for ready, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)}


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the program's group, as long as its number cannot be another's."""
    if process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


def _write_private(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)  # of an engine that was killed
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


class _Tail:
    """Reads all that a program writes and keeps the end of it, masked before it is cut."""

    def __init__(self, process: subprocess.Popen[bytes], forms: tuple[bytes, ...]) -> None:
        assert process.stdout is not None
        self._stream = process.stdout
        self._masker = Masker(forms)
        self._kept = b""
        self._enough = os.eventfd(0)
        self._thread = threading.Thread(target=self._read, name="hook output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        out = self._stream.fileno()
        while self._enough not in _ready(None, out, self._enough) and (chunk := os.read(out, READ_BYTES)):
            self._keep(self._masker.feed(chunk))
        self._keep(self._masker.finish())

    def _keep(self, seen: bytes) -> None:
        self._kept = (self._kept + seen)[-KEPT_BYTES:]

    def end(self) -> str:
        """The last lines, harmless to show; what has gone into the background with the pipe is not waited for."""
        self._thread.join(DRAIN_S)
        os.eventfd_write(self._enough, 1)
        self._thread.join()
        os.close(self._enough)
        self._stream.close()
        lines = self._kept.decode("utf-8", "replace").splitlines()
        return "\n".join(printable(line) for line in lines[-KEPT_LINES:])
