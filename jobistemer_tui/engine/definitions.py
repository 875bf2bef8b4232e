"""Published definitions, parsed once: a version never changes, so neither does what was parsed from it."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Job
from jobistemer_tui.engine.host import machine_id
from jobistemer_tui.errors import NotFound
from jobistemer_tui.schedules import Schedule, parse_schedule
from jobistemer_tui.schedules.handed_over import HandedOver
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import BOOTS_BY_MACHINE, JOB_VERSIONS

K = TypeVar("K")
V = TypeVar("V")
KEPT = 1000


class Definitions:
    """A cache over the store's job versions; safe from any thread, since what is kept never changes."""

    def __init__(self) -> None:
        self._definitions: Kept[tuple[UUID, int], JobDefinition] = Kept(KEPT)
        self._schedules: Kept[tuple[UUID, int, datetime, datetime | None], Schedule] = Kept(KEPT)

    def forget(self) -> None:
        """A publication was undone: what others of its group commit have read of it may never be the version's text."""
        self._definitions, self._schedules = Kept(KEPT), Kept(KEPT)

    def of(self, reader: Reader, job_id: UUID, version: int) -> JobDefinition:
        """The definition of one version of a job. Raises NotFound."""
        key = (job_id, version)
        found = self._definitions.get(key)
        if found is None:
            row = reader.get(JOB_VERSIONS, job_id, version)
            if row is None:
                raise NotFound(f"version {version} of job {job_id} is not in the store")
            found = self._definitions.keep(key, JobDefinition.from_json(row.definition))
        return found

    def schedule(self, reader: Reader, job: Job) -> Schedule | None:
        """The schedule of a job's present version; None if it runs only when triggered.

        Where the version before has one more instant, it begins with that. An interval without a start counts from the
        job's first publication; `@reboot` knows the starts that this machine has had. Raises ScheduleError.
        """
        key = (job.id, job.version, job.first_published_at, job.hands_over_at)
        found = self._schedules.get(key)
        if found is not None:
            return found
        schedule = schedule_of(reader, self.of(reader, job.id, job.version), job.first_published_at)
        if schedule is None:
            return None
        if job.hands_over_at is not None:
            schedule = HandedOver(schedule, job.hands_over_at)
        if schedule.waits_for_boot:
            return schedule  # not kept: the machine's start is noted after its first job was asked about
        return self._schedules.keep(key, schedule)


class Kept(Generic[K, V]):
    """At least the last `count` values that were asked for, at most twice as many.

    Two generations rather than an order: a value that is asked for moves into the young one, and when that is full the
    old one is forgotten. So nothing has to be locked: of two threads at once one may lose a value, which is got again.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """The value, or None."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.keep(key, found)
        return found

    def keep(self, key: K, value: V) -> V:
        """Keep a value, and give it back."""
        if len(self._young) >= self._count:
            self._old, self._young = self._young, {}
        self._young[key] = value
        return value


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
