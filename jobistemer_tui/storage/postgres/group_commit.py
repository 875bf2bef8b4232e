"""Several pieces of work in one commit, each as if it were alone; one transaction at a time over all processes.

The gate is a lock on the only row of the table `store`, taken by a statement of its own. Under READ COMMITTED each
later statement therefore sees all that was committed before (hazard 12). The row also counts commits and events.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Literal

from jobistemer_tui.errors import StoreError, StoreUnavailable
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.failures import store_error
from jobistemer_tui.storage.postgres.lost_answer import Gate, was_committed
from jobistemer_tui.storage.postgres.own_commits import OwnCommits
from jobistemer_tui.storage.postgres.transaction import PostgresTransaction
from jobistemer_tui.storage.sql.run_work import run_work
from jobistemer_tui.storage.writer import Outcome, Work

_BEGIN = SQL(
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
    "SELECT commits, last_event, pg_current_xact_id()::text FROM store FOR NO KEY UPDATE"
)
_COMMIT = SQL(
    "UPDATE store SET commits = {commits}, last_event = {last_event}; SELECT pg_notify({channel}, ''); COMMIT"
)
_TOGETHER = 64
"""More savepoints than this in one transaction make every other session slower (subtransaction overflow)."""


@dataclass(frozen=True, slots=True)
class _Undone(Exception):
    """Nothing of the group was written, and why; `unreachable`: it is of no use to try the next piece."""

    error: StoreError
    unreachable: bool = False


class GroupCommit:
    """Commits work over the writing session, which is made anew when it is lost; used by one thread."""

    def __init__(self, connection: Connection, address: Address, nesting: NestingGuard, own: OwnCommits) -> None:
        self._connection = connection
        self._address = address
        self._nesting = nesting
        self._own = own

    def commit(self, group: Sequence[Work]) -> list[Outcome]:
        """The outcome of each piece of work, in order, after whatever could be committed is committed."""
        outcomes: list[Outcome] = []
        for start in range(0, len(group), _TOGETHER):
            outcomes += self._commit_some(group[start : start + _TOGETHER])
        return outcomes

    def close(self) -> None:
        """End the session."""
        self._connection.close()

    def _commit_some(self, group: Sequence[Work]) -> list[Outcome]:
        if len(group) > 1:
            try:
                return self._transact(group)
            except _Undone as undone:
                if (
                    undone.unreachable
                ):  # perhaps nobody knows whether it was written: done again, it would be done twice
                    return [Outcome(error=undone.error)] * len(group)
        outcomes: list[Outcome] = []
        for work in group:
            try:
                outcomes += self._transact([work])
            except _Undone as undone:
                outcomes.append(Outcome(error=undone.error))
                if undone.unreachable:
                    return outcomes + [Outcome(error=undone.error)] * (len(group) - len(outcomes))
        return outcomes

    def _transact(self, group: Sequence[Work]) -> list[Outcome]:
        """One transaction. Raises _Undone."""
        gate = self._begin()
        try:
            outcomes, last_event, wrote = self._run_all(group, gate.last_event)
            if not wrote:
                self._roll_back()
                return outcomes
        except psycopg.Error as error:
            self._roll_back()
            raise _Undone(_meant(error)) from error
        self._end(gate, last_event)
        return outcomes

    def _begin(self) -> Gate:
        """Pass the gate, over a new session if the old one is lost."""
        for fresh in (self._connection.closed, True):
            if fresh:
                self._connect()
            try:
                cursor = self._connection.execute(_BEGIN, prepare=False)
                cursor.nextset()
                ((commits, last_event, transaction),) = cursor.fetchall()
                return Gate(commits, last_event, transaction, self._connection.info.backend_pid)
            except (psycopg.Error, ValueError) as error:
                self._roll_back()
                if fresh or not self._connection.closed:
                    raise _Undone(_gate_error(error), unreachable=True) from error
        raise AssertionError("the second try either passes or raises")

    def _connect(self) -> None:
        self._connection.close()
        try:
            self._connection = connect(self._address)
        except StoreUnavailable as error:
            raise _Undone(error, unreachable=True) from error

    def _run_all(self, group: Sequence[Work], last_event: int) -> tuple[list[Outcome], int, bool]:
        """The outcomes, the newest event's number, and whether anything is to be committed."""
        outcomes: list[Outcome] = []
        wrote = False
        for work in group:
            if len(group) > 1:
                self._connection.execute("SAVEPOINT work")
            transaction = PostgresTransaction(self._connection, last_event)
            outcome = run_work(work, transaction, self._nesting)
            if self._connection.closed:
                raise psycopg.OperationalError("the connection was lost")
            if outcome.error is None:
                wrote, last_event = wrote or transaction.wrote, transaction.last_event
            if len(group) > 1:
                if outcome.error is not None:
                    self._connection.execute("ROLLBACK TO work")
                self._connection.execute("RELEASE work")
            outcomes.append(outcome)
        return outcomes, last_event, wrote

    def _end(self, gate: Gate, last_event: int) -> None:
        number = gate.commits + 1
        channel = Literal(self._address.schema)
        self._own.begin(number)
        try:
            text = _COMMIT.format(commits=Literal(number), last_event=Literal(last_event), channel=channel)
            self._connection.execute(text, prepare=False)  # several statements, in one journey
        except psycopg.Error as error:
            if self._connection.closed and self._was_committed(gate):
                return
            self._own.undo(number)
            self._roll_back()
            raise _Undone(_meant(error)) from error

    def _was_committed(self, gate: Gate) -> bool:
        try:
            return was_committed(self._address, gate)
        except StoreUnavailable as error:
            raise _Undone(error, unreachable=True) from error

    def _roll_back(self) -> None:
        with suppress(psycopg.Error):  # then the session is lost, and with it the transaction
            if not self._connection.closed:
                self._connection.execute("ROLLBACK")


def _meant(error: psycopg.Error) -> StoreError:
    meant = store_error(error)
    meant.__cause__ = error
    return meant


def _gate_error(error: psycopg.Error | ValueError) -> StoreError:
    if isinstance(error, ValueError):
        return StoreUnavailable("the store's row is gone", hint="restore it from a backup")
    return _meant(error)
