"""What lists and details show of a published version; read once, as versions never change."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.settings.deferred import deferred
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.tables import JOB_STATES, JOB_VERSIONS, VERSIONS_BY_JOB

if TYPE_CHECKING:
    from jobistemer_tui import schedules
    from jobistemer_tui.domain import cascade
    from jobistemer_tui.domain.job import ScheduleValue, TaskDefinition
    from jobistemer_tui.domain.records import Job, JobVersion
    from jobistemer_tui.engine import upcoming
    from jobistemer_tui.engine.definitions import Definitions
    from jobistemer_tui.operations import read_models, task_words
    from jobistemer_tui.operations.job_models import JobRow
    from jobistemer_tui.operations.read_models import JobDetail, TaskShape
    from jobistemer_tui.schedules import after as following
    from jobistemer_tui.schedules import zones
    from jobistemer_tui.storage.contract import Reader
else:
    schedules = deferred("jobistemer_tui.schedules")
    cascade = deferred("jobistemer_tui.domain.cascade")
    upcoming = deferred("jobistemer_tui.engine.upcoming")
    task_words = deferred("jobistemer_tui.operations.task_words")
    following = deferred("jobistemer_tui.schedules.after")
    zones = deferred("jobistemer_tui.schedules.zones")
    read_models = deferred("jobistemer_tui.operations.read_models")

_ONE_BY_ONE = 200
_WITHOUT_SCHEDULE = "only when triggered"


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows of a version."""

    line: int
    description: str
    schedule: str | None
    in_words: Callable[[], str]
    timezone: str
    enabled: bool
    tags: tuple[str, ...]
    follows: tuple[str, ...] = ()


_NOTHING = Listed(0, "", None, str, "UTC", False, ())


class ListedVersions:
    """What lists show of the versions of one store, by job and version number."""

    def __init__(self) -> None:
        self._listed: dict[tuple[UUID, int], Listed] = {}

    def of(self, reader: Reader, job: Job) -> Listed:
        """What a list shows of the job's present version; empty where the version is not stored."""
        key = (job.id, job.version)
        if key not in self._listed:
            version = reader.get(JOB_VERSIONS, *key)
            if version is None:
                return _NOTHING
            self._listed[key] = _listed(job, version)
        return self._listed[key]

    def read_many(self, reader: Reader, jobs: Sequence[Job]) -> None:
        """Read what is missing of all `jobs` at once, where that is less work than one by one."""
        missing = {(job.id, job.version): job for job in jobs if (job.id, job.version) not in self._listed}
        if len(missing) < _ONE_BY_ONE or reader.count(VERSIONS_BY_JOB) > 3 * len(missing):
            return
        for version in reader.scan(VERSIONS_BY_JOB):
            key = (version.job_id, version.number)
            if key in missing:
                self._listed[key] = _listed(missing[key], version)


def _listed(job: Job, version: JobVersion) -> Listed:
    definition: Mapping[str, Any] = version.definition
    schedule: ScheduleValue | None = definition["schedule"]
    return Listed(
        line=version.source_line,
        description=definition["description"],
        schedule=None if schedule is None else schedule_text(schedule),
        in_words=partial(_words_of, schedule, definition["timezone"], job),
        timezone=_zone(schedule, definition["timezone"]),
        enabled=definition["enabled"],
        tags=tuple(definition["tags"]),
        follows=() if schedule is None or isinstance(schedule, str) else following.followed_names(schedule),
    )


def schedule_text(value: ScheduleValue) -> str:
    """The schedule as its file has it, in one line: of a table its expression, of a list all of them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " + ".join(schedule_text(item) for item in value)
    if "after" in value:
        return f"after {', '.join(following.followed_names(value))}"
    expressions = [str(value[kind]) for kind in ("cron", "interval", "once") if kind in value]
    return expressions[0] if expressions else json.dumps(value)


def _zone(schedule: ScheduleValue | None, zone: str) -> str:
    return str(schedule.get("timezone", zone)) if isinstance(schedule, dict) else zone


def _spread_key(schedule: ScheduleValue | None, job: Job) -> str:
    """The job's key where the words may depend on it, so that equal schedules share their words elsewhere."""
    return job.key if schedule is not None and "H" in schedule_text(schedule) else ""


def _words_of(schedule: ScheduleValue | None, timezone: str, job: Job) -> str:
    return _words(json.dumps(schedule), timezone, _spread_key(schedule, job), job.first_published_at)


@lru_cache(maxsize=16384)
def _words(schedule: str, timezone: str, key: str, anchor: datetime) -> str:
    value: ScheduleValue | None = json.loads(schedule)
    if value is None:
        return _WITHOUT_SCHEDULE
    try:
        return schedules.parse_schedule(value, timezone=timezone, key=key, anchor=anchor).describe()
    except ScheduleError as error:
        return error.message


def job_detail(
    reader: Reader, definitions: Definitions, row: JobRow, job: Job, *, after: datetime, count: int
) -> JobDetail:
    """A job with the first `count` times after `after` at which its schedule runs it, and those left out between.

    Of a job that is stopped, not loaded or over there are none.
    """
    definition = definitions.of(reader, job.id, job.version)
    runs = row.enabled and row.loaded and not job.finished
    schedule = definitions.schedule(reader, job) if row.schedule is not None and row.error is None else None
    state = reader.get(JOB_STATES, job.id)
    return read_models.JobDetail(
        row=row,
        version=job.version,
        published_at=job.published_at,
        coming=tuple(upcoming.listed(upcoming.upcoming(reader, definitions, job, after), count)) if runs else (),
        tasks=tuple(_task_shape(task) for task in definition.tasks),
        settings=cascade.effective_settings(definition.levels),
        hints=() if schedule is None else tuple(hint.message for hint in schedule.hints_at(after)),
        timezone_data=job.timezone_data,
        zone_warning=zone_warning(job.timezone_data) if job.scheduled else "",
        state={} if state is None else state.value,
        schedule=definition.schedule,
        params=definition.params,
    )


def zone_warning(planned_with: str) -> str:
    """What to know where the time-zone data of this program are not those that an engine planned with; else empty."""
    here = zones.zone_data_version()
    if planned_with in ("", here):
        return ""
    return f"planned with time-zone data {planned_with}, but this program has {here}: times shown may differ"


def _task_shape(task: TaskDefinition) -> TaskShape:
    return read_models.TaskShape(
        task.name, task.needs, task.run_when.value, task_words.task_words(task), task.description
    )
