"""One window in a browser: a process of its own that shows the screen, and what goes to and fro."""

from __future__ import annotations

import asyncio
import logging
import shlex
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

log = logging.getLogger(__name__)
STOP_S: Final = 10.0
"""How long a window may take to end before it is killed."""
_LARGEST: Final = 1000
_DRIVER: Final = {"TEXTUAL_DRIVER": "jobistemer_tui.tui.window_driver:WindowDriver"}


class Window(AppService):
    """Textual's own protocol between a browser and a program, over one WebSocket."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], socket: web.WebSocketResponse) -> None:
        super().__init__(
            shlex.join(argv), write_bytes=socket.send_bytes, write_str=socket.send_str, close=self._close,
            download_manager=DownloadManager(),
        )  # fmt: skip
        self._argv, self._environ, self._socket = argv, environ, socket

    async def _close(self) -> None:
        await self._socket.close()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environ = self._build_environment(sized(width), sized(height)) | _DRIVER | dict(self._environ)
        process = await asyncio.create_subprocess_exec(*self._argv, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environ)
        self._process, self._stdin = process, process.stdin
        return process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the program; a size that no screen has is cut."""
        await super().set_terminal_size(sized(width), sized(height))

    async def run(self) -> None:
        """Relay until the program ends; then the browser is told."""
        with suppress(ConnectionError):  # the browser went away first
            await super().run()
        await self._close()

    async def stop(self) -> None:
        """End the program: asked first, killed if it does not answer."""
        try:
            async with asyncio.timeout(STOP_S):
                await super().stop()
        except TimeoutError:
            log.warning("a window did not end in time and was killed")
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()


async def relay(socket: web.WebSocketResponse, window: Window) -> None:
    """Hand what the browser says to the program until the browser goes. What makes no sense ends the connection."""
    async for message in socket:
        match message.json():
            case ["stdin", str() as text]:
                await window.send_bytes(text.encode("utf-8", "replace"))
            case ["resize", {"width": int() as width, "height": int() as height}]:
                await window.set_terminal_size(width, height)
            case ["ping", str() as data]:
                await socket.send_json(["pong", data])
            case ["blur"]:
                await window.blur()
            case ["focus"]:
                await window.focus()
            case _:
                return


def sized(cells: int) -> int:
    """A width or height within reason."""
    return min(max(cells, 1), _LARGEST)
