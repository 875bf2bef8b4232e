"""Ask what an engine runs to stop, because the engine is being shut down with `--cancel`."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.states import OccurrenceState, Reason, Who
from jobistemer_tui.engine.transactions.common import Owner, tell, write_occurrence
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES


def ask_to_stop(tx: Transaction, *, owner: Owner, occurrence_id: UUID, now: datetime) -> None:
    """running → canceling (shutdown) for an occurrence of the engine; another's, or an ended one, is left alone."""
    row = tx.get(OCCURRENCES, occurrence_id)
    if row is not None and row.owner == owner.node_id and row.state is OccurrenceState.RUNNING:
        stopping = occurrence_moves.request_cancel(row, Who.OWNER, Reason.SHUTDOWN)
        tell(tx, "occurrence_canceling", owner.actor, now, write_occurrence(tx, row, stopping))
