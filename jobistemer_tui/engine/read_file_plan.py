"""Reading what a plan of job files is computed from; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.file_plan import FilePlan, JobPlan
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OWNED_OCCURRENCES, WAITING_OCCURRENCES, OccurrenceState
from jobistemer_tui.engine.definitions import Definitions, schedule_of
from jobistemer_tui.engine.file_plan import Standing, Steps, Wanted, plan_publication, plan_retirement
from jobistemer_tui.engine.replan import is_marked
from jobistemer_tui.engine.transactions.common import is_ticking, the_job
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOB_VERSIONS, JOBS, OCCURRENCES, OCCURRENCES_BY_JOB_STATE

_S = OccurrenceState


def read_file_plan(
    reader: Reader, found: Iterable[SourcedJob], gone: Iterable[UUID], now: datetime, *, steps: int
) -> FilePlan:
    """What publishing the jobs `found` in files, and retiring those that are `gone` from them, does at `now`.

    At most `steps` instants of all schedules together are looked at. Raises ScheduleError.
    """
    definitions, left = Definitions(), Steps(steps)
    plans = [_of_found(reader, definitions, sourced, now, left) for sourced in found]
    plans += [plan_retirement(_standing(reader, definitions, the_job(reader, one)), now, left) for one in gone]
    return FilePlan(now, tuple(plan for plan in plans if plan is not None))


def _of_found(
    reader: Reader, definitions: Definitions, sourced: SourcedJob, now: datetime, steps: Steps
) -> JobPlan | None:
    definition = sourced.definition
    job = reader.get(JOBS, definition.id)
    if job is not None and is_settled(job, sourced):
        return None
    schedule = None
    if definition.enabled and not (job is not None and job.stopped):
        schedule = schedule_of(reader, definition, now if job is None else job.first_published_at)
    only = None if schedule is None else schedule.only_instant
    has_row = only is not None and reader.get(OCCURRENCES, identity.occurrence_id(definition.id, only)) is not None
    wanted = Wanted(definition, sourced.path, sourced.line, schedule, only_is_new=not has_row)
    return plan_publication(wanted, None if job is None else _standing(reader, definitions, job), now, steps)


def is_settled(job: Job, sourced: SourcedJob) -> bool:
    """Whether a job is published from that file as the file has it."""
    same = job.content_hash == sourced.definition.content_hash and job.source_path == sourced.path
    return same and job.retired_at is None


def _standing(reader: Reader, definitions: Definitions, job: Job) -> Standing:
    version = reader.get(JOB_VERSIONS, job.id, job.version)
    planned = reader.scan(OCCURRENCES_BY_JOB_STATE, job.id, _S.PLANNED)
    return Standing(
        job, definitions.of(reader, job.id, job.version), 0 if version is None else version.source_line,
        definitions.schedule(reader, job) if is_ticking(job) else None,
        waiting=_count(reader, job.id, WAITING_OCCURRENCES), running=_count(reader, job.id, OWNED_OCCURRENCES),
        marks=tuple(row.scheduled_at for row in planned if is_marked(row)),
    )  # fmt: skip


def _count(reader: Reader, job_id: UUID, states: Iterable[OccurrenceState]) -> int:
    return sum(reader.count(OCCURRENCES_BY_JOB_STATE, job_id, state) for state in states)
