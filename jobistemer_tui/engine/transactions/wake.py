"""Wake what waits behind a job: in the same transaction as the end, the cancellation or the reaping of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Who
from jobistemer_tui.engine.transactions.common import load_of, tell, write_occurrence
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB_STATE


def wake_queue(
    tx: Transaction, job_id: UUID, definition: JobDefinition, who: Who, actor: str, now: datetime
) -> list[Occurrence]:
    """Promote the oldest queued occurrences while fewer than `max_active` are live; gives the promoted ones.

    A promoted one counts as live and never goes back, so it keeps its place before whatever comes due next.
    """
    load = load_of(tx, job_id)
    free = max(0, definition.policies.max_active - load.live)
    promoted: list[Occurrence] = []
    if free and load.queued:
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED, limit=free):
            promoted.append(write_occurrence(tx, row, occurrence_moves.promote(row, who)))
            tell(tx, "occurrence_promoted", actor, now, promoted[-1])
    return promoted
