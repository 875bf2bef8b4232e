"""What jobs follow, and the word to them that a run has ended.

A transaction never touches another job's rows: the end of a run writes a word for each follower, in the same
transaction, and the follower's own transaction (`follow`) takes it up. Both ids are computed from that of the run, so
that doing either twice is harmless.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.records import Follower, Handover, Job, Occurrence
from jobistemer_tui.engine.transactions.common import the_job
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    FOLLOWERS,
    FOLLOWERS_BY_FOLLOWED,
    FOLLOWERS_BY_JOB,
    HANDOVERS,
    HANDOVERS_BY_JOB,
)


def set_followed(tx: Transaction, job: Job, schedule: Schedule | None) -> None:
    """Write which jobs a published job follows, none if it is not scheduled.

    Where that changes, the words that wait are dropped as planned rows are: an edit is never retroactive.
    """
    follows = schedule.follows if schedule is not None and job.scheduled else ()
    wanted = [
        Follower(job.id, clause, name, list(follow.on)) for clause, follow in enumerate(follows) for name in follow.jobs
    ]
    before = tx.scan(FOLLOWERS_BY_JOB, job.id)
    if before == sorted(wanted, key=lambda row: (row.clause, row.followed)):
        return
    for row in before:
        tx.delete(FOLLOWERS, row.job_id, row.clause, row.followed)
    for row in wanted:
        tx.insert(FOLLOWERS, row)
    drop(tx, tx.scan(HANDOVERS_BY_JOB, job.id))


def hand_over(tx: Transaction, done: Occurrence) -> None:
    """Tell every follower that a run has ended. Who follows what is read without their gates: see the module."""
    # In most stores nobody follows anybody, and a name is not asked for then.
    if done.finished_at is None or not tx.scan(FOLLOWERS_BY_FOLLOWED, limit=1):
        return
    name = the_job(tx, done.job_id).name
    for follower in tx.scan(FOLLOWERS_BY_FOLLOWED, name):
        if done.state.value not in follower.on:
            continue
        waiting = tx.scan(HANDOVERS_BY_JOB, follower.job_id, follower.clause)
        if any(other.followed != name for other in tx.scan(FOLLOWERS_BY_JOB, follower.job_id, follower.clause)):
            # A clause of several jobs takes the newest end of each; the others would be kept for ever.
            drop(tx, [word for word in waiting if word.followed == name])
        word = Handover(
            id=identity.handover_id(follower.job_id, follower.clause, done.id), job_id=follower.job_id,
            clause=follower.clause, followed=name, occurrence_id=done.id, status=done.state,
            ended_at=done.finished_at, chain=[*done.follows.get("chain", []), name],
        )  # fmt: skip
        tx.insert(HANDOVERS, word)


def jobs_to_follow(reader: Reader) -> list[UUID]:
    """The jobs for which the next run may be made, the one that has waited longest first."""
    words = groupby(reader.scan(HANDOVERS_BY_JOB), key=lambda word: word.job_id)
    found = {job_id: ready for job_id, _ in words if (ready := next_words(reader, job_id))}
    return sorted(found, key=lambda job_id: _complete_at(found[job_id]))


def next_words(reader: Reader, job_id: UUID) -> list[Handover]:
    """The words of the clause that was complete first: all that its run stands for; none if no clause is complete."""
    followers = reader.scan(FOLLOWERS_BY_JOB, job_id)
    complete: list[list[Handover]] = []
    for clause, group in groupby(reader.scan(HANDOVERS_BY_JOB, job_id), key=lambda word: word.clause):
        words = list(group)
        names = {row.followed for row in followers if row.clause == clause}
        newest = {word.followed: word for word in words}
        if len(names) <= 1:
            complete.append(words[:1])
        elif names <= newest.keys():
            complete.append([newest[name] for name in sorted(names)])
    return min(complete, key=_complete_at, default=[])


def drop(tx: Transaction, words: Iterable[Handover]) -> None:
    """Take words away: they are acted on, or nobody asks for them any more."""
    for word in words:
        tx.delete(HANDOVERS, word.id)


def _complete_at(words: list[Handover]) -> tuple[datetime, UUID]:
    return max((word.ended_at, word.id) for word in words)
