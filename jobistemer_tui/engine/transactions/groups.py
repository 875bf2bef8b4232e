"""Concurrency groups: their gates, their places, and the line of those that wait (hazard 16).

Waking is nobody's write: what ends a grouped occurrence only raises the group's revision, and an engine that looks at
the line claims the next in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from jobistemer_tui.domain import occurrence_moves
from jobistemer_tui.domain.policies import JobPolicies
from jobistemer_tui.domain.records import Detail, Group, Job, Occurrence
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES, OccurrenceState, Reason, Who
from jobistemer_tui.engine.transactions.common import Moved, tell, tell_job, write_occurrence
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import GROUPS, JOBS_BY_GROUP, OCCURRENCES_BY_GROUP, OCCURRENCES_BY_JOB_STATE


def lock_groups(tx: Transaction, *names: str | None) -> None:
    """Take the gates of groups in the order of their names, before any other row is written. Raises Moved."""
    for name in sorted({name for name in names if name is not None}):
        group = tx.get(GROUPS, name)
        if group is None:
            tx.insert(GROUPS, Group(name, 1))
        elif not tx.replace(GROUPS, group, replace(group, rev=group.rev + 1)):
            raise Moved(f"the group {name} was changed meanwhile")


def name_of(policies: JobPolicies) -> str | None:
    """The group that a job's policies name."""
    return None if policies.group is None else policies.group.name


def ranked(row: Occurrence, policies: JobPolicies) -> Occurrence:
    """A row with its place among all that waits: its job's priority and concurrency group."""
    return replace(row, rank=-policies.priority, group_name=name_of(policies))


def limit_of(reader: Reader, name: str) -> int:
    """How many of a group may run: the smallest limit among its jobs.

    Where no job names it any more, what keeps its old version (it ran before and is to run again) goes one by one.
    """
    smallest = reader.scan(JOBS_BY_GROUP, name, limit=1)
    return smallest[0].group_limit if smallest else 1


def room_in(reader: Reader, name: str) -> int:
    """How many more occurrences of a group may start."""
    busy = sum(reader.count(OCCURRENCES_BY_GROUP, name, state) for state in OWNED_OCCURRENCES)
    return limit_of(reader, name) - busy


def is_in_line(row: Occurrence) -> bool:
    """Whether a queued row waits for its group: in the queue of its own job places begin at 1."""
    return row.state is OccurrenceState.QUEUED and row.sequence == 0


def line_of(reader: Reader, name: str, now: datetime) -> Iterator[Occurrence]:
    """Those that wait for a group and whose time has come: queued for it, or pending and then held up by it."""
    for row in reader.scan(OCCURRENCES_BY_GROUP, name, OccurrenceState.QUEUED, high=now):
        if is_in_line(row):
            yield row
    for row in reader.scan(OCCURRENCES_BY_GROUP, name, OccurrenceState.PENDING, high=now):
        if not row.forced:
            yield row


def is_full_for_a_newcomer(reader: Reader, row: Occurrence, now: datetime, *, no_slot: Reason | None) -> bool:
    """Whether a row that is due only now has to wait for its group: it is full, or others come first.

    Where no slot is free it is the slot that all of them wait for.
    """
    if row.group_name is None or row.forced:
        return False
    if room_in(reader, row.group_name) <= 0:
        return True
    return no_slot is None and any(other.id != row.id for other in line_of(reader, row.group_name, now))


def group_detail(reader: Reader, name: str) -> Detail:
    """What stands in the way in a group, for the reason's detail."""
    detail: Detail = {"group": name, "limit": limit_of(reader, name)}
    for state in (*OWNED_OCCURRENCES, OccurrenceState.PENDING):
        rows = reader.scan(OCCURRENCES_BY_GROUP, name, state, limit=1)
        if rows:
            return {**detail, "blocked_by": str(rows[0].id)}
    return detail


def in_group(job: Job, policies: JobPolicies) -> Job:
    """A job's row with the group of its present version."""
    group = policies.group
    return replace(job, group_name=name_of(policies), group_limit=0 if group is None else group.limit)


def tell_differing_limits(tx: Transaction, job: Job, *, actor: str, now: datetime) -> None:
    """Say in the audit that the jobs of a group do not agree about its limit."""
    if job.group_name is None:
        return
    ends = [tx.scan(JOBS_BY_GROUP, job.group_name, reverse=reverse, limit=1) for reverse in (False, True)]
    limits = {other.name: other.group_limit for rows in ends for other in rows}
    if len(set(limits.values())) > 1:
        detail = {"group": job.group_name, "limit": min(limits.values()), "limits": limits}
        tell_job(tx, "group_limits_differ", actor, now, job, detail)


def rearrange_waiting(tx: Transaction, job: Job, policies: JobPolicies, *, actor: str, now: datetime) -> None:
    """Give what waits of a job the priority and the group of its new version.

    One in the line of a group that is no longer its own is let out: it has had its job's turn.
    """
    for state in WAITING_OCCURRENCES:
        for row in tx.scan(OCCURRENCES_BY_JOB_STATE, job.id, state):
            if row.epoch:
                continue  # it ran before and keeps its version
            new = ranked(row, policies)
            if is_in_line(row) and new.group_name != row.group_name:
                new = occurrence_moves.promote(new, Who.SWEEP)
                tell(tx, "occurrence_promoted", actor, now, new)
            if new != row:
                write_occurrence(tx, row, new)
