"""The terminal in another program's hands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from textual.app import App


@contextmanager
def lent_terminal(app: App[Any]) -> Iterator[None]:
    """Give the terminal to an editor or a pager until the block ends; the event loop goes on meanwhile.

    Nothing is painted in between: nobody takes what is written to a suspended driver, and once its queue of
    30 writes is full the next one would block the loop for good. Raises SuspendNotSupported.
    """
    with app.batch_update(), app.suspend():
        yield
    app.refresh(layout=True)
