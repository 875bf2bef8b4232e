"""The screen in a real browser: Chromium without a window, driven by its own protocol.

It has to load, paint and take keys, and ask for nothing but what the server itself has.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.browser_window import base_of, serving, windows_of
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until, wait_until_async

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
JOBS = '[jobs.by-hand]\nrun = "echo hello from the browser"\n'


@pytest.fixture
def home(tmp_path: Path) -> Iterator[RealHome]:
    real = RealHome(tmp_path)
    yield real
    real.end()


@contextmanager
def chromium(folder: Path) -> Iterator[int]:
    """A browser with nothing remembered; gives the port of its protocol."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    assert program is not None, f"this campaign needs one of {', '.join(NAMES)}"
    process = subprocess.Popen(
        [program, "--headless=new", "--no-sandbox", "--enable-unsafe-swiftshader", "--remote-debugging-port=0",
         "--no-first-run",
         f"--user-data-dir={folder}", "--window-size=1200,700", "about:blank"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(folder)},
    )  # fmt: skip
    try:
        port = folder / "DevToolsActivePort"
        wait_until(lambda: port.exists() and "\n" in port.read_text(), what="the browser")
        yield int(port.read_text().split()[0])
    finally:
        process.terminate()
        process.wait(60)


class Page:
    """A tab, by the DevTools protocol. `requested` are the addresses it asked for, `complaints` what it said."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.requested: list[str] = []
        self.complaints: list[str] = []

    async def listen(self) -> None:
        """Sort what the browser says; run it as a task."""
        async for message in self._socket:
            said = json.loads(message.data)
            match said.get("method"):
                case "Network.requestWillBeSent":
                    self.requested.append(said["params"]["request"]["url"])
                case "Network.webSocketCreated":
                    self.requested.append(said["params"]["url"])
                case "Log.entryAdded":
                    self.complaints.append(said["params"]["entry"]["text"])
                case "Runtime.exceptionThrown":
                    self.complaints.append(str(said["params"]))
                case None:  # an answer
                    self._answers.pop(said["id"]).set_result(said.get("result", {}))
                case _:
                    pass

    async def call(self, method: str, **params: Any) -> Any:
        """Ask the browser to do something."""
        number = len(self.requested) + len(self._answers) + int(asyncio.get_running_loop().time() * 1e6) % 10**9
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(answer, 60)

    async def value(self, expression: str) -> Any:
        """What a line of JavaScript gives."""
        return (await self.call("Runtime.evaluate", expression=expression))["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until a line of JavaScript gives true."""
        wait = f"new Promise(done => {{ const look = () => ({expression}) ? done() : setTimeout(look, 50); look() }})"
        await self.call("Runtime.evaluate", expression=wait, awaitPromise=True)

    async def press(self, key: str, text: str | None = None) -> None:
        """A key of the keyboard, and the text it gives if that is not its name."""
        typed = key if text is None else text
        for kind in ("keyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, text=typed if kind == "keyDown" else "")

    async def picture(self) -> bytes:
        """A PNG of what is shown."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])


@asynccontextmanager
async def tab(port: int) -> AsyncIterator[Page]:
    """The browser's first tab."""
    async with aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
            address = next(one["webSocketDebuggerUrl"] for one in await answer.json() if one["type"] == "page")
        async with session.ws_connect(address, max_msg_size=0) as socket:
            page = Page(socket)
            listening = asyncio.create_task(page.listen())
            for domain in ("Network", "Page", "Log", "Runtime"):
                await page.call(f"{domain}.enable")
            yield page
            listening.cancel()


@pytest.mark.campaign("browser")
async def test_the_screen_in_a_browser(home: RealHome, tmp_path: Path) -> None:
    home.write("jobs.toml", JOBS)
    home.start_engine()
    with serving(home) as (server, url), chromium(tmp_path / "browser") as port:
        async with tab(port) as page:
            await page.call("Page.navigate", url=url)
            await wait_until_async(lambda: len(windows_of(home)) == 1, what="the window")
            await page.until("document.body.classList.contains('-first-byte')")
            assert await page.value("location.href") == f"{base_of(url)}/", "the token has left the address bar"
            assert await page.value("document.fonts.check('16px \"Roboto Mono\"')") is True
            before = await page.picture()
            await page.value("document.querySelector('.xterm-helper-textarea').focus()")
            await page.press("r")
            await page.press("Enter", "\r")
            await wait_until_async(
                lambda: [run["status"] for run in home.runs("by-hand")] == ["completed"], what="the key to act"
            )
            after = await page.picture()
            assert len(set(before)) > 16, "something is painted"
            assert before != after, "the run is shown"
            (tmp_path / "serve.png").write_bytes(after)
            own = (base_of(url), base_of(url).replace("http", "ws"), "data:", "about:")
            assert [one for one in page.requested if not one.startswith(own)] == []
            assert page.complaints == []
            await page.press("q")
            await page.until("document.body.classList.contains('-closed')")
        await wait_until_async(lambda: not windows_of(home), what="the window to end")
        server.terminate()
        assert server.wait(60) == 0
