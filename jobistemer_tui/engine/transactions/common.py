"""What the transactions share: reading the gate, counting the load, writing events, planning the next row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import Attempt, Detail, Event, Job, Occurrence, Pause
from jobistemer_tui.domain.states import (
    LIVE_OCCURRENCES,
    AttemptState,
    OccurrenceState,
    Reason,
    Trigger,
)
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.known_texts import KnownTexts
from jobistemer_tui.engine.planner import Load
from jobistemer_tui.errors import NotFound, StoreError
from jobistemer_tui.schedules import Slot
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS_BY_OCCURRENCE,
    JOBS,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_STATE,
    PAUSES,
)

DEFAULT_ATTEMPTS = 64
"""Attempts that an engine runs at once where `max_attempts_running` is not set."""


class Moved(StoreError):
    """A guarded write found another state than the transaction had read; nothing was written."""

    code = "moved"


@dataclass(frozen=True, slots=True)
class Owner:
    """The engine on whose behalf a transaction runs.

    `slots`: occurrences it may run at once; `attempts`: processes. `no_slot`: why it may start none at all, if so.
    `texts`: on a store that it shares with others, the only texts that it runs; others may have declared it lost.
    `closed`: why it begins no run, if so; those that it has go on. `labels`: what its node is; None: fit for every job.
    `offset_ms`: how far its clock is ahead of the store's.
    """

    node_id: UUID
    definitions: Definitions
    slots: int
    no_slot: Reason | None = None
    attempts: int = DEFAULT_ATTEMPTS
    texts: KnownTexts | None = None
    closed: Reason | None = None
    labels: frozenset[str] | None = None
    offset_ms: int | None = None

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"engine {short_id(self.node_id)}"

    def has_text(self, definition: JobDefinition) -> bool:
        """Whether what a definition says may be executed here."""
        return self.texts is None or self.texts.knows(definition)


@dataclass(frozen=True, slots=True)
class Launch:
    """A try that is durable and may now be given to the supervisor."""

    occurrence: Occurrence
    definition: JobDefinition
    task: TaskDefinition
    attempt: Attempt


def the_job(reader: Reader, job_id: UUID) -> Job:
    """The job's gate. Raises NotFound."""
    job = reader.get(JOBS, job_id)
    if job is None:
        raise NotFound(f"no job has the id {job_id}")
    return job


def the_occurrence(reader: Reader, occurrence_id: UUID) -> Occurrence:
    """The run of that id. Raises NotFound."""
    row = reader.get(OCCURRENCES, occurrence_id)
    if row is None:
        raise NotFound(f"there is no run {occurrence_id}", hint="list them with: jobistemer runs")
    return row


def write_occurrence(tx: Transaction, old: Occurrence, new: Occurrence) -> Occurrence:
    """Compare and set an occurrence. Raises Moved, which undoes the whole transaction."""
    if not tx.replace(OCCURRENCES, old, new):
        raise Moved(f"occurrence {old.id} is no longer {old.state}")
    return new


def write_job(tx: Transaction, old: Job, new: Job) -> Job:
    """Write the gate under its next revision. Raises Moved."""
    raised = replace(new, rev=old.rev + 1)
    if not tx.replace(JOBS, old, raised):
        raise Moved(f"job {old.name} was changed meanwhile")
    return raised


def load_of(reader: Reader, job_id: UUID, *, without: Occurrence | None = None) -> Load:
    """How many occurrences of a job are live and queued, one of them left out."""
    live = sum(reader.count(OCCURRENCES_BY_JOB_STATE, job_id, state) for state in LIVE_OCCURRENCES)
    queued = reader.count(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED)
    # Those in the line of a group have no place in the job's own queue, where places begin at 1.
    in_line = len(reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, OccurrenceState.QUEUED, high=0)) if queued else 0
    live, queued = live + in_line, queued - in_line
    if without is not None and without.state in LIVE_OCCURRENCES:
        live -= 1
    if without is not None and without.state is OccurrenceState.QUEUED:
        queued -= 1
    return Load(live, queued, in_line)


def in_the_way(reader: Reader, job_id: UUID) -> Iterator[UUID]:
    """The first run of a job in each of the states in which it can stand in the way of another."""
    for state in (*LIVE_OCCURRENCES, OccurrenceState.QUEUED):
        for first in reader.scan(OCCURRENCES_BY_JOB_STATE, job_id, state, limit=1):
            yield first.id


def blocking(reader: Reader, row: Occurrence) -> Detail:
    """Which other occurrence of its job stands in a row's way, for the reason's detail."""
    return next(({"blocked_by": str(one)} for one in in_the_way(reader, row.job_id) if one != row.id), {})


def has_run(reader: Reader, row: Occurrence) -> bool:
    """Whether a process of an occurrence was ever started, as far as anybody knows; it may have come back to wait."""
    tries = reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id) if row.epoch else ()
    return any(one.state not in (AttemptState.PLANNED, AttemptState.NOT_STARTED) for one in tries)


def tell(
    tx: Transaction, kind: str, actor: str, now: datetime, occurrence: Occurrence, detail: Detail | None = None
) -> None:
    """Append what became of an occurrence to the audit."""
    tx.append(
        Event(
            at=now, kind=kind, actor=actor, job_id=occurrence.job_id, occurrence_id=occurrence.id,
            reason=occurrence.reason, detail=detail if detail is not None else occurrence.detail,
        )
    )  # fmt: skip


def tell_job(tx: Transaction, kind: str, actor: str, now: datetime, job: Job, detail: Detail | None = None) -> None:
    """Append what became of a job to the audit."""
    tx.append(Event(at=now, kind=kind, actor=actor, job_id=job.id, detail=detail or {}))


def end_silence(tx: Transaction, job: Job, now: datetime) -> None:
    """A job that was stopped, gone or switched off ticks again: `no_success` counts from now.

    It is kept as a pause of no length, as the end of a pause counts in the same way; one that is paused has that end
    still to come.
    """
    if job.watched and not is_paused(job, now):
        tx.insert(PAUSES, Pause(job.id, now, now, reason=None))


def is_ticking(job: Job) -> bool:
    """Whether instants of the job's schedule get rows: it has one, is not stopped, and a watched file holds it."""
    return job.scheduled and not job.stopped and job.retired_at is None


def scheduled_row(job: Job, slot: Slot, now: datetime) -> Occurrence:
    """The planned occurrence of a job at one of its instants, marked if a rule leaves the instant out."""
    reason, detail = rule_mark(slot)
    return Occurrence(
        id=identity.occurrence_id(job.id, slot.instant), job_id=job.id, scheduled_at=slot.instant, due_at=slot.instant,
        trigger=Trigger.SCHEDULE, state=OccurrenceState.PLANNED, version=job.version, created_at=now,
        reason=reason, detail=detail,
    )  # fmt: skip


def rule_mark(slot: Slot) -> tuple[Reason | None, Detail]:
    """What a planned row is marked with where the schedule itself leaves its instant out; (None, {}) if it runs."""
    if slot.passed_over is None:
        return None, {}
    return Reason(slot.passed_over), {"rule": slot.why}


def plan_next(tx: Transaction, job: Job, definitions: Definitions, *, after: datetime, now: datetime) -> Job:
    """Insert the planned rows of the first slots after `after`, as many as the job plans ahead.

    Gives the job, finished if there is none.
    """
    schedule = definitions.schedule(tx, job) if is_ticking(job) else None
    if schedule is None:
        return replace(job, finished=False)
    horizon = definitions.of(tx, job.id, job.version).policies.plan_horizon
    planned = 0
    for slot in schedule.slots_after(after):
        # Where the instant already has a fate (a clock was set back) the next one is looked for.
        planned += planned_row(tx, job, slot, now) is not None
        if planned == horizon:
            break
    return replace(job, finished=not planned and not schedule.is_never_over)


def planned_row(tx: Transaction, job: Job, slot: Slot, now: datetime) -> Occurrence | None:
    """The planned row of a slot, made if absent; None if the instant already has a fate."""
    row = scheduled_row(job, slot, now)
    if tx.insert(OCCURRENCES, row):
        return row
    found = tx.get(OCCURRENCES, row.id)
    return found if found is not None and found.state is OccurrenceState.PLANNED else None
