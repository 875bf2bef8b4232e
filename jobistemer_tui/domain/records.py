"""The rows of the store as frozen values: a fact each, replaced as a whole, never half."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.domain.states import AttemptState, OccurrenceState, Reason, TaskRunState, Trigger
from jobistemer_tui.settings.quick_dataclass import dataclass

Detail = dict[str, Any]


class FileState(StrEnum):
    """What became of a job file at its last reading."""

    LOADED = "loaded"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Job:
    """A job's gate: its published version, control state and cursor.

    `cursor_at` is the instant up to which every scheduled instant has its fate. `retired_at` is set while no
    watched file holds the job. `finished` says that the schedule has no further instant; `last_run_at` is the
    latest start of an occurrence. `stopped`: its ticker was stopped by a person. `timezone_data` is the version of
    the time-zone data that its planned rows were computed with. `hands_over_at`: the instant of the schedule before
    the present one that still happens, and before which the present one has none (`update_policy` graceful).
    `group_name` and `group_limit` are the concurrency group of its present version, None while it is retired: the
    smallest limit among the jobs of a group holds. `watched`: a notification rule of it asks the sweep to look at the
    time.
    """

    id: UUID
    key: str
    name: str
    version: int
    content_hash: str
    source_path: str
    source_root: str
    published_at: datetime
    first_published_at: datetime
    cursor_at: datetime
    scheduled: bool = False
    stopped: bool = False
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    pause_reason: str | None = None
    retired_at: datetime | None = None
    last_run_at: datetime | None = None
    finished: bool = False
    error: str | None = None
    rev: int = 0
    timezone_data: str = ""
    hands_over_at: datetime | None = None
    group_name: str | None = None
    group_limit: int = 0
    watched: bool = False


@dataclass(frozen=True, slots=True)
class JobVersion:
    """One published definition of a job, kept for ever; `definition` is the JSON of a JobDefinition."""

    job_id: UUID
    number: int
    content_hash: str
    definition: Detail
    source_path: str
    source_line: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One scheduled instant, or one manual trigger, of a job.

    `due_at` is when it may start (the instant; once handled, plus jitter or snooze). `sequence` orders the queue.
    `epoch` is raised on every change of owner and fences the old one. `deadline_at` is start plus the execution
    time-out. `handled_at` is when it got its first fate. While planned, `reason` is the mark that decides its fate:
    excluded, dst, skipped_by_user or snoozed. `window` is what a compressed one stands for: start, end, count and
    instants. `params` are those of its trigger. Of what waits the lowest `rank` starts first (minus the job's
    priority). `group_name` is the concurrency group it counts in; `forced` ones do not wait for job or group.
    `pinned`: retention never removes it. `follows` is what one that was started by the ends of other runs came after:
    `runs` (job, occurrence_id, status, finished_at of each) and `chain`, the names of the jobs whose runs led to it.
    """

    id: UUID
    job_id: UUID
    scheduled_at: datetime
    due_at: datetime
    trigger: Trigger
    state: OccurrenceState
    version: int
    created_at: datetime
    reason: Reason | None = None
    detail: Detail = field(default_factory=dict)
    owner: UUID | None = None
    epoch: int = 0
    sequence: int = 0
    request_id: UUID | None = None
    replay_of: UUID | None = None
    valid_until: datetime | None = None
    handled_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    deadline_at: datetime | None = None
    last_run_at: datetime | None = None
    window: Detail = field(default_factory=dict)
    params: Detail = field(default_factory=dict)
    rank: int = 0
    group_name: str | None = None
    pinned: bool = False
    forced: bool = False
    follows: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OccurrenceInShort:
    """What lists say of an occurrence; see there."""

    id: UUID
    job_id: UUID
    scheduled_at: datetime
    state: OccurrenceState
    reason: Reason | None
    detail: Detail
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Follower:
    """A job that is to run after another one, named `followed`, has ended in one of the outcomes `on`.

    `clause` numbers the `after` tables of its schedule. Written when the job is published, taken away when it retires.
    """

    job_id: UUID
    clause: int
    followed: str
    on: list[str]


@dataclass(frozen=True, slots=True)
class Handover:
    """The word to a follower that a run has ended; written with that end, taken away when its job was given a run.

    `ended_at`: of the run. `chain` are the names of the jobs whose runs led to it, its own the last.
    """

    id: UUID
    job_id: UUID
    clause: int
    followed: str
    occurrence_id: UUID
    status: OccurrenceState
    ended_at: datetime
    chain: list[str]


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One task within one occurrence; `position` is the task's place in the definition.

    `outputs` are the values that its successful try handed on (key → text or JSON value).
    """

    id: UUID
    occurrence_id: UUID
    name: str
    position: int
    state: TaskRunState
    reason: Reason | None = None
    detail: Detail = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    outputs: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a task run: its own process, log, exit code and resource use.

    `counted` is false for tries that never started, which use up no retry.
    """

    id: UUID
    task_run_id: UUID
    occurrence_id: UUID
    number: int
    state: AttemptState
    created_at: datetime
    not_before: datetime | None = None
    reason: Reason | None = None
    detail: Detail = field(default_factory=dict)
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    signal: int | None = None
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Node:
    """One start of an engine. `swept_at` (wall clock) says when it last looked at everything.

    `trouble` is why it starts nothing new, if so. `lost_at`: it was declared lost, for good. `name` is how people call
    it, and outlives its incarnations. `labels` say which jobs it may run, `slots` how many runs at once.
    `clock_offset_ms`: how far its clock was ahead of the store's when it last looked; None where the store has no clock
    of its own. `lost_after_s`: how long its lock has to be free before it is lost, by its own settings.
    """

    id: UUID
    host: str
    pid: int
    machine_id: str
    boot_id: str
    program_version: str
    timezone_data: str
    started_at: datetime
    swept_at: datetime
    stopped_at: datetime | None = None
    trouble: Reason | None = None
    lost_at: datetime | None = None
    name: str = ""
    labels: list[str] = field(default_factory=list)
    slots: int = 0
    clock_offset_ms: int | None = None
    lost_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class NodeDrain:
    """The wish that the node of this name begins nothing new, until it is taken back; it outlives a restart."""

    name: str
    at: datetime
    actor: str
    reason: str | None = None


class NotificationState(StrEnum):
    """What became of a notification.

    It waits for its turn behind an earlier one to the same receiver, for its first or next try, was sent, or was
    given up.
    """

    QUEUED = "queued"
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"


UNSENT_NOTIFICATIONS: Final = (NotificationState.QUEUED, NotificationState.WAITING)


@dataclass(frozen=True, slots=True)
class Notification:
    """A line of the outbox: written with the outcome that it tells of, sent at least once.

    `channel` names the kind of target (hook, command, webhook, mail, apprise, ping), `target` what the job file says
    of it, without any secret; `payload` is the report. `not_before` is when the next try is due. `result` holds what
    the last try gave: exit code and last lines of a program, or the answer's status. Those of one `lane` (a job and a
    receiver) are sent one after another in the order of their making.
    """

    id: UUID
    job_id: UUID
    occurrence_id: UUID | None
    channel: str
    state: NotificationState
    created_at: datetime
    not_before: datetime
    target: Detail = field(default_factory=dict)
    payload: Detail = field(default_factory=dict)
    tries: int = 0
    error: str | None = None
    finished_at: datetime | None = None
    result: Detail = field(default_factory=dict)
    lane: UUID | None = None


@dataclass(frozen=True, slots=True)
class JobTally:
    """What a job's ends add up to; never pruned, so that what is counted here only grows.

    `failures` in a row since `failing_since`; `incident` is the first occurrence of them, and `told` are the receivers
    that have been told of them (kept here, because retention may clear away what they were told). `counts` (status →
    ends), `recoveries`, `seconds` and `lateness` (histograms), `tasks` (name → attempts by status, seconds): for ever.
    """

    job_id: UUID
    failures: int = 0
    incident: UUID | None = None
    failing_since: datetime | None = None
    succeeded_at: datetime | None = None
    recoveries: int = 0
    counts: Detail = field(default_factory=dict)
    seconds: Detail = field(default_factory=dict)
    lateness: Detail = field(default_factory=dict)
    tasks: Detail = field(default_factory=dict)
    told: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JobState:
    """The durable state of a job, as its last successful attempt left it; `rev` is compared when it is set."""

    job_id: UUID
    value: Detail
    rev: int
    updated_at: datetime
    attempt_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The gate of a concurrency group that spans jobs; `rev` is raised by each transaction that may change it."""

    name: str
    rev: int = 0


@dataclass(frozen=True, slots=True)
class Boot:
    """One start of a machine, and when its first engine began on it: what `@reboot` counts from."""

    machine_id: str
    boot_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of a job as a span, kept so that one that elapsed during downtime still counts.

    `batch`: the request that paused all jobs together, if one did.
    """

    job_id: UUID
    begin_at: datetime
    end_at: datetime | None
    reason: str | None
    batch: UUID | None = None


@dataclass(frozen=True, slots=True)
class MissedRange:
    """`count` instants beyond the number that get a row each, as one row; from `from_at` to `to_at`, both included."""

    job_id: UUID
    from_at: datetime
    to_at: datetime
    count: int
    reason: Reason


class GapState(StrEnum):
    """Whether the instants of a gap wait for their fate, or have it."""

    HELD = "held"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class JobGap:
    """The instants of a job, from `begin_at`, that passed while no engine was awake (`down_at` to `awake_at`).

    `reason` says why none was. Found at `found_at`; while held, it gets its fate at `held_until`, and waits for
    `held_for`. `end_at` is the newest instant and `count` their number, None until they were counted. `strategy` is
    the one that is, or was, applied. `choice` is what a person has decided: strategy, newest, released, dropped, by,
    why. `outcome` is what became of the instants: run, missed, passed_over.
    """

    job_id: UUID
    begin_at: datetime
    state: GapState
    reason: Reason
    found_at: datetime
    awake_at: datetime
    down_at: datetime | None = None
    end_at: datetime | None = None
    count: int | None = None
    held_until: datetime | None = None
    held_for: Reason | None = None
    strategy: RecoveryStrategy | None = None
    choice: Detail = field(default_factory=dict)
    resolved_at: datetime | None = None
    outcome: Detail = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobFile:
    """A job file as last read; `errors` holds diagnostics as JSON objects, `jobs` the names it defines.

    `job_ids` are the ids of those jobs, as hex. `settled`: the conditions under which all that follows from this
    content was done, its jobs published and what had left it retired; None while something is left to do.
    """

    path: str
    root: str
    state: FileState
    content_hash: str
    read_at: datetime
    jobs: list[str] = field(default_factory=list)
    errors: list[Detail] = field(default_factory=list)
    job_ids: list[str] = field(default_factory=list)
    settled: str | None = None


@dataclass(frozen=True, slots=True)
class LogChunk:
    """A piece of the output of a try, for those who do not have its folder: `size` bytes of a file from `position` on.

    `data` is the piece, compressed (zlib) and written in base 85.
    """

    attempt_id: UUID
    file: str
    position: int
    size: int
    data: str


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the audit: what was decided, by whom, why. `sequence` is given by the store."""

    at: datetime
    kind: str
    actor: str
    job_id: UUID | None = None
    occurrence_id: UUID | None = None
    reason: Reason | None = None
    detail: Detail = field(default_factory=dict)
    sequence: int = 0
