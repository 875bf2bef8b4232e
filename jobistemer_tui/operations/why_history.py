"""The rows that bear on a job as such, read once for a question, and what follows from them for an instant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Event, Job, JobFile, JobGap, JobVersion, MissedRange, Node, Pause
from jobistemer_tui.engine.definitions import schedule_of
from jobistemer_tui.engine.transactions.hold_gap import gap_row
from jobistemer_tui.errors import ScheduleError
from jobistemer_tui.schedules import Schedule
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import (
    EVENTS_BY_JOB,
    JOB_FILES,
    NODES_BY_START,
    PAUSES_BY_JOB,
    RANGES_BY_JOB,
    VERSIONS_BY_JOB,
)

Schedules = dict[int, Schedule | None]


@dataclass(frozen=True)
class History:
    """Everything of a job but its occurrences, as `reader` sees it; use it within the read.

    `schedules` has the schedule of each version that can be read.
    """

    reader: Reader
    job: Job
    versions: Sequence[JobVersion]
    schedules: Schedules
    pauses: Sequence[Pause]
    ranges: Sequence[MissedRange]
    nodes: Sequence[Node]
    file: JobFile | None

    @cached_property
    def acts(self) -> Sequence[Event]:
        """What was done to the job as such, oldest first. Its whole audit is gone through, so only when asked."""
        return [event for event in self.reader.scan(EVENTS_BY_JOB, self.job.id) if _is_act(event)]

    @cached_property
    def refusals(self) -> Sequence[Event]:
        """The refused saves of its file, oldest first."""
        return list(_of_file(self.reader.scan(EVENTS_BY_JOB, None), self.job.source_path))

    def version_at(self, instant: datetime) -> JobVersion | None:
        """The version that decided about an instant: published before it. None before the first publication."""
        return next((row for row in reversed(self.versions) if row.published_at < instant), None)

    def version_naming(self, instant: datetime) -> JobVersion | None:
        """The newest version from before an instant whose schedule names it."""
        for row in reversed(self.versions):
            schedule = self.schedules.get(row.number)
            if row.published_at < instant and schedule is not None and schedule.slot_at(instant) is not None:
                return row
        return None

    def pause_at(self, instant: datetime) -> Pause | None:
        """The pause that covers an instant."""
        spans = (row for row in reversed(self.pauses) if row.begin_at <= instant)
        return next((row for row in spans if row.end_at is None or instant < row.end_at), None)

    def range_of(self, instant: datetime) -> MissedRange | None:
        """The range row that an instant lies in."""
        return next((row for row in self.ranges if row.from_at <= instant <= row.to_at), None)

    def node_at(self, instant: datetime) -> Node | None:
        """An engine that is known to have been up at an instant."""
        return next((row for row in self.nodes if row.started_at <= instant <= last_seen(row)), None)

    def stopped_at(self, instant: datetime) -> Event | None:
        """The event by which the ticker was stopped at an instant; None if it ticked."""
        return self._last(_STOPS, _STARTS, instant)

    def gone_at(self, instant: datetime) -> Event | None:
        """The event by which no watched file held the job at an instant."""
        return self._last(frozenset({"job_retired"}), frozenset({"job_returned", "job_published"}), instant)

    def quarantined_at(self, instant: datetime) -> Event | None:
        """The event by which the job could not be planned at an instant."""
        return self._last(frozenset({"job_quarantined"}), frozenset({"job_published", "job_returned"}), instant)

    def _last(self, wanted: frozenset[str], other: frozenset[str], instant: datetime) -> Event | None:
        # What was done at the very instant holds from the next one on.
        before = (event for event in reversed(self.acts) if event.at < instant)
        newest = next((event for event in before if _kind(event) in wanted | other), None)
        return newest if newest is not None and _kind(newest) in wanted else None

    def gap_resolved_after(self, instant: datetime) -> Event | None:
        """The first resolution of a gap after an instant."""
        return next((event for event in self.acts if event.kind == "gap_resolved" and event.at >= instant), None)

    @cached_property
    def held(self) -> JobGap | None:
        """The gap of the job that waits for its fate."""
        return gap_row(self.reader, self.job.id)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule of the present version."""
        return self.schedules.get(self.job.version)


_STOPS = frozenset({"job_stopped", "undone job_started"})
_STARTS = frozenset({"job_started", "undone job_stopped"})


def _kind(event: Event) -> str:
    return f"undone {event.detail.get('kind')}" if event.kind == "undone" else event.kind


def last_seen(node: Node) -> datetime:
    """Until when an engine is known to have been up."""
    return node.stopped_at or node.swept_at


def read_history(reader: Reader, job: Job) -> History:
    """Read what bears on a job."""
    versions = reader.scan(VERSIONS_BY_JOB, job.id)
    return History(
        reader=reader,
        job=job,
        versions=versions,
        schedules={row.number: _schedule(reader, row, job) for row in versions},
        pauses=reader.scan(PAUSES_BY_JOB, job.id),
        ranges=reader.scan(RANGES_BY_JOB, job.id),
        nodes=reader.scan(NODES_BY_START),
        file=reader.get(JOB_FILES, job.source_path),
    )


def _is_act(event: Event) -> bool:
    return event.occurrence_id is None and (event.kind.startswith("job_") or event.kind in _OTHER_ACTS)


_OTHER_ACTS = frozenset(
    {"undone", "gap_held", "gap_decided", "gap_resolved", "clock_went_back", "timezone_data_changed", "runs_cleared"}
)


def _of_file(events: Iterable[Event], path: str) -> Iterable[Event]:
    return (
        event for event in events if event.kind in ("file_refused", "file_denied") and event.detail.get("path") == path
    )


def _schedule(reader: Reader, row: JobVersion, job: Job) -> Schedule | None:
    """None for one that runs only when triggered, is disabled, or cannot be read any more."""
    try:
        definition = JobDefinition.from_json(row.definition)
        return schedule_of(reader, definition, job.first_published_at) if definition.enabled else None
    except (ScheduleError, LookupError, TypeError, ValueError):
        return None
