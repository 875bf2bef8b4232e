"""The ticker of a job: its schedule bound to the control state that the store keeps.

No flag is kept here: every question is a question to the store, every change a transaction with its line in the audit.
So any number of tickers, in any process, before and after a restart, are the same one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from jobistemer_tui.domain.acts import Act
from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import Job, Occurrence
from jobistemer_tui.domain.states import OWNED_OCCURRENCES
from jobistemer_tui.engine import control
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.ticks import Tick, Ticks
from jobistemer_tui.engine.transactions.common import is_ticking, the_job
from jobistemer_tui.engine.upcoming import next_start
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader, Store, Transaction
from jobistemer_tui.storage.tables import OCCURRENCES_BY_JOB_STATE

T = TypeVar("T")


class Ticker:
    """Safe from any thread. All calls but `ticks` block: on an event loop run them in a thread.

    `actor` is how the audit calls who acts here; `on_act` is called after each act (to wake an engine). Every call
    raises NotFound for a job that the store does not have, and what the store raises.
    """

    def __init__(
        self, store: Store, job_id: UUID, *, clock: Clock, actor: str, on_act: Callable[[], object] = lambda: None
    ) -> None:
        self.job_id = job_id
        self._store = store
        self._clock = clock
        self._actor = actor
        self._on_act = on_act
        self._definitions = Definitions()

    def start(self) -> Job:
        """Let the schedule go on, from now; no change if it is not stopped."""
        now = self._clock.now()
        return self._act(lambda tx: control.start(tx, self.job_id, now=now, actor=self._actor))

    def stop(self, reason: str | None = None) -> Job:
        """Stop the schedule: nothing is planned, instants leave no rows; what waits or runs goes on."""
        now = self._clock.now()
        passed = self._store.read(lambda reader: control.unhandled(reader, self.job_id, now))
        return self._act(
            lambda tx: control.stop(tx, self.job_id, passed=passed, now=now, actor=self._actor, reason=reason)
        )

    def pause(self, reason: str | None = None, until: datetime | None = None) -> Job:
        """Let instants pass as skipped from now on, until `until` (aware; None: until resumed).

        A paused one gets the new reason and end. Raises Refused for an end that has passed.
        """
        now = self._clock.now()
        return self._act(
            lambda tx: control.pause(tx, self.job_id, now=now, until=until, reason=reason, actor=self._actor)
        )

    def resume(self) -> Job:
        """End a pause; what passed stays skipped. No change if it is not paused."""
        now = self._clock.now()
        return self._act(lambda tx: control.resume(tx, self.job_id, now=now, actor=self._actor))

    def skip_next(self, reason: str | None = None) -> Occurrence:
        """Mark the next instant that would run to be skipped. Raises Refused where there is none."""
        now = self._clock.now()
        return self._act(lambda tx: control.skip_next(tx, self.job_id, now=now, actor=self._actor, reason=reason))

    def skip(self, instant: datetime, reason: str | None = None) -> Occurrence:
        """Mark one coming instant to be skipped. Raises Refused if the schedule does not have it."""
        now = self._clock.now()
        return self._act(lambda tx: control.skip(tx, self.job_id, instant, now=now, actor=self._actor, reason=reason))

    def unskip(self, instant: datetime | None = None) -> Occurrence:
        """Take the mark from the first run that is to be skipped, or from that of `instant`. Raises Refused."""
        now = self._clock.now()
        return self._act(lambda tx: control.unskip(tx, self.job_id, now=now, actor=self._actor, instant=instant))

    def snooze(self, until: datetime, reason: str | None = None) -> Occurrence:
        """Put the run that waits, else the next one, off until `until`. Raises Refused if it starts later anyway."""
        now = self._clock.now()
        return self._act(
            lambda tx: control.snooze(tx, self.job_id, until=until, now=now, actor=self._actor, reason=reason)
        )

    def unsnooze(self) -> Occurrence:
        """Let the run that was put off start at its own time, or now. Raises Refused where there is none."""
        now = self._clock.now()
        return self._act(lambda tx: control.unsnooze(tx, self.job_id, now=now, actor=self._actor))

    def undo(self) -> Act:
        """Take back the newest of these acts. Raises Refused where there is none, or where it is too late."""
        now = self._clock.now()
        act = self._store.read(lambda reader: control.last_act(reader, self.job_id))
        passed = self._store.read(lambda reader: control.unhandled(reader, self.job_id, now))
        return self._act(lambda tx: control.undo(tx, act.sequence, passed=passed, now=now, actor=self._actor))

    def is_active(self) -> bool:
        """Whether the job has a schedule and now lies inside its window from start to end."""
        return self._store.read(lambda reader: self._is_active(reader, the_job(reader, self.job_id)))

    def is_paused(self) -> bool:
        """Whether instants that pass now are skipped."""
        return is_paused(self._store.read(lambda reader: the_job(reader, self.job_id)), self._clock.now())

    def is_enabled(self) -> bool:
        """Whether it is active, not paused and not stopped, and a watched file holds the job."""

        def work(reader: Reader) -> bool:
            job = the_job(reader, self.job_id)
            return is_ticking(job) and not is_paused(job, self._clock.now()) and self._is_active(reader, job)

        return self._store.read(work)

    def is_running(self) -> bool:
        """Whether an occurrence of the job runs, as the store has it at this moment."""
        return self._store.read(
            lambda reader: any(
                reader.count(OCCURRENCES_BY_JOB_STATE, self.job_id, state) for state in OWNED_OCCURRENCES
            )
        )

    def next_run(self) -> datetime | None:
        """When it starts next by its schedule, skips, snoozes and pause considered; None if it does not."""
        return self._store.read(
            lambda reader: next_start(reader, self._definitions, the_job(reader, self.job_id), self._clock.now())
        )

    def ticks(self) -> AsyncIterator[Tick]:
        """Each occurrence of the job that is handled from this call on, by whichever engine. Needs an event loop."""
        return Ticks(self._store, self.job_id, self._clock, self._actor).stream()

    def _is_active(self, reader: Reader, job: Job) -> bool:
        schedule = self._schedule(reader, job)
        return schedule is not None and schedule.is_active_at(self._clock.now())

    def _schedule(self, reader: Reader, job: Job) -> Schedule | None:
        return self._definitions.schedule(reader, job) if job.scheduled else None

    def _act(self, work: Callable[[Transaction], T]) -> T:
        result = self._store.write(work)
        self._on_act()
        return result
