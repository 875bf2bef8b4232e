"""Wake what waits behind a job: in the same transaction as the end, the cancellation or the reaping of one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.policies import OverlapPolicy
from jobistemer_tui.domain.records import Occurrence
from jobistemer_tui.domain.states import IN_TURN, LIVE_OCCURRENCES, OccurrenceState, Who
from jobistemer_tui.engine.transactions.common import load_of, tell, write_occurrence
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB_STATE


def wake_queue(
    tx: Transaction, job_id: UUID, definition: JobDefinition, who: Who, actor: str, now: datetime
) -> list[Occurrence]:
    """Promote the oldest queued occurrences while fewer than `max_active` are live; gives the promoted ones.

    A promoted one counts as live and never goes back, so it keeps its place before whatever comes due next.
    """
    promoted: list[Occurrence] = []
    for row in next_in_turn(tx, job_id, definition):
        promoted.append(write_occurrence(tx, row, occurrence_moves.promote(row, who)))
        tell(tx, "occurrence_promoted", actor, now, promoted[-1])
    return promoted


def next_in_turn(reader: Reader, job_id: UUID, definition: JobDefinition) -> list[Occurrence]:
    """The queued ones that may be woken. Recovered and backfilled ones come one after another, whatever the policy."""
    if not reader.count(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED):
        return []
    load = load_of(reader, job_id)
    # Under `allow` nothing is queued but such occurrences, and others that run are not in their way.
    allowed = definition.policies.overlap is OverlapPolicy.ALLOW
    free = 1 if allowed else max(0, definition.policies.max_active - load.live)
    if not free or not load.queued:
        return []
    # Those in the line of a group (place 0) have had their turn here.
    rows = list(reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED, low=1, limit=free))
    recovered = [place for place, row in enumerate(rows) if row.trigger in IN_TURN]
    if recovered:
        # Nothing overtakes one of them that has to wait for another.
        busy = has_live_in_turn(reader, job_id)
        return rows[: recovered[0]] if busy else rows[: recovered[1] if len(recovered) > 1 else free]
    return rows


def has_live_in_turn(reader: Reader, job_id: UUID) -> bool:
    """Whether a recovered or backfilled occurrence of the job runs or is about to."""
    return any(
        row.trigger in IN_TURN
        for state in LIVE_OCCURRENCES
        for row in reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, state)
    )
