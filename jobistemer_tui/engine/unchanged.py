"""Job files that are as they were when all that follows from them was done: nothing of them is parsed again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.policies import ConcurrencyGroup
from jobistemer_tui.domain.records import Event, FileState, Follower, Job, JobFile
from jobistemer_tui.engine.file_events import gone_event
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.jobfiles.reading import Diagnostic, FileReading, PublishedJob, Seen, is_python
from jobistemer_tui.settings.quick_dataclass import replace
from jobistemer_tui.storage.contract import Reader, Transaction
from jobistemer_tui.storage.tables import FILES_BY_ROOT, JOB_FILES, JOBS


def noted_files(reader: Reader, roots: Iterable[str]) -> list[JobFile]:
    """What the store knows of the files under some roots, also where they were read under another root."""
    wanted = tuple(roots)
    return [row for row in reader.scan(FILES_BY_ROOT) if row.root in wanted or is_under(row.path, wanted)]


def settled_readings(
    rows: Iterable[JobFile], jobs: Iterable[Job], followers: Iterable[Follower], conditions: str
) -> dict[str, FileReading]:
    """Readings, by path, that stand for the files that were settled under the same conditions.

    `jobs` and `followers` are the store's. A file whose jobs are not all there is left out, and so parsed.
    """
    by_path: dict[str, list[Job]] = {}
    for job in jobs:
        if job.retired_at is None:
            by_path.setdefault(job.source_path, []).append(job)
    followed: dict[UUID, list[str]] = {}
    for follower in followers:
        followed.setdefault(follower.job_id, []).append(follower.followed)
    found = {}
    for row in rows:
        here = by_path.get(row.path, []) if row.state is FileState.LOADED else []
        if row.settled == conditions and (row.state is FileState.REFUSED or len(here) == len(row.jobs)):
            diagnostics = tuple(Diagnostic.from_json(error) for error in row.errors)
            published = tuple(_published(job, followed.get(job.id, ())) for job in here)
            found[row.path] = FileReading(row.path, row.root, row.content_hash, (), diagnostics, published=published)
    return found


def _published(job: Job, followed: Sequence[str]) -> PublishedJob:
    group = None if job.group_name is None else ConcurrencyGroup(job.group_name, job.group_limit)
    return PublishedJob(job.key, job.name, job.source_path, group, tuple(dict.fromkeys(followed)))


def settle(
    tx: Transaction, roots: Iterable[str], here: Mapping[str, str], left: Collection[str], *, conditions: str,
    actor: str, now: datetime, label: str = "",
) -> bool:  # fmt: skip
    """Nothing is left to do for the files `here` (path to content hash) under some roots, but for those `left`.

    A Python file depends on more than its content, and is never settled. Those that are not here any more are
    forgotten, but not before: whoever starts meanwhile has to look for what they held; nor is what lies in a folder
    here that could not be listed. False if an engine that has lost its lock has noted another content meanwhile, or
    brought back a job of a file that is gone. `label`: what begins the roots of jobs that are read on this machine.
    """
    all_as_read = True
    unlisted = [path for path, content_hash in here.items() if not content_hash]
    for row in noted_files(tx, roots):
        if row.path in left:
            continue
        if row.path not in here and not is_under(row.path, unlisted) and not _has_jobs(tx, row, label):
            tx.delete(JOB_FILES, row.path)
            tx.append(Event(at=now, kind=gone_event(row), actor=actor, detail={"path": row.path}))
        elif row.content_hash != here.get(row.path):
            all_as_read = False
        elif not is_python(row.path):
            mark(tx, row, conditions)
    return all_as_read


def _has_jobs(reader: Reader, row: JobFile, label: str) -> bool:
    """Whether a job that was read from a file is published still."""
    jobs = (reader.get(JOBS, UUID(hex=job)) for job in row.job_ids)
    live = (job for job in jobs if job is not None and job.retired_at is None)
    return any(job.source_path == row.path and job.source_root.startswith(label) for job in live)


def is_noted(reader: Reader, path: str, content_hash: str) -> bool:
    """Whether a file is noted with this content, and another engine has not found it gone or to hold another since."""
    row = reader.get(JOB_FILES, path)
    return row is not None and row.content_hash == content_hash


def unsettle(tx: Transaction, path: str) -> None:
    """A job of this file is not published as it stands there any more."""
    row = tx.get(JOB_FILES, path)
    if row is not None:
        mark(tx, row, None)


def mark(tx: Transaction, row: JobFile, settled: str | None) -> None:
    """Say under which conditions nothing is left to do for a file; None: something is."""
    if row.settled != settled:
        tx.replace(JOB_FILES, row, replace(row, settled=settled))


def seen_if_settled(rows: Sequence[JobFile], roots: Collection[str], conditions: str) -> Seen | None:
    """What was seen of the files, if all that follows from them was done under these conditions and roots."""
    if any(row.settled != conditions or row.root not in roots for row in rows):
        return None
    return Seen({row.path: row.content_hash for row in rows})


def is_still_noted(rows: Sequence[JobFile], seen: Seen, conditions: str) -> bool:
    """Whether the store has the files as this engine saw and settled them: one that lost its lock may have written."""
    settled = all(row.settled == conditions or is_python(row.path) for row in rows)
    return settled and {row.path: row.content_hash for row in rows} == seen.hashes
