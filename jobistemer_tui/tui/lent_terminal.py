"""The terminal in another program's hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App
from textual.worker import get_current_worker

from .terminal_app import TerminalApp


def fault_words(error: OSError | ValueError) -> str:
    """Why another program could not be started: `nano: No such file or directory`."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


@contextmanager
def lent_terminal(app: App[Any]) -> Iterator[None]:
    """Give the terminal to an editor or a pager until the block ends; the event loop goes on meanwhile.

    Nothing is painted in between: nobody takes what is written to a suspended driver, and once its queue of
    30 writes is full the next one would block the loop for good. Keys that were typed for the other program but came
    before it are dropped, as it cannot be given them. Called in a worker. Raises SuspendNotSupported, and what the
    block raises once the terminal is back.
    """
    typed_ahead = app.typed_ahead if isinstance(app, TerminalApp) else None
    if typed_ahead is not None:
        typed_ahead.hold_for(get_current_worker(), app.screen)
    failure: Exception | None = None
    with app.batch_update(), app.suspend():
        try:
            yield
        except Exception as error:  # noqa: BLE001 - Textual takes the terminal back only from a block that ends well
            failure = error
    app.refresh(layout=True)
    if typed_ahead is not None and typed_ahead.drop():
        app.notify("what was typed before the other program had opened is dropped", markup=False)
    if failure is not None:
        raise failure
