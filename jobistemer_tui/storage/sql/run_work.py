"""Run a piece of work over a transaction, once, and say what became of it."""

from __future__ import annotations

from jobistemer_tui.storage.nesting import NestingGuard
from jobistemer_tui.storage.sql.transaction import SqlTransaction
from jobistemer_tui.storage.writer import Outcome, Work


def run_work(work: Work, transaction: SqlTransaction, nesting: NestingGuard) -> Outcome:
    """The work's result or error; nothing is committed. Afterwards the transaction is of no use to anybody."""
    try:
        with nesting.inside():
            result = work(transaction)
    except BaseException as error:  # noqa: BLE001 whatever the work raised belongs to its waiter
        return Outcome(error=error)
    else:
        return Outcome(result, transaction.failure)
    finally:
        transaction.finish()
