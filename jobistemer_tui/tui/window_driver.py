"""Textual's driver for a browser, which by itself lives on when the server that reads it is gone."""

from __future__ import annotations

import os
from functools import partial
from typing import Any

from textual import messages
from textual.app import App
from textual.drivers.web_driver import WebDriver


class WindowDriver(WebDriver):
    """Ends the program when nobody is left to say anything; what is painted for nobody is dropped."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._write = partial(self._write_to_server)

    def _write_to_server(self, data: bytes) -> int:
        """All of it: a pipe may take a large frame in parts."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[os.write(self.fileno, rest) :]
        except BrokenPipeError:
            return 0
        return len(data)

    def run_input_thread(self) -> None:
        """Until the end of the input."""
        super().run_input_thread()
        if not self.exit_event.is_set():
            self._app.post_message(messages.ExitApp())
