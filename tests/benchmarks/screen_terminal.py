"""A program on a terminal that nobody looks at: how long it takes to paint, and to paint again after a key."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType

COLUMNS, ROWS = 120, 40
_PATIENCE_S = 120.0
_CALM_S = 0.03
"""A repaint is over when nothing was written for so long; the time counts to its last byte but one wait."""
_COLOURS = re.compile(rb"\x1b\[[\d;]*m")


class Paints:
    """A command on a pty; use it as a context manager. All times are in seconds."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._begin = time.perf_counter()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, env=dict(environ)
        )
        os.close(slave)
        self._seen = b""

    def __enter__(self) -> Paints:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)

    def until_shown(self, text: str) -> float:
        """Since the start until this was written, whatever its colours."""
        while text.encode() not in _COLOURS.sub(b"", self._seen):
            self._read(_PATIENCE_S, text)
        return time.perf_counter() - self._begin

    def forget(self) -> None:
        """What was written until now does not count as shown."""
        self._seen = b""

    @property
    def processor_s(self) -> float:
        """The program's processor time so far, all threads: the clock of a process (clock_getcpuclockid(3), Linux)."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def settle(self, seconds: float) -> None:
        """Read all that is written for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                self._seen = os.read(self._master, 1 << 16)

    def key(self, keys: str, shows: str = "") -> float:
        """From a key to the first byte that is written after it, or until a text is shown."""
        self._until_calm()
        self._seen = b""
        begin = time.perf_counter()
        os.write(self._master, keys.encode())
        self._read(_PATIENCE_S, keys)
        while shows.encode() not in self._seen:
            self._read(_PATIENCE_S, shows)
        return time.perf_counter() - begin

    def until_ended(self, keys: str) -> None:
        """Type keys that end the program, and read what it still writes."""
        os.write(self._master, keys.encode())
        with suppress(OSError):  # the end of a pty is an error
            while self.process.poll() is None:
                if select.select([self._master], [], [], 0.1)[0]:
                    os.read(self._master, 1 << 16)
        self.process.wait(60)

    def keys(self, keys: str, times: int, apart: float = 0.0) -> float:
        """The median of many presses of the keys in turn, `apart` seconds from each other."""
        taken = []
        for number in range(times):
            taken.append(self.key(keys[number % len(keys)]))
            self.settle(apart)
        return statistics.median(taken)

    def _until_calm(self) -> None:
        """At most for a while: a screen that always paints is never calm."""
        for _ in range(20):
            if not select.select([self._master], [], [], _CALM_S)[0]:
                return
            os.read(self._master, 1 << 16)

    def _read(self, seconds: float, what: str) -> None:
        if not select.select([self._master], [], [], seconds)[0]:
            raise TimeoutError(f"nothing was painted for {what!r}; last {self._seen[-300:]!r}")
        self._seen = (self._seen + os.read(self._master, 1 << 16))[-1 << 20 :]
