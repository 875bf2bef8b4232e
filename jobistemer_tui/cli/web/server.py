"""The server: one page, its parts, and a WebSocket that starts a window; all behind the guard."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Final

import textual_serve
from aiohttp import web

from .guard import Asked, Guard, Verdict
from .window import Window, relay, sized

MAX_WINDOWS: Final = 20
"""At once; each is a process."""
_STATIC = Path(textual_serve.__file__).parent / "static"
_PAGE = Template((Path(__file__).parent / "page.html").read_text(encoding="utf-8"))
_REFUSED: Final = {
    Verdict.WRONG_HOST: "This address does not name this machine. Use the one that jobistemer serve printed.\n",
    Verdict.WRONG_ORIGIN: "Another site asked for this, so it is refused.\n",
    Verdict.NO_TICKET: "Open the whole address that jobistemer serve printed, with its token.\n",
}
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ScreenServer:
    """Listens on `listener` from `start` to `stop`; each window runs `argv` with `environ` beside its own."""

    def __init__(self, listener: socket.socket, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._listener, self._argv, self._environ = listener, argv, environ
        self.port = int(listener.getsockname()[1])
        self._guard = Guard(self.port)
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=1.0)

    @property
    def url(self) -> str:
        """The address for a browser, with the token."""
        host = self._listener.getsockname()[0]
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}/?token={self._guard.token}"

    async def start(self) -> None:
        """Begin to answer."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    async def stop(self) -> None:
        """End all windows, then stop listening."""
        await asyncio.gather(*(each.close(code=1001, message=b"the server ends") for each in list(self._sockets)))
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._guarded])
        application.router.add_get("/", self._index)
        application.router.add_get("/ws", self._websocket)
        application.router.add_static("/static", _STATIC)
        return application

    @web.middleware
    async def _guarded(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        """Every request passes here, those for what does not exist too."""
        verdict = self._guard.judge(
            Asked(
                host=request.headers.get("Host", ""),
                origin=request.headers.get("Origin"),
                cookie=request.cookies.get(self._guard.cookie_name),
                token=request.query.get("token") if request.path == "/" else None,
                from_a_page=request.path == "/ws",
            )
        )
        if verdict in _REFUSED:
            return web.Response(status=403, text=_REFUSED[verdict], headers=_headers(None))
        if verdict is Verdict.EXCHANGED:
            return self._given_the_cookie()
        return await _answered(handler, request)

    def _given_the_cookie(self) -> web.Response:
        """The token leaves the address bar and the history."""
        response = web.Response(status=303, headers={**_headers(None), "Location": "/"})
        response.set_cookie(
            self._guard.cookie_name, self._guard.cookie, httponly=True, samesite="Strict", path="/", max_age=None
        )
        return response

    async def _index(self, request: web.Request) -> web.Response:
        size = sized(_number(request.query.get("fontsize"), 16))
        return web.Response(text=_PAGE.substitute(host=request.host, font_size=size), content_type="text/html")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if len(self._sockets) >= MAX_WINDOWS:
            return web.Response(status=503, text=f"{MAX_WINDOWS} windows are open already\n")
        browser = web.WebSocketResponse(heartbeat=15)
        if not browser.can_prepare(request):
            return web.Response(status=400, text="This is for the page to use.\n")
        self._sockets.add(browser)
        window = Window(self._argv, self._environ, browser)
        try:
            await browser.prepare(request)
            width, height = (_number(request.query.get(name), 80) for name in ("width", "height"))
            await window.start(width, height)
            with suppress(ValueError, TypeError):  # what is no JSON ends the connection
                await relay(browser, window)
        finally:
            await asyncio.shield(window.stop())
            await browser.close()
            self._sockets.discard(browser)
        return browser


async def _answered(handler: _Handler, request: web.Request) -> web.StreamResponse:
    try:
        response = await handler(request)
    except web.HTTPException as error:
        error.headers.update(_headers(request.host))
        raise
    if not response.prepared:
        response.headers.update(_headers(request.host))
    return response


def _headers(host: str | None) -> dict[str, str]:
    """Nothing is loaded from elsewhere, nobody frames it, nothing is kept. `host`: where the page may connect to."""
    connects = "'none'" if host is None else f"'self' ws://{host}"
    return {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
            f"img-src 'self' data:; connect-src {connects}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 5 else default
