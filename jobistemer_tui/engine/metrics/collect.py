"""Pure: from the rows of the store, and what this engine has timed, to metrics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from jobistemer_tui.domain.histogram import DELAY_BOUNDS, DURATION_BOUNDS
from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import UNSENT_NOTIFICATIONS, Detail, Job, JobTally
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES
from jobistemer_tui.engine.metrics.exposition import Family
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    JOBS_BY_KEY,
    NOTIFICATIONS_BY_DUE,
    OCCURRENCES_BY_DUE,
    TALLIES_BY_JOB,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one request reads of the store."""

    jobs: Sequence[Job]
    tallies: Sequence[JobTally]
    running: int
    waiting: dict[str, int]
    oldest_due: datetime | None
    unsent: int


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine itself knows: its version, when it started, its histogram of store transactions."""

    version: str
    node_id: str
    started_at: datetime
    store_writes: Detail


def read_all(reader: Reader) -> Reading:
    """Everything in one consistent state."""
    due = [row.due_at for state in WAITING_OCCURRENCES for row in reader.scan(OCCURRENCES_BY_DUE, state, limit=1)]
    return Reading(
        jobs=reader.scan(JOBS_BY_KEY),
        tallies=reader.scan(TALLIES_BY_JOB),
        running=sum(reader.count(OCCURRENCES_BY_DUE, state) for state in OWNED_OCCURRENCES),
        waiting={state.value: reader.count(OCCURRENCES_BY_DUE, state) for state in WAITING_OCCURRENCES},
        oldest_due=min(due, default=None),
        unsent=sum(reader.count(NOTIFICATIONS_BY_DUE, state) for state in UNSENT_NOTIFICATIONS),
    )


def families(reading: Reading, facts: EngineFacts, now: datetime) -> Iterator[Family]:
    """All metrics. Counters are of all time: neither a restart nor retention makes them smaller."""
    yield from _engine(reading, facts, now)
    yield from _jobs(reading)


def _engine(reading: Reading, facts: EngineFacts, now: datetime) -> Iterator[Family]:
    info = Family("scheduler_engine_info", "gauge", "The engine that answers; always 1.")
    info.add(1, version=facts.version, node=facts.node_id)
    yield info
    yield _single("scheduler_engine_start_time_seconds", "When this engine started.", _seconds(facts.started_at))
    yield _single("scheduler_jobs_running_total", "Occurrences that run, or are being cancelled.", reading.running)
    queue = Family("scheduler_jobs_in_queue_total", "gauge", "Occurrences that are due and wait.")
    for state, count in reading.waiting.items():
        queue.add(count, state=state)
    yield queue
    age = 0.0 if reading.oldest_due is None else max(0.0, (now - reading.oldest_due).total_seconds())
    yield _single("scheduler_queue_oldest_seconds", "For how long the longest waiting occurrence has been due.", age)
    paused = sum(1 for job in reading.jobs if is_paused(job, now))
    yield _single("scheduler_jobs_paused_total", "Jobs that are paused.", paused)
    yield _single("scheduler_notifications_unsent_total", "Hooks and notifications that wait.", reading.unsent)
    writes = Family(
        "scheduler_store_write_seconds", "histogram", "Time of a transaction, its wait for others included."
    )
    writes.add_histogram(facts.store_writes, DELAY_BOUNDS)
    yield writes


def _jobs(reading: Reading) -> Iterator[Family]:
    ends = Family("scheduler_job_occurrences_total", "counter", "Occurrences that ended, by status.")
    recoveries = Family("scheduler_recovery_runs_total", "counter", "Runs that made up for downtime or sleep.")
    streak = Family("scheduler_job_failures_in_a_row", "gauge", "Failures since the last success.")
    success = Family("scheduler_job_last_success_time_seconds", "gauge", "When the job last succeeded.")
    seconds = Family(
        "scheduler_job_execution_duration_seconds", "histogram", "Time of a run from its start to its end."
    )
    late = Family(
        "scheduler_job_start_delay_seconds", "histogram", "From the due instant to the start, waits included."
    )
    attempts = Family("scheduler_task_attempts_total", "counter", "Attempts that ended, by status.")
    tasks = Family("scheduler_task_execution_duration_seconds", "histogram", "Time of a task, its retries included.")
    names = {job.id: job.name for job in reading.jobs}
    for tally in reading.tallies:
        name = names.get(tally.job_id, str(tally.job_id))
        for status, count in tally.counts.items():
            ends.add(count, job=name, status=status)
        recoveries.add(tally.recoveries, job=name)
        streak.add(tally.failures, job=name)
        if tally.succeeded_at is not None:
            success.add(_seconds(tally.succeeded_at), job=name)
        seconds.add_histogram(tally.seconds, DURATION_BOUNDS, job=name)
        late.add_histogram(tally.lateness, DELAY_BOUNDS, job=name)
        for task, sums in tally.tasks.items():
            for status, count in sums.get("attempts", {}).items():
                attempts.add(count, job=name, task=task, status=status)
            tasks.add_histogram(sums.get("seconds", {}), DURATION_BOUNDS, job=name, task=task)
    yield from (ends, recoveries, streak, success, seconds, late, attempts, tasks)


def _single(name: str, help: str, value: float) -> Family:
    family = Family(name, "gauge", help)
    family.add(value)
    return family


def _seconds(instant: datetime) -> float:
    return (instant - EPOCH).total_seconds()
