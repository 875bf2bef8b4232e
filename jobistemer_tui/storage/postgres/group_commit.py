"""Several pieces of work in one commit, each as if it were alone; one transaction at a time over all processes.

The gate is a lock on the only row of the table `store`, taken by a statement of its own. Under READ COMMITTED each
later statement therefore sees all that was committed before (hazard 12). The row also counts commits and events.

Nobody waits for the answer of a statement that nothing depends on (`pipelined`), because everybody else waits at the
gate meanwhile. There is no savepoint until a piece has failed after it had written; then the group runs again with one
for each piece, as it does over SQLite.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg

from jobistemer_tui.errors import StoreError, StoreUnavailable
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.postgres.address import Address
from jobistemer_tui.storage.postgres.connect import Connection, connect
from jobistemer_tui.storage.postgres.failures import store_error
from jobistemer_tui.storage.postgres.lost_answer import Gate, was_committed
from jobistemer_tui.storage.postgres.own_commits import OwnCommits
from jobistemer_tui.storage.postgres.pipelined import Pipelined
from jobistemer_tui.storage.postgres.transaction import PostgresTransaction
from jobistemer_tui.storage.sql.memory import Memory
from jobistemer_tui.storage.sql.run_work import run_work
from jobistemer_tui.storage.writer import Outcome, Work

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
_GATE = "SELECT commits, last_event, pg_current_xact_id()::text FROM store FOR NO KEY UPDATE"
_COUNT = "UPDATE store SET commits = %s, last_event = %s RETURNING pg_notify(%s, '')"
_TOGETHER = 64
"""More savepoints than this in one transaction make every other session slower (subtransaction overflow)."""


class _Undone(Exception):
    """Nothing of the group was written, and why; `unreachable`: it is of no use to try the next piece."""

    def __init__(self, error: StoreError, *, unreachable: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.unreachable = unreachable


class _HalfDone(Exception):
    """A piece of work has failed after it had written, or a statement has, and nothing tells whose."""


@dataclass(slots=True)
class _Passed:
    """A transaction behind the gate: what was read there, the newest event, and whether anything is to be committed."""

    gate: Gate
    last_event: int
    wrote: bool = False
    memory: Memory = field(default_factory=Memory)


_Run = Callable[[_Passed, Work], Outcome]


class GroupCommit:
    """Commits work over the writing session, which is made anew when it is lost; used by one thread."""

    def __init__(self, connection: Connection, address: Address, nesting: NestingGuard, own: OwnCommits) -> None:
        self._session = Pipelined(connection)
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
        self._session.close()

    def _commit_some(self, group: Sequence[Work]) -> list[Outcome]:
        if len(group) > 1:
            try:
                return self._transact_all(group)
            except _Undone as undone:
                if (
                    undone.unreachable
                ):  # perhaps nobody knows whether it was written: done again, it would be done twice
                    return [Outcome(error=undone.error)] * len(group)
        outcomes: list[Outcome] = []
        for work in group:
            try:
                outcomes += self._transact([work], self._alone)
            except _Undone as undone:
                outcomes.append(Outcome(error=undone.error))
                if undone.unreachable:
                    return outcomes + [Outcome(error=undone.error)] * (len(group) - len(outcomes))
        return outcomes

    def _transact_all(self, group: Sequence[Work]) -> list[Outcome]:
        """One transaction without savepoints, or else one with them. Raises _Undone."""
        try:
            return self._transact(group, self._among_others)
        except _HalfDone:
            return self._transact(group, self._beside_others)

    def _transact(self, group: Sequence[Work], run: _Run) -> list[Outcome]:
        """One transaction. Raises _Undone and _HalfDone: then nothing is committed."""
        gate = self._begin()
        passed = _Passed(gate, gate.last_event)
        try:
            outcomes = [run(passed, work) for work in group]
        except psycopg.Error as error:
            self._session.roll_back()
            raise _Undone(_meant(error)) from error
        except _HalfDone:
            self._session.roll_back()
            raise
        if passed.wrote:
            self._end(passed)
        else:
            self._session.roll_back()
        return outcomes

    def _begin(self) -> Gate:
        """Pass the gate, over a new session if the old one is lost."""
        for fresh in (self._session.closed, True):
            if fresh:
                self._connect()
            try:
                self._session.send(_BEGIN, prepare=False)
                ((commits, last_event, transaction),) = self._session.send(_GATE).fetchall()
                return Gate(commits, last_event, transaction, self._session.backend)
            except (psycopg.Error, ValueError) as error:
                self._session.roll_back()
                if fresh or not self._session.closed:
                    raise _Undone(_gate_error(error), unreachable=True) from error
        raise AssertionError("the second try either passes or raises")

    def _connect(self) -> None:
        self._session.close()
        try:
            self._session = Pipelined(connect(self._address))
        except StoreUnavailable as error:
            raise _Undone(error, unreachable=True) from error

    def _alone(self, passed: _Passed, work: Work) -> Outcome:
        """A piece on which nothing else hangs: if it fails, all is undone."""
        outcome, _ = self._run(passed, work)
        return outcome

    def _among_others(self, passed: _Passed, work: Work) -> Outcome:
        outcome, transaction = self._run(passed, work)
        if outcome.error is not None and (transaction.has_written or transaction.is_broken):
            raise _HalfDone
        return outcome

    def _beside_others(self, passed: _Passed, work: Work) -> Outcome:
        self._session.send("SAVEPOINT work", prepare=False)
        last_event, wrote = passed.last_event, passed.wrote
        outcome, _ = self._run(passed, work)
        try:
            self._session.wait()
        except psycopg.Error as error:
            outcome = Outcome(error=outcome.error or _meant(error))
        if self._session.closed:
            raise psycopg.OperationalError("the connection was lost")
        if outcome.error is not None:
            passed.last_event, passed.wrote, passed.memory = last_event, wrote, Memory()
            self._session.send("ROLLBACK TO work", prepare=False)
        self._session.send("RELEASE work", prepare=False)
        return outcome

    def _run(self, passed: _Passed, work: Work) -> tuple[Outcome, PostgresTransaction]:
        transaction = PostgresTransaction(self._session, passed.last_event, passed.memory)
        outcome = run_work(work, transaction, self._nesting)
        if self._session.closed:
            raise psycopg.OperationalError("the connection was lost")
        if outcome.error is None:
            passed.wrote, passed.last_event = passed.wrote or transaction.wrote, transaction.last_event
        return outcome, transaction

    def _end(self, passed: _Passed) -> None:
        number = passed.gate.commits + 1
        self._own.begin(number)
        try:
            self._session.send(_COUNT, (number, passed.last_event, self._address.schema))
            self._session.commit()
        except psycopg.Error as error:
            if self._session.closed and self._was_committed(passed.gate):
                return
            self._own.undo(number)
            self._session.roll_back()
            raise _Undone(_meant(error)) from error

    def _was_committed(self, gate: Gate) -> bool:
        try:
            return was_committed(self._address, gate)
        except StoreUnavailable as error:
            raise _Undone(error, unreachable=True) from error


def _meant(error: psycopg.Error) -> StoreError:
    meant = store_error(error)
    meant.__cause__ = error
    return meant


def _gate_error(error: psycopg.Error | ValueError) -> StoreError:
    if isinstance(error, ValueError):
        return StoreUnavailable("the store's row is gone", hint="restore it from a backup")
    return _meant(error)
