"""A window of `serve` as a browser sees it: an HTTP client with cookies, and the screen that its WebSocket paints."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import aiohttp
import pyte

from .real_home import RealHome
from .wait_until import wait_until

SIZE = (100, 30)


@contextmanager
def serving(home: RealHome, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """`jobistemer serve` on a free port: the process and the address that it printed."""
    said = home.folder / "serve.out"
    with said.open("wb") as output, (home.folder / "serve.err").open("wb") as errors:
        process = subprocess.Popen(
            home.command("serve", "--json", "--port", "0", *words), env=home.environ, stdin=subprocess.DEVNULL,
            stdout=output, stderr=errors,
        )  # fmt: skip
    try:
        wait_until(lambda: said.read_text().endswith("\n"), what="the address")
        yield process, json.loads(said.read_text())["url"]
    finally:
        process.kill()
        process.wait(60)


def base_of(url: str) -> str:
    """`http://127.0.0.1:PORT`."""
    return url.partition("/?")[0]


@asynccontextmanager
async def browser() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps cookies of an address without a name, as browsers do."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=aiohttp.ClientTimeout(60)) as session:
        yield session


class Painted:
    """What a window shows."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def text(self) -> str:
        """Row by row."""
        return "\n".join(self._screen.display)

    async def until(self, *texts: str) -> None:
        """Read until all of these are shown."""
        while not all(text in self.text for text in texts):
            message = await self.socket.receive(timeout=60)
            assert message.type is aiohttp.WSMsgType.BINARY, (message, texts, self.text)
            self._stream.feed(message.data)

    async def press(self, *keys: str) -> None:
        """Type characters."""
        for key in keys:
            await self.socket.send_json(["stdin", key])

    async def until_closed(self) -> int | None:
        """Read until the server ends the connection; gives its code."""
        while True:
            message = await self.socket.receive(timeout=60)
            if message.type is not aiohttp.WSMsgType.BINARY:
                return self.socket.close_code


@asynccontextmanager
async def window(session: aiohttp.ClientSession, base: str) -> AsyncIterator[Painted]:
    """A window, opened as the page does."""
    address = f"{base.replace('http', 'ws', 1)}/ws?width={SIZE[0]}&height={SIZE[1]}"
    async with session.ws_connect(address, origin=base) as socket:
        yield Painted(socket)


def windows_of(home: RealHome) -> dict[int, str]:
    """The processes of windows."""
    return {pid: words for pid, words in home.processes().items() if " --attach" in words or " --read-only" in words}
