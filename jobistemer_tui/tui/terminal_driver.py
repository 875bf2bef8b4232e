"""Textual's driver for a terminal, wherever standard error goes, and for a process that can be stopped."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from jobistemer_tui.operations.stopping import stop_this_process


class TerminalDriver(LinuxDriver):
    """Draws on standard output, which is known to be a terminal; Textual draws on standard error."""

    farewell = ""
    """What is said on the terminal while the process is stopped (Ctrl+Z)."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        assert sys.__stdout__ is not None  # else there is no terminal
        self._file = self._terminal = sys.__stdout__

    def _get_terminal_size(self) -> tuple[int, int]:
        """Of the terminal itself: a COLUMNS that a shell has exported would stay as it is when the window changes."""
        with suppress(OSError):
            columns, rows = os.get_terminal_size(self._terminal.fileno())
            if columns and rows:
                return columns, rows
        return super()._get_terminal_size()

    def _sigtstp_application(self, *_: object) -> None:
        """Give the terminal back, if it is ours just now, and stop where nobody else is held up by it."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self._terminal.write(self.farewell)
            self._terminal.flush()
        stop_this_process()
