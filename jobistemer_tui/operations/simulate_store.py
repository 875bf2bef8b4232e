"""A copy of what a simulation begins with: definitions and control state, in a store of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from jobistemer_tui.domain.records import Job, JobVersion, Occurrence, Pause
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.replan import is_marked
from jobistemer_tui.engine.transactions.common import plan_next, the_job, write_job
from jobistemer_tui.engine.transactions.hand_over import set_followed
from jobistemer_tui.errors import JobistemerError
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader, Store, Transaction
from jobistemer_tui.storage.tables import (
    JOB_VERSIONS,
    JOBS,
    OCCURRENCES,
    OCCURRENCES_BY_JOB_STATE,
    PAUSES,
    PAUSES_BY_JOB,
)


@dataclass(frozen=True, slots=True)
class Copied:
    """One job with its present version, its pauses, and the coming runs that a person has marked."""

    job: Job
    version: JobVersion
    pauses: Sequence[Pause]
    marked: Sequence[Occurrence]


def read_job(reader: Reader, job: Job) -> Copied | None:
    """What a simulation needs of a job; None if its present version is not stored."""
    version = reader.get(JOB_VERSIONS, job.id, job.version)
    if version is None:
        return None
    planned = reader.scan(OCCURRENCES_BY_JOB_STATE, job.id, OccurrenceState.PLANNED)
    return Copied(job, version, reader.scan(PAUSES_BY_JOB, job.id), [row for row in planned if is_marked(row)])


def fill(store: Store, copies: Sequence[Copied], start: datetime) -> list[str]:
    """Put jobs into an empty store as if their schedules began at `start`: nothing runs or waits, no gap is open.

    Gives a sentence for each whose schedule cannot be read any more; it is there without instants.
    """
    problems = []
    for copied in copies:
        store.write(partial(_add, copied=copied, start=start))
        try:
            store.write(partial(_plan, copied=copied, start=start))
        except JobistemerError as error:
            problems.append(f"{copied.job.name} cannot be planned: {error.message}")
    return problems


def _add(tx: Transaction, copied: Copied, start: datetime) -> None:
    job = replace(copied.job, cursor_at=start, finished=False, error=None)
    tx.insert(JOBS, job)
    tx.insert(JOB_VERSIONS, copied.version)
    for pause in copied.pauses:
        tx.insert(PAUSES, pause)
    for row in copied.marked:
        if row.scheduled_at > start:
            tx.insert(OCCURRENCES, row)


def _plan(tx: Transaction, copied: Copied, start: datetime) -> None:
    job = the_job(tx, copied.job.id)
    set_followed(tx, job, Definitions().schedule(tx, job))
    write_job(tx, job, plan_next(tx, job, Definitions(), after=start, now=start))
