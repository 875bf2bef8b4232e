"""What a run that waits waits for, and who holds it now."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from jobistemer_tui.domain.records import Detail, Occurrence
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES, OccurrenceState, Reason
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.owned import owned
from jobistemer_tui.engine.transactions.common import in_the_way
from jobistemer_tui.engine.transactions.groups import group_detail, limit_of
from jobistemer_tui.operations.read_models import Holder, Waiting
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    JOBS,
    OCCURRENCES_BY_GROUP,
    OCCURRENCES_BY_JOB_STATE,
)

SHOWN = 5
_REASONS = frozenset(Reason)
_OWN_JOB = frozenset({Reason.OVERLAP, Reason.REPLACING})
_SLOTS = frozenset({Reason.NO_SLOT, Reason.MAX_ATTEMPTS_RUNNING})


def waiting_for(reader: Reader, definitions: Definitions, row: Occurrence) -> Waiting | None:
    """The places that a waiting run waits for, with the runs that hold them; None where it waits for none."""
    if row.state not in WAITING_OCCURRENCES:
        return None
    reason = _reason(row)
    if reason is Reason.GROUP and row.group_name is not None:
        held = [one for state in OWNED_OCCURRENCES for one in reader.scan(OCCURRENCES_BY_GROUP, row.group_name, state)]
        return _waiting(reader, "group", row.group_name, limit_of(reader, row.group_name), held)
    if reason in _OWN_JOB:
        limit = definitions.of(reader, row.job_id, row.version).policies.max_active
        states = (*OWNED_OCCURRENCES, OccurrenceState.PENDING)
        held = [one for state in states for one in reader.scan(OCCURRENCES_BY_JOB_STATE, row.job_id, state)]
        return _waiting(reader, "job", "", limit, [one for one in held if one.id != row.id])
    if reason in _SLOTS:
        return _waiting(reader, "slots", "", None, owned(reader))
    return None


class Ways:
    """What is in the way of runs that wait, asked once for each job and group: for one read, as it stands then."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._of_jobs: dict[UUID, Sequence[UUID]] = {}
        self._of_groups: dict[str, Detail] = {}

    def as_it_waits(self, row: Occurrence) -> Occurrence:
        """The row with what is in its way now, if it waits: what was when it began to wait may have ended since."""
        if row.state not in WAITING_OCCURRENCES or "blocked_by" not in row.detail:
            return row
        group = row.group_name if _reason(row) is Reason.GROUP else None
        now = self._in_job(row) if group is None else self._in_group(group)
        if now.get("blocked_by") == str(row.id):  # the first in the line of a group that is no longer full
            now = {name: value for name, value in now.items() if name != "blocked_by"}
        kept = {name: value for name, value in row.detail.items() if name != "blocked_by"}
        return replace(row, detail={**kept, **now})

    def _in_job(self, row: Occurrence) -> Detail:
        if row.job_id not in self._of_jobs:
            self._of_jobs[row.job_id] = tuple(in_the_way(self._reader, row.job_id))
        return next(({"blocked_by": str(one)} for one in self._of_jobs[row.job_id] if one != row.id), {})

    def _in_group(self, group: str) -> Detail:
        if group not in self._of_groups:
            self._of_groups[group] = group_detail(self._reader, group)
        return self._of_groups[group]


def _reason(row: Occurrence) -> Reason | None:
    """Why it waits now: what had held it up before may have made place for something else."""
    now = row.detail.get("waits_for")
    return Reason(now) if now in _REASONS else row.reason


def _waiting(reader: Reader, kind: str, name: str, limit: int | None, held: Sequence[Occurrence]) -> Waiting:
    holders = [
        Holder("?" if job is None else job.name, one.id, one.started_at)
        for one in held[:SHOWN]
        for job in [reader.get(JOBS, one.job_id)]
    ]
    return Waiting(kind, name, len(held), limit, tuple(holders))


def waiting_words(waiting: Waiting) -> str:
    """`group io 2/2 used by backup, sync`."""
    places = f"{waiting.used}" if waiting.limit is None else f"{waiting.used}/{waiting.limit}"
    what = {"group": f"group {waiting.name}", "job": "its own job", "slots": "the engine's slots"}[waiting.kind]
    more = waiting.used - len(waiting.holders)
    names = ", ".join(holder.job for holder in waiting.holders) + (f" and {more} more" if more > 0 else "")
    return f"{what} {places} used by {names}" if names else f"{what} {places}"
