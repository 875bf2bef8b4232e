"""Textual's driver for a terminal, wherever standard error goes, and for a process that can be stopped."""

from __future__ import annotations

import codecs
import io
import os
import select
import sys
from contextlib import suppress
from typing import IO, Any, cast

from rich.cells import cell_len
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from jobistemer_tui.operations.stopping import stop_this_process

CELLS = "question marks as wide"
"""What becomes of signs that the terminal's encoding lacks: any other width would shift all that stands behind them."""


def _question_marks(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "?" * cell_len(error.object[error.start : error.end]), error.end


codecs.register_error(CELLS, _question_marks)


class LastingOutput(io.TextIOBase):
    """A file whose terminal may go: what is written after that is dropped.

    Textual's writing thread would end with the error, and the program with it wait for ever for room in its queue.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def fileno(self) -> int:
        """The number of the file behind it."""
        return self._file.fileno()

    def write(self, text: str) -> int:
        """Write it if anybody is there; gives its length."""
        with suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        """Send what is written if anybody is there."""
        try:
            self._file.flush()
        except OSError:
            self._drop()

    def _drop(self) -> None:
        """What the file still holds would fail again, at the latest when the interpreter ends."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


class TerminalDriver(LinuxDriver):
    """Draws on standard output, which is known to be a terminal; Textual draws on standard error."""

    farewell = ""
    """What is said on the terminal while the process is stopped (Ctrl+Z)."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert isinstance(sys.__stdout__, io.TextIOWrapper)  # else there is no terminal
        sys.__stdout__.reconfigure(errors=CELLS)
        self._terminal = LastingOutput(sys.__stdout__)
        self._file = cast("io.TextIOWrapper[Any]", self._terminal)

    @property
    def is_gone(self) -> bool:
        """Whether the terminal has hung up. SIGHUP says so as well, but not to a process that `nohup` or a session of
        its own keeps it from, and reading ends without an error then."""
        terminal = select.poll()
        terminal.register(self.fileno, 0)
        return any(what & select.POLLHUP for _, what in terminal.poll(0))

    @property
    def is_lent(self) -> bool:
        """Whether another program has the terminal."""
        return not self._auto_restart

    def _get_terminal_size(self) -> tuple[int, int]:
        """Of the terminal itself: a COLUMNS that a shell has exported would stay as it is when the window changes."""
        with suppress(OSError):
            columns, rows = os.get_terminal_size(self._terminal.fileno())
            if columns and rows:
                return columns, rows
        return super()._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        """Give the terminal back, if it is ours just now, and stop where nobody else is held up by it."""
        if not self.is_lent:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self._terminal.write(self.farewell)
            self._terminal.flush()
        stop_this_process()
