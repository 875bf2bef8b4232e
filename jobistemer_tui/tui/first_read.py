"""The rows of the first picture, read before the screen is imported. Imports no Textual itself."""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final

from .screens.reads import first_jobs_question

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import Operations

    from .feed_worker import Read
    from .read_values import ReadValue

_ALONE_S: Final = 0.25
"""For so long at the most nothing else is begun: enough for a store on this machine, not for a slow server."""


class FirstRead:
    """One question, by default for as many jobs as the terminal has rows, that is read in a thread.

    It is given time of its own first. Beside a thread that computes, each row that SQLite gives would wait up to 5 ms
    for the interpreter, and all the changing to and fro took 60 ms more of processor time than the 20 that it takes.
    """

    def __init__(self, operations: Operations, read: Read | None = None) -> None:
        self._answer: Future[ReadValue] = Future()
        question = read or first_jobs_question(get_terminal_size().lines)
        threading.Thread(target=self._work, args=(operations, question), name="first rows", daemon=True).start()
        wait([self._answer], _ALONE_S)

    def _work(self, operations: Operations, read: Read) -> None:
        try:
            self._answer.set_result(read(operations))
        except Exception as error:  # noqa: BLE001 - it is asked again, and the failure then shown
            self._answer.set_exception(error)

    def within(self, seconds: float) -> ReadValue | None:
        """The answer, waited for so long at the most; None if it is not there then, or if it cannot be read."""
        done, _ = wait([self._answer], seconds)
        return self._answer.result() if done and self._answer.exception() is None else None
