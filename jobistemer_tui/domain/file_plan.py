"""What publishing job files does: jobs added, changed, retired, and what becomes of their times and runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from jobistemer_tui.domain.definition_diff import Difference, Kind
from jobistemer_tui.domain.instants import instant_text, parse_instant
from jobistemer_tui.settings.quick_dataclass import dataclass, replace

HORIZON: Final = timedelta(days=30)
"""How far ahead instants are compared."""
MOST_INSTANTS: Final = 50
"""How many of the instants that one schedule gains and loses are named; the rest are counted."""


class JobChange(StrEnum):
    """What becomes of a job. `moved`: the same definition in another file; `returned`: it had been retired."""

    ADDED = "added"
    CHANGED = "changed"
    RETURNED = "returned"
    MOVED = "moved"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class InstantDiff:
    """Instants at which a schedule starts to run the job, and no longer does, in order.

    At most 50 are named together, the earliest; the counts are of all within the horizon, and at least that many where
    `counted_all` is false, because the schedule is too dense to be walked to the end.
    """

    added: tuple[datetime, ...] = ()
    removed: tuple[datetime, ...] = ()
    added_count: int = 0
    removed_count: int = 0
    counted_all: bool = True

    def __bool__(self) -> bool:
        return bool(self.added_count or self.removed_count)

    def to_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return {
            "added": [instant_text(instant) for instant in self.added],
            "removed": [instant_text(instant) for instant in self.removed],
            "added_count": self.added_count,
            "removed_count": self.removed_count,
            "counted_all": self.counted_all,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> InstantDiff:
        """The inverse of `to_json`."""
        return InstantDiff(
            tuple(parse_instant(text) for text in value["added"]),
            tuple(parse_instant(text) for text in value["removed"]),
            value["added_count"], value["removed_count"], value["counted_all"],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class JobPlan:
    """What becomes of one job. `version` is the one that will be in force, `before` the present one (0: none).

    `file` and `line` are where it is written, or was. `waiting` runs have not begun and `running` ones have; of a job
    that is retired the waiting ones are cancelled, else they start with the new version. `marks_lost` are instants
    that a person marked and that the new schedule does not have. `late_runs`: occurrences of the past that start all
    the same, which only a one-off with a written `start_deadline` can ask for.
    """

    job: str
    change: JobChange
    file: str
    line: int
    zone: str
    before: int
    version: int
    differences: tuple[Difference, ...] = ()
    instants: InstantDiff = InstantDiff()
    waiting: int = 0
    running: int = 0
    marks_lost: tuple[datetime, ...] = ()
    late_runs: int = 0
    moved_from: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields by their names, in the JSON that tools rely on."""
        return {
            "job": self.job,
            "change": self.change.value,
            "file": self.file,
            "line": self.line,
            "timezone": self.zone,
            "before": self.before,
            "version": self.version,
            "differences": [difference.to_json() for difference in self.differences],
            "instants": self.instants.to_json(),
            "waiting": self.waiting,
            "running": self.running,
            "marks_lost": [instant_text(instant) for instant in self.marks_lost],
            "late_runs": self.late_runs,
            "moved_from": self.moved_from or None,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> JobPlan:
        """The inverse of `to_json`."""
        return JobPlan(
            job=value["job"], change=JobChange(value["change"]), file=value["file"], line=value["line"],
            zone=value["timezone"], before=value["before"], version=value["version"],
            differences=tuple(
                Difference(Kind(one["kind"]), one["what"], one["before"], one["after"]) for one in value["differences"]
            ),
            instants=InstantDiff.from_json(value["instants"]), waiting=value["waiting"], running=value["running"],
            marks_lost=tuple(parse_instant(text) for text in value["marks_lost"]), late_runs=value["late_runs"],
            moved_from=value["moved_from"] or "",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilePlan:
    """What publishing some files does, as seen at `at` (aware UTC); `more` jobs are counted and not named."""

    at: datetime
    jobs: tuple[JobPlan, ...] = ()
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.jobs)

    @property
    def past_occurrences(self) -> int:
        """How many occurrences of the past will fire: none, unless a one-off's `start_deadline` asks for it."""
        return sum(job.late_runs for job in self.jobs)

    def count(self, *changes: JobChange) -> int:
        """How many of the named jobs change so."""
        return sum(job.change in changes for job in self.jobs)

    def shortened(self, most: int) -> FilePlan:
        """The same with at most so many jobs named."""
        return replace(self, jobs=self.jobs[:most], more=self.more + max(0, len(self.jobs) - most))

    def to_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return {
            "at": instant_text(self.at),
            "jobs": [job.to_json() for job in self.jobs],
            "more_jobs": self.more,
            "past_occurrences": self.past_occurrences,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> FilePlan:
        """The inverse of `to_json`."""
        jobs: Sequence[Mapping[str, Any]] = value["jobs"]
        return FilePlan(parse_instant(value["at"]), tuple(map(JobPlan.from_json, jobs)), value["more_jobs"])
