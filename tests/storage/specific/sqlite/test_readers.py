"""Closing waits for no read that does not come to an end."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from jobistemer_tui.storage.sqlite import readers as readers_module
from jobistemer_tui.storage.sqlite.connect import connect_reader
from jobistemer_tui.storage.sqlite.readers import Readers


class Hanging(sqlite3.Connection):
    """Answers when it may."""

    asked, may_answer = threading.Event(), threading.Event()

    def execute(self, *args: object) -> sqlite3.Cursor:
        if "data_version" in str(args):
            self.asked.set()
            assert self.may_answer.wait(60)
        return super().execute(*args)  # type: ignore[arg-type]


def test_closing_does_not_wait_for_a_look_at_the_commits(
    path: Path, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: leaving the screen took as long as the database was locked."""
    watch = sqlite3.connect(path, factory=Hanging, check_same_thread=False)
    monkeypatch.setattr(readers_module, "connect_reader", lambda path: watch)
    readers = Readers(path)
    looking = threading.Thread(target=readers.data_version)
    looking.start()
    assert watch.asked.wait(60)
    closing = threading.Thread(target=readers.close)
    closing.start()
    closing.join(30)
    assert not closing.is_alive()
    assert looking.is_alive()
    watch.may_answer.set()
    looking.join()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        watch.total_changes  # noqa: B018 - it is closed by who has waited for it


def test_what_watches_is_closed(path: Path, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = connect_reader(path)
    monkeypatch.setattr(readers_module, "connect_reader", lambda path: watch)
    readers = Readers(path)
    assert readers.data_version() > 0
    readers.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        watch.execute("SELECT 1")
