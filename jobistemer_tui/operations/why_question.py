"""From the words of the question to the answer: which job or run is meant, at what time, and who serves the store."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.transactions.common import the_occurrence
from jobistemer_tui.errors import NotFound
from jobistemer_tui.jobfiles.folders import is_under
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.queries_resolve import find_job, get_job, resolve
from jobistemer_tui.operations.queries_status import engine_status
from jobistemer_tui.operations.why import Question, why_now, why_run, why_then, zone_of_job
from jobistemer_tui.operations.why_answer import Answer
from jobistemer_tui.operations.why_asked import read_time
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS


def answer_question(
    reader: Reader, versions: ListedVersions, what: str, time: str | None, now: datetime, nodes_dir: Path
) -> Answer:
    """Answer about a job (at `time`, if given), `JOB@TIME`, or a run by its id. Raises NotFound, UsageError."""
    name, at, instant = what.rpartition("@")
    if name and at and time is None and find_job(reader, what) is None:
        what, time = name, instant
    job, run = _job_or_run(reader, versions, what, only_job=time is not None)
    question = _question(reader, job, now, nodes_dir)
    if run is not None:
        return why_run(reader, run, question)
    if time is None:
        return why_now(reader, job, question)
    return why_then(reader, job, read_time(time, zone_of_job(reader, job), now), question)


def _job_or_run(reader: Reader, versions: ListedVersions, what: str, *, only_job: bool) -> tuple[Job, UUID | None]:
    if only_job:
        return get_job(reader, what), None
    found = resolve(reader, versions, what)
    run = None if found.kind == "job" else found.extra["occurrence_id"]
    job = reader.get(JOBS, found.id if run is None else the_occurrence(reader, run).job_id)
    if job is None:
        raise NotFound(f"the job of {what!r} is not in the store")
    return job, run


def _question(reader: Reader, job: Job, now: datetime, nodes_dir: Path) -> Question:
    from jobistemer_tui.engine.engine_lock import serving_engine

    owner = serving_engine(nodes_dir)
    watches = owner is None or not owner.roots or is_under(job.source_path, owner.roots)
    return Question(now, engine_status(reader, nodes_dir), watches)
