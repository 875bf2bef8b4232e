"""Runs of commands that something else started (`exec`): recorded as occurrences, owned by the recording process.

Each recorder is a small node: it holds an `engine.lock` in a folder of its own, which the kernel drops at its death.
While the lock is held, no engine touches what it owns; afterwards an engine or the next recorder reaps it.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.job_source import EXTERNAL_SOURCE
from jobistemer_tui.domain.records import Attempt, Job, Occurrence
from jobistemer_tui.domain.states import OccurrenceState, Trigger
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.engine_lock import EngineLock, serving_engine
from jobistemer_tui.engine.node_options import lock_owner
from jobistemer_tui.engine.owned import owned_by, running_tries
from jobistemer_tui.engine.transactions.begin import begin
from jobistemer_tui.engine.transactions.common import Owner, tell, write_job
from jobistemer_tui.engine.transactions.publish import Source, publish
from jobistemer_tui.engine.transactions.takeover import Evidence, reap
from jobistemer_tui.errors import Refused
from jobistemer_tui.settings.quick_dataclass import dataclass, replace
from jobistemer_tui.storage.contract import Store, Transaction
from jobistemer_tui.storage.tables import JOBS, OCCURRENCES

_FOLDER = "exec"
_MANY = 1_000_000


@dataclass(frozen=True, slots=True)
class Recording(Owner):
    """A recorder as an owner: it asks for no slot, and the audit names it as what it is."""

    @property
    def actor(self) -> str:
        """How the audit names it."""
        return f"exec {short_id(self.node_id)}"


def recording(recorder: UUID) -> Recording:
    """The owner for one run."""
    return Recording(recorder, Definitions(), slots=_MANY, attempts=_MANY)


def hold(nodes_dir: Path, recorder: UUID, now: datetime) -> EngineLock:
    """Take the lock of a recorder, for its life. Raises HomeNotWritable."""
    folder = _folder(nodes_dir, recorder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return EngineLock.acquire(folder, lock_owner(recorder, now))


def let_go(nodes_dir: Path, recorder: UUID, lock: EngineLock) -> None:
    """Give the lock up and leave nothing."""
    shutil.rmtree(_folder(nodes_dir, recorder), ignore_errors=True)
    lock.release()


def is_recording(nodes_dir: Path, owner: UUID) -> bool:
    """Whether this owner is a recorder that lives."""
    return serving_engine(_folder(nodes_dir, owner)) is not None


def recorded_here(nodes_dir: Path, owner: UUID) -> bool:
    """Whether this owner is, or was, a recorder of this home."""
    return _folder(nodes_dir, owner).exists()


def begin_external(
    tx: Transaction, owner: Owner, definition: JobDefinition, request: UUID, now: datetime
) -> tuple[Occurrence, Attempt]:
    """A running occurrence of a job that only records, made if absent; whatever else of it runs.

    Raises Refused where a job file has a job of this key.
    """
    job = _recording_job(tx, owner, definition, now)
    row = Occurrence(
        id=identity.manual_occurrence_id(job.id, request), job_id=job.id, scheduled_at=now, due_at=now,
        trigger=Trigger.MANUAL, state=OccurrenceState.PLANNED, version=job.version, created_at=now,
        request_id=request, forced=True,
    )  # fmt: skip
    tx.insert(OCCURRENCES, row)
    tell(tx, "occurrence_triggered", owner.actor, now, row, {"external": True})
    begun, progress = begin(tx, owner, job, row, now)
    write_job(tx, job, begun)
    (launch,) = progress.launches
    return progress.occurrence, launch.attempt


def _recording_job(tx: Transaction, owner: Owner, definition: JobDefinition, now: datetime) -> Job:
    """Its gate. No file holds it, so it counts as retired: nothing is planned, and no engine runs it."""
    job = tx.get(JOBS, definition.id)
    if job is not None and job.source_path != EXTERNAL_SOURCE and job.retired_at is None:
        raise Refused(f"{job.name} is a job of {job.source_path}", hint="name another one with --job")
    if job is None or job.source_path != EXTERNAL_SOURCE or job.content_hash != definition.content_hash:
        job = publish(tx, owner, definition, Source(EXTERNAL_SOURCE, 0, EXTERNAL_SOURCE), now=now).job
        job = write_job(tx, job, replace(job, retired_at=now))
    return job


def reap_dead(store: Store, nodes_dir: Path, owner: Owner, now: datetime) -> int:
    """Give what dead recorders left its fate, and remove their folders; gives how many occurrences that were."""
    reaped = 0
    for recorder in _recorders(nodes_dir):
        if is_recording(nodes_dir, recorder):
            continue
        rows = store.read(partial(owned_by, node_id=recorder))
        for row in rows:
            running = frozenset(attempt.id for attempt in store.read(partial(running_tries, occurrence_id=row.id)))
            evidence = Evidence(recorder, row.epoch, lost=running, never_started=frozenset())
            store.write(partial(reap, owner=owner, occurrence_id=row.id, evidence=evidence, now=now))
        if rows:  # one without rows may be about to take its lock
            shutil.rmtree(_folder(nodes_dir, recorder), ignore_errors=True)
        reaped += len(rows)
    return reaped


def _recorders(nodes_dir: Path) -> list[UUID]:
    found = []
    with suppress(FileNotFoundError):
        for name in os.listdir(nodes_dir / _FOLDER):
            with suppress(ValueError):
                found.append(UUID(name))
    return sorted(found)


def _folder(nodes_dir: Path, recorder: UUID) -> Path:
    return nodes_dir / _FOLDER / str(recorder)
