"""Work on a thread of its own: its result, its error, and what is told of work that takes long."""

from __future__ import annotations

import asyncio
import threading

import pytest

from jobistemer_tui.settings import own_thread
from jobistemer_tui.settings.own_thread import on_own_thread
from tests.support.wait_until import wait_until_async


def named(what: str) -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == what]


async def test_it_gives_the_result_or_raises_the_error() -> None:
    assert await on_own_thread(lambda: threading.current_thread().daemon, "work") is True
    with pytest.raises(ZeroDivisionError):
        await on_own_thread(lambda: 1 // 0, "work")


@pytest.mark.parametrize("may_be_slow", [False, True])
async def test_who_hangs_is_told_of_and_nobody_has_to_wait_for_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, may_be_slow: bool
) -> None:
    monkeypatch.setattr(own_thread, "SLOW_S", 0.0)
    answers = threading.Event()
    waiting = asyncio.ensure_future(on_own_thread(answers.wait, "hanging work", may_be_slow=may_be_slow))
    await wait_until_async(lambda: named("hanging work") and (may_be_slow or caplog.messages))
    waiting.cancel()
    await asyncio.wait({waiting})
    answers.set()
    await wait_until_async(lambda: not named("hanging work"))
    told = [] if may_be_slow else ["hanging work takes longer than 0 s: a disk may hang"]
    assert caplog.messages == told
