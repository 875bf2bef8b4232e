"""Frozen rows for display: what the command line prints and the screen shows. Instants are aware UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jobistemer_tui.operations.job_models import Counts as Counts
from jobistemer_tui.operations.job_models import EngineRole as EngineRole
from jobistemer_tui.operations.job_models import EngineStatus as EngineStatus
from jobistemer_tui.operations.job_models import FileProblem as FileProblem
from jobistemer_tui.operations.job_models import FileRow as FileRow
from jobistemer_tui.operations.job_models import FileStanding as FileStanding
from jobistemer_tui.operations.job_models import JobRow as JobRow
from jobistemer_tui.operations.job_models import LastRun as LastRun
from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.domain.cascade import Effective
    from jobistemer_tui.domain.definition_diff import Difference
    from jobistemer_tui.domain.file_plan import FilePlan
    from jobistemer_tui.domain.job import ScheduleValue
    from jobistemer_tui.domain.params import Param
    from jobistemer_tui.domain.records import NotificationState
    from jobistemer_tui.domain.states import (
        AttemptState,
        OccurrenceState,
        Reason,
        TaskRunState,
        Trigger,
    )
    from jobistemer_tui.domain.upcoming import Upcoming


@dataclass(frozen=True, slots=True)
class TaskShape:
    """A task as its job's present version defines it."""

    name: str
    needs: tuple[str, ...]
    run_when: str
    what: str
    description: str


@dataclass(frozen=True, slots=True)
class JobDetail:
    """A job with the times to come, tasks and effective settings (name → value and origin). `schedule` is as its
    version has it, as JSON (None: it runs only when triggered).

    `hints` are about its schedule. `timezone_data` is the version of the time-zone data that it was planned with;
    `zone_warning` is not empty where this program has another one. `state` is what the job remembers from run to run.
    `params` are what a trigger may give.
    """

    row: JobRow
    version: int
    published_at: datetime
    coming: tuple[Upcoming, ...]
    tasks: tuple[TaskShape, ...]
    settings: Mapping[str, Effective]
    hints: tuple[str, ...] = ()
    timezone_data: str = ""
    zone_warning: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    schedule: ScheduleValue | None = None
    params: Mapping[str, Param] = field(default_factory=dict)

    @property
    def next_instants(self) -> tuple[datetime, ...]:
        """The instants at which its schedule runs it."""
        return tuple(entry.instant for entry in self.coming if entry.is_scheduled)


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version of a job, and how it differs from the one before (of the first: nothing).

    `definition` is what is stored of it, as JSON.
    """

    number: int
    published_at: datetime
    file: str
    line: int
    current: bool
    differences: tuple[Difference, ...]
    definition: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """One try. `detail` may hold pid, error, user_s, system_s, max_rss_bytes, output_bytes."""

    id: UUID
    number: int
    status: AttemptState
    reason: Reason | None
    exit_code: int | None
    signal: int | None
    not_before: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """A hook or a notification of an occurrence; `output` are the last lines that a program wrote."""

    id: UUID
    event: str
    channel: str
    state: NotificationState
    tries: int
    created_at: datetime
    not_before: datetime
    finished_at: datetime | None
    error: str | None
    output: str | None


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One task of one occurrence with its tries in order, and what the successful one handed on.

    `what` is run in the folder `cwd` with the `variables` of the job file (their names; secrets too), as its version
    has it.
    """

    id: UUID
    name: str
    status: TaskRunState
    reason: Reason | None
    needs: tuple[str, ...]
    started_at: datetime | None
    finished_at: datetime | None
    attempts: tuple[AttemptRow, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict)
    reason_detail: Mapping[str, Any] = field(default_factory=dict)
    what: str = ""
    cwd: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OccurrenceRow:
    """An occurrence in a list. `params` are those of its trigger; a `pinned` one is never cleared away.

    `follows` are the runs of other jobs that it came after: `job`, `occurrence_id`, `status` and `finished_at` of each.
    """

    id: UUID
    job: str
    job_id: UUID
    scheduled_at: datetime
    trigger: Trigger
    status: OccurrenceState
    reason: Reason | None
    reason_detail: Mapping[str, Any]
    started_at: datetime | None
    finished_at: datetime | None
    node: str | None
    node_id: UUID | None
    version: int
    replay_of: UUID | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    pinned: bool = False
    follows: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A run that holds a place, or waits in front."""

    job: str
    occurrence_id: UUID
    started_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The places that a run waits for: of the `group` called `name`, of its own `job`, or the `slots` of the engine.

    `used` of at most `limit` (None: not known here) are taken; `holders` are the first of those that hold them.
    """

    kind: str
    name: str
    used: int
    limit: int | None
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class OccurrenceDetail:
    """An occurrence with its tasks and their tries; `waiting` says what one waits for that has not started."""

    row: OccurrenceRow
    tasks: tuple[TaskRow, ...]
    deadline_at: datetime | None
    waiting: Waiting | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """An occurrence in the list of what runs and ran last.

    `steps` are the tasks that run or, of one that went wrong, that failed. `done` of its `tasks` have ended; both are 0
    where nothing has been read of them. `expected_s` is how long it is expected to take, from its job's history.
    """

    row: OccurrenceRow
    steps: tuple[str, ...] = ()
    done: int = 0
    tasks: int = 0
    expected_s: float | None = None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A line of the audit. `job` is a name, or the id of one that is not stored; `act` is what can be taken back."""

    sequence: int
    at: datetime
    kind: str
    actor: str
    job: str | None
    occurrence_id: UUID | None
    reason: Reason | None
    detail: Mapping[str, Any]
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where an attempt's log lies, and what it belongs to. `folder` may not exist (yet, or any more)."""

    attempt: AttemptRow
    task: str
    job: str
    occurrence: OccurrenceRow
    folder: Path


@dataclass(frozen=True, slots=True)
class LiveRuns:
    """What would feel the end of an engine: its own runs, and those that wait for a place or for their turn."""

    running: int = 0
    pending: int = 0
    queued: int = 0

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return bool(self.running or self.pending or self.queued)


@dataclass(frozen=True, slots=True)
class Triggered:
    """What a trigger made: the occurrence, its state right after, and whether an engine is there to run it."""

    occurrence_id: UUID
    status: OccurrenceState
    reason: Reason | None
    engine_alive: bool


@dataclass(frozen=True, slots=True)
class PrunedJob:
    """What retention takes of a job: how many runs, and the bytes of their logs."""

    job: str
    runs: int
    size: int


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was cleared away, or would be (`dry_run`): runs by job, and folders of attempts that no run has any more."""

    jobs: tuple[PrunedJob, ...]
    folders: int
    dry_run: bool


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found: the problems of all files, and the names of the jobs that are in order."""

    files: int
    jobs: tuple[str, ...] = ()
    problems: tuple[FileProblem, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether there is no error (warnings are allowed)."""
        return all(problem.severity != "error" for problem in self.problems)


@dataclass(frozen=True, slots=True)
class PlannedFiles:
    """What `plan` found: the problems of all files under `roots`, and what publishing those in order would do."""

    checked: Checked
    plan: FilePlan
    roots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What an id or name on the command line means."""

    kind: str
    id: UUID
    name: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
