"""A real terminal without a window: a pty whose other end pyte reads, so that pip alone suffices."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Sequence
from types import TracebackType

import pyte

from tests.support.wait_until import PATIENCE_S, wait_until

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "end": "\x1b[F", "ctrl+z": "\x1a",
}  # fmt: skip


class Terminal:
    """A command on a terminal of `columns` x `rows`; use it as a context manager."""

    def __init__(
        self,
        command: Sequence[str],
        environ: dict[str, str],
        *,
        columns: int = 100,
        rows: int = 30,
        term: str = "xterm-256color",
    ) -> None:
        """`term` is what the command is told about it, whatever it can do."""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._sent = bytearray()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**environ, "TERM": term, "LANG": "C.UTF-8", "COLUMNS": "", "LINES": ""},
        )  # fmt: skip
        os.close(slave)
        self._hung_up = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)
        self._reader.join(60)
        if not self._hung_up.is_set():
            os.close(self._master)

    def hang_up(self, *, told: bool = True) -> None:
        """Close the terminal, as a window that is closed does; `told`: with the signal that a shell passes on."""
        self._hung_up.set()
        self._reader.join(60)
        os.close(self._master)
        if told:
            self.process.send_signal(signal.SIGHUP)

    def _read(self) -> None:
        """Feed the emulator until the other side is closed (which a pty reports as EIO)."""
        while not self._hung_up.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.2)
            try:
                data = os.read(self._master, 65536) if ready else b""
            except OSError:
                return
            with self._lock:
                if data:
                    self._sent += data
                    self._stream.feed(data)
            if not data and self.process.poll() is not None:
                return

    @property
    def sent(self) -> bytes:
        """Every byte that the command wrote."""
        with self._lock:
            return bytes(self._sent)

    @property
    def text(self) -> str:
        """What the terminal shows, row by row."""
        with self._lock:
            return "\n".join(self._screen.display)

    def wait_for(self, *texts: str, seconds: float = PATIENCE_S) -> str:
        """Wait until all of these are shown; gives the screen."""
        try:
            wait_until(lambda: all(text in self.text for text in texts), seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"the screen never showed {texts}:\n{self.text}") from error
        return self.text

    def wait_until_gone(self, text: str, seconds: float = PATIENCE_S) -> None:
        """Wait until this is no longer shown."""
        wait_until(lambda: text not in self.text, seconds=seconds, what=f"{text!r} to go from\n{self.text}")

    def press(self, *keys: str) -> None:
        """Type keys: names of KEYS, or the characters themselves."""
        for key in keys:
            os.write(self._master, KEYS.get(key, key).encode())

    def type_ahead(self, *keys: str) -> None:
        """Type keys so fast that all of them come with one read."""
        os.write(self._master, "".join(KEYS.get(key, key) for key in keys).encode())

    def resize(self, columns: int, rows: int) -> None:
        """Make the window larger or smaller; the kernel tells who has the terminal (SIGWINCH)."""
        with self._lock:
            self._screen.reset()  # pyte keeps what no terminal does: what a smaller window cut off
            self._screen.resize(rows, columns)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
