"""A clock that was wrong is corrected: what was judged by it is taken back (hazard 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.states import OccurrenceState, Reason
from jobistemer_tui.engine.transactions.common import Owner, plan_next, tell_job, the_job, write_job, write_occurrence
from jobistemer_tui.engine.transactions.replanning import drop_planned
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB

AHEAD = timedelta(minutes=2)
"""A cursor further in the future than this was moved there by a clock that was wrong."""
_AUTOMATIC = (Reason.DOWNTIME, Reason.ASLEEP)


def pull_back(tx: Transaction, owner: Owner, job_id: UUID, now: datetime) -> bool:
    """Set a cursor that lies in the future to now and plan anew; False if it does not.

    Instants in the future that were declared missed by themselves return to planned: the one exception to
    "terminal is terminal".
    """
    job = the_job(tx, job_id)
    if job.cursor_at <= now + AHEAD:
        return False
    for row in tx.scan(OCCURRENCES_BY_JOB, job_id, low=now):
        if row.state is OccurrenceState.MISSED and row.reason in _AUTOMATIC and row.scheduled_at > now:
            write_occurrence(tx, row, occurrence_moves.plan_again(row))
    drop_planned(tx, job_id, after=job.cursor_at)
    moved = plan_next(tx, replace(job, cursor_at=now), owner.definitions, after=now, now=now)
    write_job(tx, job, moved)
    tell_job(tx, "clock_went_back", owner.actor, now, job, {"cursor_was": instant_text(job.cursor_at)})
    return True
