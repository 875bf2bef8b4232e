"""Several pieces of work in one commit, each as if it were alone.

Each runs in a transaction within the group's, so that one that fails is undone alone. After an error of LMDB's own the
group is given up and each piece runs again in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import lmdb

from jobistemer_tui.errors import StoreError
from jobistemer_tui.storage.lmdb.environment import Environment
from jobistemer_tui.storage.lmdb.failures import store_error_at
from jobistemer_tui.storage.lmdb.layout import refuse_changed
from jobistemer_tui.storage.lmdb.rows import LmdbRows
from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.row_transaction import RowTransaction
from jobistemer_tui.storage.writer import Outcome, Work


class _Undone(Exception):
    """Nothing of a transaction is to be written: its only work failed."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome


class GroupCommit:
    """Commits work in one environment; used by one thread."""

    def __init__(self, environment: Environment, nesting: NestingGuard) -> None:
        self._environment = environment
        self._nesting = nesting

    def commit(self, group: Sequence[Work]) -> list[Outcome]:
        """See `writer.Commit`."""
        if len(group) == 1:
            return [self._alone(group[0])]
        try:
            return self._environment.write(lambda transaction: self._together(transaction, group))
        except (lmdb.Error, StoreError):
            return [self._alone(work) for work in group]

    def _together(self, transaction: lmdb.Transaction[bytes], group: Sequence[Work]) -> list[Outcome]:
        refuse_changed(transaction, self._environment.path)
        return [self._beside_others(transaction, work) for work in group]

    def _beside_others(self, parent: lmdb.Transaction[bytes], work: Work) -> Outcome:
        transaction = self._environment.nested(parent)
        try:
            outcome = self._run(transaction, work)
            if outcome.error is None:
                transaction.commit()
            return outcome
        finally:
            transaction.abort()

    def _alone(self, work: Work) -> Outcome:
        def run(transaction: lmdb.Transaction[bytes]) -> Outcome:
            refuse_changed(transaction, self._environment.path)
            outcome = self._run(transaction, work)
            if outcome.error is not None:
                raise _Undone(outcome)
            return outcome

        try:
            return self._environment.write(run)
        except _Undone as undone:
            return undone.outcome
        except lmdb.Error as error:
            meant = store_error_at(error, self._environment.path)
            meant.__cause__ = error
            return Outcome(error=meant)
        except StoreError as error:
            return Outcome(error=error)

    def _run(self, inside: lmdb.Transaction[bytes], work: Work) -> Outcome:
        """Run a piece of work. Raises lmdb.Error if it has spoilt the transaction, whatever the work made of it."""
        rows = LmdbRows(inside)
        transaction = RowTransaction(rows)
        try:
            with self._nesting.inside():
                result = work(transaction)
        except BaseException as error:  # noqa: BLE001 whatever the work raised belongs to its waiter
            outcome = Outcome(error=error)
        else:
            outcome = Outcome(result, transaction.failure or rows.failure)
        finally:
            transaction.finish()
        if rows.cause is not None:
            raise rows.cause
        return outcome
