"""Runs a Python job file in a process of its own, bounded in time and output, and ends all that it leaves behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from uuid import uuid4

from jobistemer_tui.domain.clock import SystemClock
from jobistemer_tui.settings.quick_dataclass import dataclass

LOADER = str(Path(__file__).parent / "python_loader" / "load.py")
MAX_DOCUMENT = 8 * 1024 * 1024
KEPT_OUTPUT = 4096
"""Bytes of what the file prints that are kept, from its end."""
SLICE_S = 0.02
START_S = 60.0
SPARE_S = 3.0
"""So much later than its own limit the process is killed: it may have switched that off."""
END_S = 0.5
"""What a process has to end by itself once it has said everything."""
_MARK = "JOBISTEMER_LOADING"
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class LoaderOutput:
    """What came of a run: the document as written, what the file printed at last, and how the process was ended.

    `ended` is empty where it ended by itself.
    """

    document: bytes
    printed: str
    ended: str = ""


def run_loader(path: str, text: str, seconds: float) -> LoaderOutput:
    """Run the file `path`, whose content is `text`, for `seconds` and little longer. Blocks. Raises OSError."""
    mark = f"{_MARK}={uuid4().hex}"
    ours, theirs = os.pipe()
    printed, prints = os.pipe()
    try:
        with TemporaryFile() as source:
            source.write(text.encode())
            source.seek(0)
            process = _start(path, source.fileno(), prints, theirs, seconds, mark)
    except OSError:
        os.close(ours)
        os.close(printed)
        raise
    finally:
        os.close(theirs)
        os.close(prints)
    try:
        return _Collected(process, ours, printed).until(seconds + SPARE_S)
    finally:
        _end_all(process, mark)
        os.close(ours)
        os.close(printed)


def _start(path: str, source: int, prints: int, result: int, seconds: float, mark: str) -> subprocess.Popen[bytes]:
    name, _, value = mark.partition("=")
    return subprocess.Popen(
        [sys.executable, "-B", LOADER, path, str(result), str(seconds)],
        stdin=source, stdout=prints, stderr=prints, pass_fds=(result,), start_new_session=True,
        cwd=os.path.dirname(path), env={**os.environ, name: value, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


class _Collected:
    """What has come through the two pipes so far."""

    def __init__(self, process: subprocess.Popen[bytes], result: int, printed: int) -> None:
        self._process = process
        self._result = result
        self._open = {result, printed}
        self._document = bytearray()
        self._printed = bytearray()
        self._clock = SystemClock()
        self._poll = select.poll()
        for descriptor in self._open:
            os.set_blocking(descriptor, False)
            self._poll.register(descriptor, select.POLLIN)

    def until(self, seconds: float) -> LoaderOutput:
        """Collect until the process has ended, or its document is complete and it has had a moment to end.

        `seconds` count from the first byte that it writes, which is a blank before the file runs: how long a busy
        machine takes to start a program is not the file's fault.
        """
        end = self._now() + START_S
        running = complete = False
        while (left := end - self._now()) > 0:
            if _has_exited(self._process.pid):
                self._read_rest()
                return self._output()
            for descriptor, _ in self._poll.poll(min(left, SLICE_S) * 1000):
                self._read(descriptor)
            if len(self._document) > MAX_DOCUMENT:
                return self._output("declares too much")
            if self._document and not running:
                running, end = True, self._now() + seconds
            if running and self._result not in self._open and not complete:
                complete, end = True, self._now() + END_S
        return self._output("" if complete else "takes too long to load")

    def _now(self) -> float:
        return self._clock.read().monotonic

    def _read(self, descriptor: int) -> bool:
        """Read one piece; False where there is none now."""
        try:
            piece = os.read(descriptor, 65536)
        except BlockingIOError:
            return False
        if not piece:
            self._poll.unregister(descriptor)
            self._open.remove(descriptor)
            return False
        if descriptor == self._result:
            self._document += piece
        else:
            self._printed = (self._printed + piece)[-KEPT_OUTPUT:]
        return True

    def _read_rest(self) -> None:
        """What is in the pipes when the process has ended; something it has left behind may still write."""
        for descriptor in tuple(self._open):
            for _ in range(MAX_DOCUMENT // 65536 + 1):
                if not self._read(descriptor):
                    break

    def _output(self, ended: str = "") -> LoaderOutput:
        return LoaderOutput(bytes(self._document), self._printed.decode(errors="replace"), ended or self._how())

    def _how(self) -> str:
        """How it ended, if not well."""
        found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None or (found.si_code == os.CLD_EXITED and found.si_status == 0):
            return ""
        if found.si_code == os.CLD_EXITED:
            return f"ends its process with exit code {found.si_status} while it is loaded"
        return f"ends its process by {signal.Signals(found.si_status).name} while it is loaded"


def _has_exited(pid: int) -> bool:
    """Without reaping: the zombie keeps the numbers of its group and session from being used again."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _end_all(process: subprocess.Popen[bytes], mark: str) -> None:
    """Kill the group, then (Linux) all that is in the session or carries the mark, until nothing is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    for _ in range(_ROUNDS):
        if not [pid for pid in _left(process.pid, mark) if _kill(pid, process.pid, mark)]:
            break
    process.wait()


def _left(session: int, mark: str) -> Iterator[int]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdigit() and int(name) != session and _belongs(int(name), session, mark):
            yield int(name)


def _belongs(pid: int, session: int, mark: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        if fields[0] == b"Z":
            return False
        if int(fields[3]) == session:
            return True
        with open(f"/proc/{pid}/environ", "rb") as file:
            return mark.encode() in file.read().split(b"\0")
    except (OSError, IndexError, ValueError):
        return False


def _kill(pid: int, session: int, mark: str) -> bool:
    """Kill a process if it is still the one that belongs to us; True if it was."""
    try:
        handle = os.pidfd_open(pid)
    except OSError:
        return False
    try:
        if not _belongs(pid, session, mark):
            return False
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
