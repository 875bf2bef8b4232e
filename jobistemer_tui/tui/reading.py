"""Reads in threads that nobody waits for when the program ends.

What is read is lost to nobody then, and a read may hang: the store is locked, its disk or its server does not answer.
Asyncio's own threads are joined before a process ends, so those are left to what writes.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextvars import copy_context
from typing import Final, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


class DaemonThreads(Executor):
    """A thread for each call."""

    def submit(self, call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """The call's result, some time."""
        answer: Future[T] = Future()
        answer.set_running_or_notify_cancel()  # who waits may stop waiting; the call goes on

        def work() -> None:
            try:
                answer.set_result(call(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - whoever waits has to know
                answer.set_exception(error)

        threading.Thread(target=work, name="read", daemon=True).start()
        return answer


READERS: Final[Executor] = DaemonThreads()


async def read_in_thread(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """The result of a call that only reads."""
    context = copy_context()
    return await asyncio.get_running_loop().run_in_executor(READERS, lambda: context.run(call, *args, **kwargs))
