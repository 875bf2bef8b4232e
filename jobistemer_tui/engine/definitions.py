"""Published definitions, parsed once: a version never changes, so neither does what was parsed from it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.host import machine_id
from jobistemer_tui.errors import NotFound
from jobistemer_tui.schedules import Schedule, parse_schedule
from jobistemer_tui.schedules.handed_over import HandedOver
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import BOOTS_BY_MACHINE, JOB_VERSIONS


class Definitions:
    """A cache over the store's job versions; safe from any thread, since entries are only ever added."""

    def __init__(self) -> None:
        self._definitions: dict[tuple[UUID, int], JobDefinition] = {}
        self._schedules: dict[tuple[UUID, int, datetime | None], Schedule | None] = {}

    def of(self, reader: Reader, job_id: UUID, version: int) -> JobDefinition:
        """The definition of one version of a job. Raises NotFound."""
        key = (job_id, version)
        found = self._definitions.get(key)
        if found is None:
            row = reader.get(JOB_VERSIONS, job_id, version)
            if row is None:
                raise NotFound(f"version {version} of job {job_id} is not in the store")
            found = self._definitions[key] = JobDefinition.from_json(row.definition)
        return found

    def schedule(self, reader: Reader, job: Job) -> Schedule | None:
        """The schedule of a job's present version; None if it runs only when triggered.

        Where the version before has one more instant, it begins with that. An interval without a start counts from the
        job's first publication; `@reboot` knows the starts that this machine has had. Raises ScheduleError.
        """
        key = (job.id, job.version, job.hands_over_at)
        if key not in self._schedules:
            schedule = schedule_of(reader, self.of(reader, job.id, job.version), job.first_published_at)
            if schedule is not None and job.hands_over_at is not None:
                schedule = HandedOver(schedule, job.hands_over_at)
            if schedule is not None and schedule.waits_for_boot:
                return schedule  # not kept: the machine's start is noted after its first job was asked about
            self._schedules[key] = schedule
        return self._schedules[key]


def schedule_of(reader: Reader, definition: JobDefinition, first_published_at: datetime) -> Schedule | None:
    """Parse the schedule of a definition, anchored at the job's first publication and given this machine's starts."""
    if definition.schedule is None:
        return None
    schedule = parse_schedule(
        definition.schedule, timezone=definition.timezone, key=definition.key, anchor=first_published_at
    )
    if not schedule.waits_for_boot:
        return schedule
    return schedule.with_boots([boot.at for boot in reader.scan(BOOTS_BY_MACHINE, machine_id())])
