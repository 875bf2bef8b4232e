"""A session whose statements are sent one behind the other, without waiting for answers that nobody needs.

See https://www.postgresql.org/docs/current/libpq-pipeline-mode.html. What was refused is told by the next answer that
is waited for; until then the server passes over everything that was sent behind it, a COMMIT too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import psycopg

from jobistemer_tui.storage.codec import Row
from jobistemer_tui.storage.postgres.connect import Connection


class Pipelined:
    """The session for writing. Each method raises psycopg.Error."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._mode = connection.pipeline()
        self._pipeline = self._mode.__enter__()

    @property
    def closed(self) -> bool:
        """Whether it is lost, or was closed."""
        return self._connection.closed

    @property
    def backend(self) -> int:
        """The server's process."""
        return self._connection.info.backend_pid

    def send(self, text: str, values: Sequence[Any] = (), *, prepare: bool | None = None) -> psycopg.Cursor[Row]:
        """Execute a statement; whoever fetches its rows waits for it, and for all before it."""
        return self._connection.execute(text, values, binary=True, prepare=prepare)

    def wait(self) -> None:
        """Until all that was sent is answered."""
        self._pipeline.sync()

    def commit(self) -> None:
        """Commit, and wait for the answer."""
        cursor = self.send("COMMIT", prepare=False)
        self.wait()
        if cursor.statusmessage != "COMMIT":  # so a server answers where the transaction had failed
            raise psycopg.OperationalError("the transaction had failed and was rolled back")

    def roll_back(self) -> None:
        """Undo the transaction; if the session is lost, so is the transaction."""
        with suppress(psycopg.Error):
            self.wait()  # what was refused is known
        with suppress(psycopg.Error):
            if not self.closed:
                self.send("ROLLBACK", prepare=False)
                self.wait()

    def close(self) -> None:
        """End the session."""
        self._connection.close()
        with suppress(psycopg.Error):
            self._mode.__exit__(None, None, None)
