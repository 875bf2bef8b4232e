"""Ask everything that an engine runs to stop, because the engine is being shut down with `--cancel`."""

from __future__ import annotations

from datetime import datetime

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.states import OccurrenceState, Reason, Who
from jobistemer_tui.engine.transactions.common import Owner, tell, write_occurrence
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_OWNER


def stop_all(tx: Transaction, *, owner: Owner, now: datetime) -> int:
    """running → canceling (shutdown) for every occurrence of the engine; gives how many."""
    rows = tx.scan(OCCURRENCES_BY_OWNER, owner.node_id, OccurrenceState.RUNNING)
    for row in rows:
        stopping = occurrence_moves.request_cancel(row, Who.OWNER, Reason.SHUTDOWN)
        tell(tx, "occurrence_canceling", owner.actor, now, write_occurrence(tx, row, stopping))
    return len(rows)
