"""Make the run of a job that follows others, once their ends were handed over to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Detail, Handover, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger
from jobistemer_tui.engine.transactions.common import Owner, is_ticking, the_job, write_job
from jobistemer_tui.engine.transactions.groups import lock_groups
from jobistemer_tui.engine.transactions.hand_over import drop, next_words
from jobistemer_tui.engine.transactions.handle_due import Handled, decide
from jobistemer_tui.storage.contract import Transaction
from jobistemer_tui.storage.tables import OCCURRENCES


def follow(tx: Transaction, owner: Owner, job_id: UUID, now: datetime) -> Handled:
    """Take the next words to a job and give it an occurrence, whose fate policies and load decide as for any other.

    Where nothing waits any more the result is empty; so it is for a job that was stopped, as for its instants.
    """
    job = the_job(tx, job_id)
    lock_groups(tx, job.group_name)
    words = next_words(tx, job_id)
    if not words:
        return Handled(None)
    drop(tx, words)
    row = following_row(job, words, now)
    if not is_ticking(job) or not tx.insert(OCCURRENCES, row):
        return Handled(None)
    job, handled = decide(tx, owner, job, row, now)
    write_job(tx, job, job)
    return handled


def following_row(job: Job, words: Sequence[Handover], now: datetime) -> Occurrence:
    """The planned occurrence that follows these runs; marked where the job itself is among those that led to them."""
    chain = list(dict.fromkeys(name for word in words for name in word.chain))
    ended = max(word.ended_at for word in words)
    mark: tuple[Reason | None, Detail] = (None, {})
    if job.name in chain:
        mark = (Reason.CYCLE, {"chain": [*chain[chain.index(job.name) :], job.name]})
    return Occurrence(
        id=identity.following_occurrence_id(job.id, [word.occurrence_id for word in words]), job_id=job.id,
        scheduled_at=ended, due_at=ended, trigger=Trigger.AFTER, state=OccurrenceState.PLANNED, version=job.version,
        created_at=now, reason=mark[0], detail=mark[1],
        follows={"runs": [_run(word) for word in words], "chain": chain},
    )  # fmt: skip


def _run(word: Handover) -> Detail:
    return {
        "job": word.followed,
        "occurrence_id": str(word.occurrence_id),
        "status": word.status.value,
        "finished_at": instant_text(word.ended_at),
    }
