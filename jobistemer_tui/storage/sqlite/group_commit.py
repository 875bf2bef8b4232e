"""Several pieces of work in one commit, each as if it were alone.

Some errors (SQLITE_FULL, SQLITE_IOERR, ...) make SQLite roll back the whole transaction, savepoints included
(https://sqlite.org/lang_transaction.html, "Response To Errors Within A Transaction"). Then the group is given up and
each piece runs again in a transaction of its own.

A savepoint for each piece would have SQLite copy every page aside that the piece touches. So there is none until a
piece has failed after it had written; then the group runs again with them.

Each piece begins with no knowledge: to keep true what the others have read costs more here than to ask again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.sql.run_work import run_work
from jobistemer_tui.storage.sqlite.failures import store_error
from jobistemer_tui.storage.sqlite.transaction import SqliteTransaction
from jobistemer_tui.storage.writer import Outcome, Work

_Run = Callable[[Work], Outcome]


class _GroupLost(Exception):
    """The transaction of the group is gone."""


class _HalfDone(Exception):
    """A piece of work has failed after it had written, and nothing tells its part from that of the others."""


class GroupCommit:
    """Commits work over the writing connection; used by one thread."""

    def __init__(self, connection: sqlite3.Connection, nesting: NestingGuard) -> None:
        self._connection = connection
        self._nesting = nesting

    def commit(self, group: Sequence[Work]) -> list[Outcome]:
        """The outcome of each piece of work, in order, after whatever could be committed is committed."""
        if len(group) == 1:
            return [self._alone(group[0])]
        try:
            try:
                return self._together(group, self._among_others)
            except _HalfDone:
                self._roll_back()
                return self._together(group, self._beside_others)
        except (sqlite3.Error, _GroupLost):
            self._roll_back()
            return [self._alone(work) for work in group]

    def _together(self, group: Sequence[Work], run: _Run) -> list[Outcome]:
        """One transaction for all. Raises sqlite3.Error, _GroupLost and _HalfDone: then nothing is committed."""
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:  # nothing has run, and each alone would wait as long again
            return [_failed(error)] * len(group)
        outcomes = [run(work) for work in group]
        sync_point("store.group_written")
        self._connection.execute("COMMIT")
        return outcomes

    def _alone(self, work: Work) -> Outcome:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            outcome = self._run(work)
            sync_point("store.written")
            if outcome.error is None:
                self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            outcome = _failed(error)
        self._roll_back()
        return outcome

    def _among_others(self, work: Work) -> Outcome:
        transaction = SqliteTransaction(self._connection)
        outcome = run_work(work, transaction, self._nesting)
        self._check_alive()
        if outcome.error is not None and transaction.has_written:
            raise _HalfDone
        return outcome

    def _beside_others(self, work: Work) -> Outcome:
        self._connection.execute("SAVEPOINT work")
        outcome = self._run(work)
        self._check_alive()
        if outcome.error is not None:
            self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")
        return outcome

    def _check_alive(self) -> None:
        if not self._connection.in_transaction:  # what comes next would begin and commit a transaction of its own
            raise _GroupLost

    def _run(self, work: Work) -> Outcome:
        return run_work(work, SqliteTransaction(self._connection), self._nesting)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):  # then the next BEGIN reports it
                self._connection.execute("ROLLBACK")


def _failed(error: sqlite3.Error) -> Outcome:
    meant = store_error(error)
    meant.__cause__ = error
    return Outcome(error=meant)
