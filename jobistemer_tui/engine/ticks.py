"""A job's occurrences as they are handled, each with its execution context: a view of the store, not of an engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import field
from datetime import datetime
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.records import Detail, Event, Job, JobState, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Trigger
from jobistemer_tui.engine.store_changes import StoreChanges
from jobistemer_tui.engine.transactions.common import Moved, the_job
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader, Store, Transaction
from jobistemer_tui.storage.tables import (
    EVENTS_BY_JOB,
    JOB_STATES,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_HANDLED,
)

_PAGE = 1_000


class StateHandle:
    """The durable state of a job, as its last successful attempt left it. Its calls block."""

    def __init__(self, store: Store, job_id: UUID, clock: Clock, actor: str) -> None:
        self._store = store
        self._job_id = job_id
        self._clock = clock
        self._actor = actor

    def read(self) -> JobState:
        """The state as it is now: empty, with `rev` 0, before anything was stored."""
        found = self._store.read(lambda reader: reader.get(JOB_STATES, self._job_id))
        return found or JobState(self._job_id, {}, 0, self._clock.now())

    def replace(self, old: JobState, value: dict[str, Any]) -> JobState:
        """Store `value` (a JSON object) in the place of what was read. Raises Moved if it has changed meanwhile."""
        now = self._clock.now()
        new = JobState(self._job_id, value, old.rev + 1, now)

        def work(tx: Transaction) -> None:
            if not (tx.replace(JOB_STATES, old, new) if old.rev else tx.insert(JOB_STATES, new)):
                raise Moved("the state of the job has changed meanwhile", hint="read it again")
            tx.append(Event(now, "job_state_set", self._actor, self._job_id, detail={"rev": new.rev}))

        self._store.write(work)
        return new


@dataclass(frozen=True, slots=True)
class Tick:
    """The execution context of an occurrence that has been handled. Instants are aware UTC.

    `actual_at` is when it started, None if it has not (yet); `last_run_at` the start of the run before it. `window` is
    what a compressed one stands for: start, end, count, instants. `status` and `reason` are those of this moment.
    """

    job: str
    job_id: UUID
    occurrence_id: UUID
    version: int
    trigger: Trigger
    scheduled_at: datetime
    handled_at: datetime
    actual_at: datetime | None
    last_run_at: datetime | None
    status: OccurrenceState
    reason: Reason | None
    window: Detail
    params: Detail
    node_id: UUID | None
    fence: int
    state: StateHandle = field(compare=False, repr=False)

    @property
    def is_recovery_run(self) -> bool:
        """Whether it makes up for an instant that passed while no engine was awake."""
        return self.trigger is Trigger.RECOVERY


class Ticks:
    """The occurrences of a job that are handled from now on, in the order of commits."""

    def __init__(self, store: Store, job_id: UUID, clock: Clock, actor: str) -> None:
        """Subscribe; `actor` is how the audit calls who changes the job's state through a tick. Raises NotFound."""
        self._store = store
        self._job_id = job_id
        self._clock = clock
        self._state = StateHandle(store, job_id, clock, actor)
        self._seen = store.read(self._newest)
        self._told: tuple[datetime | None, set[UUID]] = (None, set())

    def _newest(self, reader: Reader) -> int:
        the_job(reader, self._job_id)
        newest = reader.scan(EVENTS_BY_JOB, self._job_id, reverse=True, limit=1)
        return newest[0].sequence if newest else 0

    async def stream(self) -> AsyncIterator[Tick]:
        """Each occurrence once, for ever; ends when the consumer leaves. Raises what reading the store raises."""
        with closing(StoreChanges(self._store, self._clock)) as changes:
            while True:
                for tick in self._store.read(self._new_ticks):
                    yield tick
                await changes.wait()

    def _new_ticks(self, reader: Reader) -> list[Tick]:
        job, ticks = the_job(reader, self._job_id), []
        while events := reader.scan(EVENTS_BY_JOB, self._job_id, low=self._seen + 1, limit=_PAGE):
            for event in events:
                self._seen = event.sequence
                ticks += [_tick(job, row, self._state) for row in self._handled_by(reader, event)]
        return ticks

    def _handled_by(self, reader: Reader, event: Event) -> list[Occurrence]:
        """The occurrences that got their first fate in the transaction that wrote an event: it has the same time."""
        if event.occurrence_id is not None:
            found = reader.get(OCCURRENCES, event.occurrence_id)
            rows = [] if found is None or found.handled_at != event.at else [found]
        else:
            rows = reader.scan(OCCURRENCES_BY_JOB_HANDLED, self._job_id, low=event.at, high=event.at)
        if self._told[0] != event.at:
            self._told = (event.at, set())
        new = [row for row in rows if row.id not in self._told[1]]
        self._told[1].update(row.id for row in new)
        return sorted(new, key=lambda row: row.scheduled_at)


def _tick(job: Job, row: Occurrence, state: StateHandle) -> Tick:
    assert row.handled_at is not None
    return Tick(
        job=job.name, job_id=job.id, occurrence_id=row.id, version=row.version, trigger=row.trigger,
        scheduled_at=row.scheduled_at, handled_at=row.handled_at, actual_at=row.started_at,
        last_run_at=row.last_run_at if row.started_at else job.last_run_at, status=row.state, reason=row.reason,
        window=row.window, params=row.params, node_id=row.owner, fence=row.epoch, state=state,
    )  # fmt: skip
