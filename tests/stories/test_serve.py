"""The screen in a browser: token and cookie, windows that only attach, and an end that leaves nothing behind."""

from __future__ import annotations

import signal

import aiohttp
import pytest

from tests.support.browser_window import base_of, browser, serving, window, windows_of
from tests.support.real_home import RealHome
from tests.support.wait_until import wait_until, wait_until_async

JOBS = '[jobs.by-hand]\nrun = "echo hello from the job"\n'


async def test_the_address_is_exchanged_for_a_cookie_and_others_are_turned_away(home: RealHome) -> None:
    with serving(home) as (server, url):
        base = base_of(url)
        async with browser() as stranger, browser() as person:
            for path in ("/", "/static/js/textual.js", "/ws", "/nothing", "/?token=guess"):
                async with stranger.get(base + path) as answer:
                    assert (answer.status, "token" in await answer.text()) == (403, path != "/ws"), path
            async with person.get(url, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/")
                cookie = answer.headers["Set-Cookie"]
                assert "HttpOnly" in cookie
                assert "SameSite=Strict" in cookie
                assert "token=" not in cookie
            async with person.get(f"{base}/") as answer:
                page = await answer.text()
                assert answer.status == 200
                assert "http" not in page.replace(base, ""), "nothing is loaded from elsewhere"
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy
                assert f"connect-src 'self' ws://{base.removeprefix('http://')};" in policy
                assert answer.headers["Cache-Control"] == "no-store"
            for path in ("js/textual.js", "css/xterm.css", "fonts/RobotoMono-VariableFont_wght.ttf"):
                async with person.get(f"{base}/static/{path}") as answer:
                    assert answer.status == 200
            async with person.get(f"{base}/static/") as answer:
                assert answer.status == 403, "no listing"
            for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
                async with person.get(f"{base}/", headers=headers) as answer:
                    assert answer.status == 403
            for origin in (None, "http://evil.example", "http://localhost:1"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                    await person.ws_connect(f"{base}/ws", origin=origin)
                assert refused.value.status == 403
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await stranger.ws_connect(f"{base}/ws", origin=base)
        assert not windows_of(home), "nobody who was turned away started a process"
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0


async def test_a_window_attaches_acts_and_leaves_the_engine_alone(home: RealHome) -> None:
    home.write("jobs.toml", JOBS)
    home.start_engine()
    engine = home.engines[-1].pid
    with serving(home) as (server, url):
        async with browser() as person:
            await (await person.get(url)).read()
            async with window(person, base_of(url)) as first, window(person, base_of(url)) as second:
                await first.until(f"attached to pid {engine}", "by-hand")
                await first.press("r")
                await first.until("Run by-hand now")
                await first.press("\r")
                await second.until("✓ by-hand")
                await first.press("e")
                await first.until("no editor can be opened here")
                await second.socket.send_json(["resize", {"width": 10**9, "height": 0}])
                await second.socket.send_str("no json")
                await second.until_closed()
                assert len(windows_of(home)) <= 2
                await first.press("q")
                assert await first.until_closed() == 1000, "leaving asks nothing: the engine is somebody else's"
        await wait_until_async(lambda: not windows_of(home), what="the windows to end")
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
    assert home.engines[-1].poll() is None
    assert [run["status"] for run in home.runs("by-hand")] == ["completed"]


async def test_a_window_does_not_outlive_a_server_that_is_killed(home: RealHome) -> None:
    with serving(home, "--read-only") as (server, url):
        async with browser() as person:
            await (await person.get(url)).read()
            async with window(person, base_of(url)) as shown:
                await shown.until("read-only · no engine has run yet", "nothing scheduled yet")
                assert windows_of(home)
                server.kill()
                await shown.until_closed()
    wait_until(lambda: not windows_of(home), what="the windows to end")
