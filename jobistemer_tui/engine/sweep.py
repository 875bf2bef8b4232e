"""What a lost wake-up would lose: the engine looks at everything it owns, and at its own standing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from jobistemer_tui.domain.clock import Clock
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Attempt, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Reason, Who
from jobistemer_tui.engine.graph import is_over, next_step
from jobistemer_tui.engine.loaded import Loaded
from jobistemer_tui.engine.lookout import Lookout
from jobistemer_tui.engine.owned import running_tries
from jobistemer_tui.engine.planner import is_ahead, is_too_late
from jobistemer_tui.engine.runner import Runner
from jobistemer_tui.engine.scheduler import Scheduler
from jobistemer_tui.engine.standing import stamp_node
from jobistemer_tui.engine.store_calls import StoreCalls
from jobistemer_tui.engine.supervisor_client import SupervisorUnavailable
from jobistemer_tui.engine.takeover import Takeover
from jobistemer_tui.engine.transactions.begin import is_stopping, returning_tasks
from jobistemer_tui.engine.transactions.claim import is_expired
from jobistemer_tui.engine.transactions.common import Owner, is_ticking, the_job
from jobistemer_tui.engine.transactions.hold_gap import forget_gap, left_over
from jobistemer_tui.engine.transactions.pauses import paused_ahead
from jobistemer_tui.engine.transactions.publish import plan_missing, quarantine
from jobistemer_tui.engine.transactions.pull_back import judged_ahead, may_correct, pull_back
from jobistemer_tui.engine.transactions.wake import next_in_turn, wake_queue
from jobistemer_tui.engine.wakefulness import Wakefulness
from jobistemer_tui.engine.wind_down import mine
from jobistemer_tui.errors import ODDITIES, JobistemerError
from jobistemer_tui.settings.sync_points import sync_point
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import (
    JOBS_BY_KEY,
    OCCURRENCES_BY_DUE,
    OCCURRENCES_BY_JOB_STATE,
    TASK_RUNS_BY_OCCURRENCE,
)

log = logging.getLogger(__name__)
UNKNOWN_FOR = timedelta(seconds=5)
BUSY_S, IDLE_S = 5.0, 60.0
JOBS_A_SWEEP = 500
"""So many jobs, in the order of their keys, one sweep looks at; the next goes on from there, round and round."""
WAITING_A_SWEEP = 500
"""So many of the rows that wait are looked at by one sweep: a look at each of thousands would leave no time to start
any of them. Whoever starts one looks at it all the same."""
_OUTDATED = frozenset(
    {
        Reason.NO_NODE,
        Reason.NO_SUPERVISOR,
        Reason.NO_SPACE,
        Reason.DRAINED,
        Reason.CLOCK_SKEW,
        Reason.REQUESTED,
        Reason.SPREAD,
        Reason.SNOOZED,
        Reason.JITTER,
    }
)
"""Reasons that are not true any more once a row is due and an engine looks at it."""


_FULL = (Reason.NO_SLOT, Reason.MAX_ATTEMPTS_RUNNING)
"""Reasons that are not what is in the way where an engine may start nothing at all."""


class Sweep:
    """Runs every 5 s while anything is live, every 60 s while idle. One bad row never stops it."""

    def __init__(
        self, store: StoreCalls, clock: Clock, runner: Runner, scheduler: Scheduler, loaded: Loaded,
        owner: Callable[[], Owner], takeover: Takeover, wakefulness: Wakefulness,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._runner = runner
        self._takeover = takeover
        self._scheduler = scheduler
        self._loaded = loaded
        self._owner = owner
        self._lookout = Lookout(store, owner)
        self._wakefulness = wakefulness
        self._awake: datetime | None = None
        self._owes_a_look = True
        self._last_key = ""
        self._looked_at = 0
        self.next_at = clock.now()

    def hurry(self) -> None:
        """Sweep in the next turn."""
        self.next_at = self._clock.now()

    async def run_if_due(self, check_standing: Callable[[], None]) -> bool:
        """Sweep if it is time, and set the time of the next sweep; `check_standing` raises if we are fenced.

        True if it swept: what it has planned or woken is then to be looked for.
        """
        now = self._clock.now()
        if self.next_at > now + timedelta(seconds=BUSY_S) and mine(self._store, self._owner()):
            self.next_at = now + timedelta(seconds=BUSY_S)
        # A clock that was set is looked at now, and one that was set back must not put the next sweep off.
        was_set = self._awake != self._wakefulness.awake
        self._awake, self._owes_a_look = self._wakefulness.awake, self._owes_a_look or was_set
        if not was_set and self.next_at - timedelta(seconds=IDLE_S) <= now < self.next_at:
            return False
        check_standing()
        await self.run(now)
        # What cannot be started for want of something is looked for again soon.
        busy = bool(mine(self._store, self._owner())) or self._owner().no_slot is not None
        self.next_at = self._clock.now() + timedelta(seconds=BUSY_S if busy else IDLE_S)
        return True

    async def run(self, now: datetime) -> None:
        """Everything once."""
        sync_point("sweep.begun")
        self._scheduler.look_again()
        self._runner.check_supervisor()
        await self._adopt_strays()
        await self._settle_unknown(now)
        await self._expire(now)
        sync_point("sweep.expired")
        await self._wake_queues(now)
        sync_point("sweep.woken")
        await self._look_at_waiting(now)
        await self._look_at_jobs()
        sync_point("sweep.planned")
        await self._stamp(now)
        sync_point("sweep.stamped")

    async def _look_at_jobs(self) -> None:
        """Ask everything that has to be asked of each job; with more than JOBS_A_SWEEP the next sweeps ask the rest."""
        jobs = await self._store.read_long(partial(_next_jobs, after=self._last_key))
        self._last_key = jobs[-1].key if len(jobs) == JOBS_A_SWEEP else ""
        ours = [job for job in jobs if job.id in self._loaded]
        # Not the time of the sweep: if the clock was set since, the cursor of a new version would look as if ahead.
        now = self._clock.now()
        await self._plan_missing(ours, now)
        await self._look_at_clock(ours, now)
        await self._forget_gaps(now)
        await self._lookout.look(ours, now)

    async def _adopt_strays(self) -> None:
        """Take over what an engine began that had lost the lock without noticing, and has ended since."""
        if self._runner.connected and self._takeover.orphans():
            try:
                await self._takeover.run()
            except SupervisorUnavailable as error:
                log.warning("not everything could be taken over: %s", error)

    async def _settle_unknown(self, now: datetime) -> None:
        """Void tries that the store calls running and that nobody knows (hazard 9)."""
        if not self._runner.connected:
            return
        rows = mine(self._store, self._owner())
        running = self._store.read(lambda reader: [a for row in rows for a in running_tries(reader, row.id)])
        for attempt in running:
            if _is_old_enough(attempt, now) and not self._runner.knows(attempt.id):
                log.warning("attempt %s is in nobody's hands; asking the supervisor", attempt.id, extra=_ids(attempt))
                self._runner.spawn(self._runner.settle(attempt), f"settle {attempt.id}")

    async def _expire(self, now: datetime) -> None:
        """Carry on what is out of time, or whose last step was committed but never told to the supervisor."""
        owner = self._owner()
        rows = mine(self._store, owner)
        over = self._store.read(lambda reader: [row for row in rows if _has_a_step(reader, owner, row, now)])
        await self._scheduler.expire(over)

    async def _wake_queues(self, now: datetime) -> None:
        owner = self._owner()
        rows = self._store.read(lambda reader: reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.QUEUED))
        jobs = {row.job_id for row in rows if row.job_id in self._loaded}
        asleep = self._store.read(lambda reader: [job_id for job_id in jobs if _has_turn(reader, owner, job_id)])
        await self._attempt(asleep, partial(_wake, owner=owner, now=now))

    async def _look_at_waiting(self, now: datetime) -> None:
        """Give up requests that nobody took in time, and keep true the reason why the others of ours wait."""
        waiting = self._store.read(lambda reader: reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.PENDING, high=now))
        queued = self._store.read(lambda reader: reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.QUEUED))
        limited = [row for row in (*waiting, *queued) if row.valid_until is not None]
        seen = [row for row in limited if row.job_id in self._loaded or is_expired(row, now)]
        ours = self._some([row for row in (*waiting, *queued) if row.job_id in self._loaded])
        owner = self._owner()
        late = self._store.read(lambda reader: [row for row in ours if _may_not_start(reader, owner, row, now)])
        await self._scheduler.acknowledge(list({row.id: row for row in (*seen, *late)}.values()))
        await self._scheduler.explain([row for row in ours if _is_outdated(row, now, owner.no_slot)])

    def _some(self, rows: Sequence[Occurrence]) -> Sequence[Occurrence]:
        """As many rows as a sweep looks at; the next goes on from there, round and round."""
        begin = self._looked_at if self._looked_at < len(rows) else 0
        self._looked_at = begin + WAITING_A_SWEEP
        return rows[begin : self._looked_at]

    async def _plan_missing(self, jobs: Sequence[Job], now: datetime) -> None:
        """Plan scheduled jobs that have no planned row, or show why that cannot be."""
        due = [job for job in jobs if is_ticking(job) and not job.finished]
        missing = self._store.read(
            lambda reader: [job.id for job in due if job.error is not None or not _has_plan(reader, job)]
        )
        await self._attempt(missing, partial(plan_missing, owner=self._owner(), now=now))

    async def _look_at_clock(self, jobs: Sequence[Job], now: datetime) -> None:
        """Take back what a clock that was wrong has decided."""
        if may_correct(self._owner(), now):
            await self._pull_back(jobs, now, was_set=self._owes_a_look)
            self._owes_a_look = False

    async def _pull_back(self, jobs: Sequence[Job], now: datetime, *, was_set: bool) -> None:
        found = self._store.read(lambda reader: judged_ahead(reader, now))
        found |= {job.id for job in jobs if is_ahead(job.paused_at, now)}  # by a person whose own clock was
        if was_set:  # pauses are many, and are not read each time
            found |= await self._store.read_long(partial(paused_ahead, now=now))
        ours = [job_id for job_id in found if job_id in self._loaded]
        await self._attempt(ours, partial(pull_back, owner=self._owner(), now=now))

    async def _forget_gaps(self, now: datetime) -> None:
        """No gap is shown as held whose instants wait for nothing any more."""
        left = self._store.read(partial(left_over, now=now))
        await self._attempt([job_id for job_id in left if job_id in self._loaded], forget_gap)

    async def _attempt(self, jobs: Sequence[UUID], work: Callable[..., object]) -> None:
        """One transaction for each job, see `StoreCalls.write_each`; what is wrong with one is shown at it."""
        wrong: list[tuple[UUID, Exception]] = []
        await self._store.write_each(
            jobs,
            lambda job_id: partial(work, job_id=job_id),
            follow=lambda _: None,
            complain=lambda job_id, error: wrong.append((job_id, error)),
        )
        for job_id, error in wrong:
            if not isinstance(error, (JobistemerError, *ODDITIES)):
                raise error
            log.error("job %s: %s", job_id, error, extra={"job_id": job_id})
            quarantined = partial(
                quarantine, owner=self._owner(), job_id=job_id, problem=str(error), now=self._clock.now()
            )
            await self._store.write(quarantined)

    async def _stamp(self, now: datetime) -> None:
        """Say in the node's row that this engine was awake and looked."""
        owner = self._owner()
        stamp = partial(
            stamp_node, node_id=owner.node_id, now=now, trouble=owner.no_slot or owner.closed, offset_ms=owner.offset_ms
        )
        await self._store.write(stamp)


def _is_old_enough(attempt: Attempt, now: datetime) -> bool:
    """Whether whoever began a try has had the time to tell; one begun by a clock that was ahead would never be."""
    began = attempt.started_at
    return began is not None and (now - began >= UNKNOWN_FOR or is_ahead(began, now))


def _next_jobs(reader: Reader, after: str) -> list[Job]:
    """The next jobs by key, at most JOBS_A_SWEEP; fewer are the last."""
    found = reader.scan(JOBS_BY_KEY, low=after, limit=JOBS_A_SWEEP + 1)
    return [job for job in found if job.key != after][:JOBS_A_SWEEP]


def _has_plan(reader: Reader, job: Job) -> bool:
    return reader.count(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED) > 0


def _has_turn(reader: Reader, owner: Owner, job_id: UUID) -> bool:
    """Whether something that is queued at a job could go on."""
    try:
        return bool(next_in_turn(reader, job_id, _definition(reader, owner, job_id)))
    except (JobistemerError, *ODDITIES):
        return True  # its own transaction finds the same, and shows it


def _definition(reader: Reader, owner: Owner, job_id: UUID) -> JobDefinition:
    return owner.definitions.of(reader, job_id, the_job(reader, job_id).version)


def _wake(tx: Transaction, *, owner: Owner, job_id: UUID, now: datetime) -> None:
    wake_queue(tx, job_id, _definition(tx, owner, job_id), Who.SWEEP, owner.actor, now)


def _is_outdated(row: Occurrence, now: datetime, no_slot: Reason | None) -> bool:
    """Whether the reason why a row waits may not be true any more; `no_slot`: why the engine starts nothing at all."""
    if row.state is OccurrenceState.QUEUED:
        return row.reason is Reason.SNOOZED and row.due_at <= now
    is_other = no_slot is not None and row.reason in _FULL
    return is_other or row.reason in _OUTDATED or (row.reason is Reason.PROMOTED and not row.detail)


def _may_not_start(reader: Reader, owner: Owner, row: Occurrence, now: datetime) -> bool:
    """Whether the start deadline of a row that waits has passed."""
    try:
        return is_too_late(owner.definitions.of(reader, row.job_id, row.version).policies, row, now)
    except (JobistemerError, *ODDITIES):
        return False  # its own transaction finds the same, and sets it aside


def _has_a_step(reader: Reader, owner: Owner, row: Occurrence, now: datetime) -> bool:
    """Whether the graph of an occurrence asks for something; what is being cancelled is the scheduler's."""
    if row.state is not OccurrenceState.RUNNING:
        return is_stopping(row, now)
    try:
        definition = owner.definitions.of(reader, row.job_id, row.version)
        runs = reader.scan(TASK_RUNS_BY_OCCURRENCE, row.id)
        states = {run.name: run.state for run in runs}
        returning = returning_tasks(reader, runs, now)
        step = next_step(definition, states, stopping=is_stopping(row, now), returning=returning)
    except (JobistemerError, *ODDITIES):
        return True  # its own transaction finds the same, and sets it aside
    return bool(step.start or step.skip or step.cancel) or is_over(states.values())


def _ids(attempt: Attempt) -> dict[str, UUID]:
    return {"attempt_id": attempt.id, "occurrence_id": attempt.occurrence_id}
