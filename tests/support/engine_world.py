"""One store and the engines that work on it, with a clock in the test's hand: what transactions are tried in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.records import (
    Attempt,
    Event,
    Job,
    JobTally,
    Notification,
    Occurrence,
    Pause,
    TaskRun,
)
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine import control
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.advance import Advanced, advance
from jobistemer_tui.engine.transactions.announce import tally_of
from jobistemer_tui.engine.transactions.claim import claim
from jobistemer_tui.engine.transactions.common import Owner
from jobistemer_tui.engine.transactions.handle_due import Handled, handle_due
from jobistemer_tui.engine.transactions.publish import Published, Source, publish
from jobistemer_tui.engine.transactions.resolve_gap import read_gap, resolve_gap
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import (
    ATTEMPTS,
    ATTEMPTS_BY_OCCURRENCE,
    EVENTS_BY_SEQUENCE,
    INDEXES,
    JOBS,
    NOTIFICATIONS_BY_JOB,
    OCCURRENCES,
    OCCURRENCES_BY_JOB,
    PAUSES_BY_JOB,
    TASK_RUNS_BY_OCCURRENCE,
    Index,
)
from tests.support.checked_store import CheckedStore

P = ParamSpec("P")
T = TypeVar("T")
START = datetime(2026, 3, 2, 5, 0, 30, tzinfo=UTC)
"""Half past a minute, on a Monday."""
ME, OTHER = UUID(int=1), UUID(int=2)
SOURCE = Source("/jobs/a.toml", 1, "/jobs")


def task(name: str, *needs: str, **values: Any) -> TaskDefinition:
    """A task that needs others."""
    return TaskDefinition(name, run="true", needs=needs, **values)


def job(*tasks: TaskDefinition, name: str = "backup", schedule: Any = "* * * * *", **values: Any) -> JobDefinition:
    """A job of every full minute; `values` are settings of the job or fields of its definition."""
    fields = {name: values.pop(name) for name in list(values) if name in JobDefinition.__dataclass_fields__}
    return JobDefinition(
        key=name, name=name, tasks=tasks or (task("dump"),), cwd="/", schedule=schedule, settings=values, **fields
    )


@dataclass
class World:
    """A store, the time, and the engine that looks at them."""

    raw: Store
    now: datetime = START
    slots: int = 8
    no_slot: Reason | None = None
    processes: int = 64
    labels: frozenset[str] | None = None
    definitions: Definitions = field(default_factory=Definitions)

    def __post_init__(self) -> None:
        self.store = CheckedStore(self.raw)

    @property
    def me(self) -> Owner:
        """The engine of the test."""
        return Owner(ME, self.definitions, self.slots, self.no_slot, self.processes, labels=self.labels)

    @property
    def other(self) -> Owner:
        """Another engine."""
        return Owner(OTHER, Definitions(), self.slots)

    def run(self, work: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One transaction."""
        return self.store.write(lambda tx: work(tx, *args, **kwargs))

    def later(self, **delta: float) -> datetime:
        """Let time pass; gives the new time."""
        self.now += timedelta(**delta)
        return self.now

    def publish(self, definition: JobDefinition, source: Source = SOURCE, **values: Any) -> Published:
        """Publish a definition now."""
        return self.run(publish, self.me, definition, source, now=self.now, **values)

    def the_job(self, definition: JobDefinition) -> Job:
        """The job's row."""
        row = self.raw.read(lambda reader: reader.get(JOBS, definition.id))
        assert row is not None
        return row

    def occurrence(self, row: Occurrence | UUID) -> Occurrence:
        """An occurrence as it stands now."""
        key = row if isinstance(row, UUID) else row.id
        found = self.raw.read(lambda reader: reader.get(OCCURRENCES, key))
        assert found is not None
        return found

    def rows(self, definition: JobDefinition, *states: OccurrenceState) -> list[Occurrence]:
        """The occurrences of a job in time order, only those in some states if any are named."""
        found = self.raw.read(lambda reader: reader.scan(OCCURRENCES_BY_JOB, definition.id))
        return [row for row in found if not states or row.state in states]

    def planned(self, definition: JobDefinition) -> Occurrence:
        """The one planned row."""
        rows = self.rows(definition, OccurrenceState.PLANNED)
        assert len(rows) == 1, rows
        return rows[0]

    def task_runs(self, row: Occurrence) -> dict[str, TaskRun]:
        """The task runs of an occurrence by name."""
        found = self.raw.read(lambda reader: reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id))
        return {run.name: run for run in found}

    def attempts(self, row: Occurrence, name: str = "dump") -> list[Attempt]:
        """The tries of a task of an occurrence, in order."""
        run = self.task_runs(row)[name]
        found = self.raw.read(lambda reader: reader.scan(ATTEMPTS_BY_OCCURRENCE, row.id))
        return [attempt for attempt in found if attempt.task_run_id == run.id]

    def pauses(self, definition: JobDefinition) -> list[Pause]:
        """The spans of a job's pauses."""
        return self.raw.read(lambda reader: reader.scan(PAUSES_BY_JOB, definition.id))

    def events(self, kind: str | None = None) -> list[Event]:
        """The audit."""
        found = self.raw.read(lambda reader: reader.scan(EVENTS_BY_SEQUENCE))
        return [event for event in found if kind in (None, event.kind)]

    def notifications(self, definition: JobDefinition) -> list[Notification]:
        """The lines of the outbox of a job, in the order of their making."""
        return self.raw.read(lambda reader: reader.scan(NOTIFICATIONS_BY_JOB, definition.id))

    def tally(self, definition: JobDefinition) -> JobTally:
        """What the job's ends add up to."""
        return self.raw.read(lambda reader: tally_of(reader, definition.id))

    def snapshot(self) -> dict[str, list[Any]]:
        """Every row of the store."""

        def rows(index: Index[Any]) -> list[Any]:
            return self.raw.read(lambda reader: reader.scan(index))

        return {index.table: rows(index) for index in INDEXES}

    def handle(self, row: Occurrence, owner: Owner | None = None) -> Handled:
        """Handle a due row, now."""
        return self.run(handle_due, owner or self.me, row.id, self.now)

    def handle_next(self, definition: JobDefinition) -> Occurrence:
        """Go to the next instant of a job and handle it there."""
        row = self.planned(definition)
        self.now = max(self.now, row.due_at)
        self.handle(row)
        return self.occurrence(row)

    def begin(self, definition: JobDefinition) -> Occurrence:
        """Publish a job, go to its first instant and start it."""
        self.publish(definition)
        row = self.handle_next(definition)
        assert row.state is OccurrenceState.RUNNING, row
        return row

    def claim(self, row: Occurrence, owner: Owner | None = None) -> Handled:
        """Claim a pending row, now."""
        return self.run(claim, owner or self.me, row.id, self.now)

    def end(
        self, row: Occurrence, state: AttemptState, name: str = "dump", *, reason: Reason | None = None,
        owner: Owner | None = None,
    ) -> Advanced:  # fmt: skip
        """End the newest try of a task."""
        attempt = self.attempts(row, name)[-1]
        return self.run(advance, owner or self.me, attempt.id, AttemptEnd(state, reason, self.now), self.now)

    def attempt(self, key: UUID) -> Attempt:
        """A try as it stands now."""
        found = self.raw.read(lambda reader: reader.get(ATTEMPTS, key))
        assert found is not None
        return found

    def request(self, number: int | UUID, *, hours: float = 1.0, **values: Any) -> control.Request:
        """What a person asks for now."""
        key = number if isinstance(number, UUID) else UUID(int=number)
        return control.Request(key, self.now, "me", self.now + timedelta(hours=hours), **values)

    def trigger(self, definition: JobDefinition, request: UUID, *, hours: float = 1.0) -> Occurrence:
        """Ask for a run, as a person does."""
        return self.run(control.trigger, definition.id, self.request(request, hours=hours))

    def resolve(self, definition: JobDefinition, *, reason: Reason = Reason.DOWNTIME) -> Occurrence | None:
        """Find and resolve the gap of a job whose engine is awake only since now; gives the first that is to run."""
        reading = self.raw.read(lambda r: read_gap(r, self.me, definition.id, awake=self.now, now=self.now))
        recovered = self.run(resolve_gap, self.me, reading, reason=reason, now=self.now, due_at=self.now)
        return recovered[0] if recovered else None

    def recovered(self, definition: JobDefinition) -> Occurrence:
        """What is to run of the gap of the next three minutes."""
        self.later(minutes=3)
        found = self.resolve(definition)
        assert found is not None
        return found
