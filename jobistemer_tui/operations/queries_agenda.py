"""Reads what is to come. The instants of a job are computed once for a window, for all jobs with the same schedule.

Of most jobs nothing is computed: where the next instant is planned for after the window, there is none within it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final
from uuid import UUID

from jobistemer_tui.domain.instants import EPOCH
from jobistemer_tui.domain.pauses import is_paused
from jobistemer_tui.domain.records import Job
from jobistemer_tui.domain.states import OccurrenceState
from jobistemer_tui.domain.upcoming import Upcoming
from jobistemer_tui.engine.definitions import Definitions
from jobistemer_tui.engine.transactions.common import is_ticking
from jobistemer_tui.engine.transactions.groups import limit_of
from jobistemer_tui.engine.upcoming import upcoming as times_to_come
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.operations.agenda import FOLD, Agenda, AgendaRow, Load, folded, parts_of, with_overlaps
from jobistemer_tui.operations.expected_durations import ExpectedDurations
from jobistemer_tui.operations.queries_definitions import ListedVersions
from jobistemer_tui.operations.queries_instants import upcoming
from jobistemer_tui.operations.queries_jobs import is_loaded
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOBS_BY_KEY, OCCURRENCES_BY_DUE

MOST_TIMES: Final = 2_000
"""Times of one job that are counted in a window; one that has more says so."""
LOOKED_UP: Final = 500
_SLACK: Final = timedelta(hours=1)
_KEPT: Final = 50_000
_MANY: Final = 200
"""Of fewer jobs than this the schedules are read at once."""
_LONGEST: Final = timedelta(days=7)

Key = tuple[UUID, int, datetime, datetime | None]
Wanted = Callable[[AgendaRow], bool]


@dataclass(frozen=True, slots=True)
class _Times:
    """The instants of a job from one instant to another; `cut`: only the first of them."""

    start: datetime
    end: datetime
    instants: tuple[datetime, ...]
    cut: bool

    def within(self, start: datetime, end: datetime) -> Sequence[datetime]:
        """Those from `start` on and before `end`."""
        return self.instants[bisect_left(self.instants, start) : bisect_left(self.instants, end)]

    def is_cut_before(self, end: datetime) -> bool:
        """Whether there are more before `end` than were counted."""
        return self.cut and self.instants[-1] < end

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether they tell of a window what reading them anew would. One that was cut may move on with the time."""
        return self.start <= start and end <= self.end and (self._moves_on(start) or not self.is_cut_before(end))

    def _moves_on(self, start: datetime) -> bool:
        """Whether most of those that were counted are still to come."""
        return start - self.start <= min(_SLACK, (self.instants[-1] - self.start) / 2)


_NONE: Final = _Times(EPOCH, EPOCH, (), False)


@dataclass(frozen=True, slots=True)
class _Quiet:
    """A job that has no instants from `start` on and before `end`: its next one is planned for then."""

    start: datetime
    end: datetime

    def covers(self, start: datetime, end: datetime) -> bool:
        """Whether there is nothing in a window."""
        return self.start <= start and end <= self.end


def _read_times(schedule: Schedule, start: datetime, end: datetime) -> _Times:
    """From the hour that has begun on, so that the window can move with the time; from `start` if that is too much."""
    times = _times_from(schedule, start.replace(minute=0, second=0, microsecond=0), end + _SLACK)
    return _times_from(schedule, start, end + _SLACK) if times.cut else times


def _times_from(schedule: Schedule, low: datetime, high: datetime) -> _Times:
    try:
        instants = tuple(islice(schedule.between(low - datetime.resolution, high), MOST_TIMES + 1))
    except ScheduleError:  # shown with its job; the others are not to suffer
        instants = ()
    return _Times(low, high, instants[:MOST_TIMES], len(instants) > MOST_TIMES)


def _key(job: Job) -> Key:
    return job.id, job.version, job.first_published_at, job.hands_over_at


class AgendaQueries:
    """Reads what is to come in one store."""

    def __init__(self, definitions: Definitions, versions: ListedVersions, durations: ExpectedDurations) -> None:
        self._definitions = definitions
        self._versions = versions
        self._durations = durations
        self._schedules: dict[Key, Schedule | None] = {}
        self._known: dict[Schedule, _Times] = {}
        self._quiet: dict[Key, _Quiet] = {}

    def read(self, reader: Reader, start: datetime, end: datetime, step: timedelta, now: datetime,
             wanted: Wanted) -> Agenda:  # fmt: skip
        """The window from `start` to before `end`, in parts of `step`; only rows that are `wanted`.

        The first `LOOKED_UP` rows tell what becomes of them; `wanted` sees them before that.
        """
        if len(self._schedules) > _KEPT:
            self._schedules.clear()
            self._known.clear()
        jobs = [job for job in reader.scan(JOBS_BY_KEY) if is_loaded(job) and is_ticking(job) and not job.finished]
        jobs = self._without_quiet(reader, jobs, start, end, now)
        self._versions.read_many(reader, jobs)
        found: list[tuple[AgendaRow, Job]] = []
        loads: list[Load] = []
        hidden = 0
        for job in jobs:
            times = self._times(reader, job, start, end)
            instants = times.within(start, end)
            if not instants:
                continue
            paused, cut = is_paused(job, instants[0]), times.is_cut_before(end)
            hidden += paused
            listed = self._versions.of(reader, job)
            rows = [replace(row, zone=listed.timezone, tags=listed.tags, group=job.group_name)
                    for row in folded(job.name, instants, paused=paused, cut=cut)]  # fmt: skip
            kept = [row for row in rows if wanted(row)]
            found += [(row, job) for row in kept]
            if kept and not paused:
                loads.append(Load(instants, cut))
        found.sort(key=lambda pair: (pair[0].instant, pair[0].job))
        shown = self._looked_up(reader, found[:LOOKED_UP], start)
        after = next(iter(upcoming(reader, self._definitions, end, 1, now=now)), None) if not found else None
        parts = parts_of(loads, start, end, step)
        return Agenda(
            start, end, tuple(with_overlaps(shown)), len(found), parts, sum(part.times for part in parts), len(loads),
            hidden, after, any(load.cut for load in loads),
        )  # fmt: skip

    def _without_quiet(
        self, reader: Reader, jobs: Sequence[Job], start: datetime, end: datetime, now: datetime
    ) -> list[Job]:
        """The jobs that may have instants in the window. A planned row is the first instant of its job to come."""
        new = {job.id: _key(job) for job in jobs if _key(job) not in self._schedules and _key(job) not in self._quiet}
        if len(new) > _MANY:
            if len(self._quiet) > _KEPT:
                self._quiet.clear()
            for planned in reader.scan(OCCURRENCES_BY_DUE, OccurrenceState.PLANNED):
                key = new.get(planned.job_id)
                if key is not None:
                    known = self._quiet.get(key)
                    first = planned.scheduled_at if known is None else min(planned.scheduled_at, known.end)
                    self._quiet[key] = _Quiet(min(start, now), first)
        return [job for job in jobs if not self._is_quiet(_key(job), start, end)]

    def _is_quiet(self, key: Key, start: datetime, end: datetime) -> bool:
        known = self._quiet.get(key)
        return known is not None and known.covers(start, end)

    def _times(self, reader: Reader, job: Job, start: datetime, end: datetime) -> _Times:
        """The job's instants, from somewhat before the window up to somewhat after it; equal schedules share them."""
        key = _key(job)
        if key not in self._schedules:
            try:
                self._schedules[key] = self._definitions.schedule(reader, job)
            except ScheduleError:  # shown with its job; the others are not to suffer
                self._schedules[key] = None
        schedule = self._schedules[key]
        if schedule is None:
            return _NONE
        known = self._known.get(schedule)
        if known is None or not known.covers(start, end):
            known = self._known[schedule] = _read_times(schedule, start, end)
        return known

    def _looked_up(self, reader: Reader, found: Sequence[tuple[AgendaRow, Job]], start: datetime) -> list[AgendaRow]:
        """The rows with what becomes of each and how long it is expected to take, and what the clock drops between."""
        entries: dict[UUID, dict[datetime, Upcoming]] = {}
        rows = []
        for row, job in found:
            if job.id not in entries:
                entries[job.id] = self._entries(reader, job, start, row)
                dropped = (entry for entry in entries[job.id].values() if entry.effect == "dropped")
                rows += [replace(row, instant=entry.instant, more=0, entry=entry) for entry in dropped]
            entry = entries[job.id].get(row.instant, Upcoming(row.instant, row.instant))
            limit = limit_of(reader, job.group_name) if job.group_name else 0
            expected = self._durations.of(reader, job.id)
            rows.append(replace(row, entry=entry, expected_s=expected, group_limit=limit))
        return sorted(rows, key=lambda row: (row.instant, row.job))

    def _entries(self, reader: Reader, job: Job, start: datetime, first: AgendaRow) -> dict[datetime, Upcoming]:
        """What becomes of the first times of a job: marks, pauses, and what a change of the clock does."""
        last = first.instant if first.more else start + _LONGEST
        begin = first.instant - datetime.resolution if first.more else start - datetime.resolution
        try:
            coming = times_to_come(reader, self._definitions, job, begin)
            inside = takewhile(lambda entry: entry.instant <= last, coming)
            return {entry.instant: entry for entry in islice(inside, 2 * FOLD)}
        except ScheduleError:
            return {}
