"""Blocking work that may hang, as a file on a network mount does: on a daemon thread of its own.

Not on the loop's pool: what hangs would take its few threads, and the end of the program waits for them.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
SLOW_S = 10.0
"""Seconds."""

_log = logging.getLogger(__name__)


async def on_own_thread(work: Callable[[], T], what: str, *, may_be_slow: bool = False) -> T:
    """Do the work, `what` in words, and give its result; raises what it raises. Nobody waits for it once cancelled.

    Unless it may be slow, as a program or a server is, the log tells of it after SLOW_S.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - it is handed to whoever waits
            tell = _settling(done, error=error)
        else:
            tell = _settling(done, result=result)
        with suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(tell)

    threading.Thread(target=run, name=what, daemon=True).start()
    try:
        ended, _ = await asyncio.wait({done}, timeout=None if may_be_slow else SLOW_S)
        if not ended:
            _log.warning("%s takes longer than %g s: a disk may hang", what, SLOW_S)
        return await done
    finally:
        done.cancel()


def _settling(
    done: asyncio.Future[T], *, result: T | None = None, error: BaseException | None = None
) -> Callable[[], None]:
    def settle() -> None:
        if done.done():
            return
        if error is None:
            done.set_result(result)  # type: ignore[arg-type]  # without an error there is a result
        else:
            done.set_exception(error)

    return settle
