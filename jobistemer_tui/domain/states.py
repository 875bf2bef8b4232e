"""Every state, the reasons that explain them, and the table of allowed moves (from, to, who)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from jobistemer_tui.errors import JobistemerError


class Trigger(StrEnum):
    """What made an occurrence."""

    SCHEDULE = "schedule"
    RECOVERY = "recovery"
    MANUAL = "manual"
    REPLAY = "replay"
    BACKFILL = "backfill"
    AFTER = "after"


class OccurrenceState(StrEnum):
    """Where an occurrence stands; `OCCURRENCE_MOVES` has the moves between them."""

    PLANNED = "planned"
    PENDING = "pending"
    QUEUED = "queued"
    RUNNING = "running"
    CANCELING = "canceling"
    COMPLETED = "completed"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    FAILED_STALE = "failed_stale"
    CANCELED = "canceled"
    SKIPPED = "skipped"
    MISSED = "missed"


class TaskRunState(StrEnum):
    """Where one task of one occurrence stands."""

    PENDING = "pending"
    RUNNING = "running"
    RETRYING = "retrying"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    FAILED_STALE = "failed_stale"
    SKIPPED = "skipped"


class AttemptState(StrEnum):
    """Where one try stands. `planned` has a `not_before`; `running` is durable before its process starts."""

    PLANNED = "planned"
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"
    TIMEOUT = "timeout"
    CANCELED = "canceled"
    LOST = "lost"
    NOT_STARTED = "not_started"


class Reason(StrEnum):
    """Why a row has the state it has: a closed list."""

    OVERLAP = "overlap"
    PAUSED = "paused"
    STOPPED = "stopped"
    SKIPPED_BY_USER = "skipped_by_user"
    QUEUE_FULL = "queue_full"
    EXCLUDED = "excluded"
    DST = "dst"
    DOWNTIME = "downtime"
    ASLEEP = "asleep"
    CLOCK_SET = "clock_set"
    OUT_OF_WINDOW = "out_of_window"
    TOO_LATE = "too_late"
    COMPRESSED_INTO = "compressed_into"
    NO_SLOT = "no_slot"
    NO_NODE = "no_node"
    REQUESTED = "requested"
    NO_SUPERVISOR = "no_supervisor"
    NO_SPACE = "no_space"
    DRAINED = "drained"
    CLOCK_SKEW = "clock_skew"
    PROMOTED = "promoted"
    SPREAD = "spread"
    SNOOZED = "snoozed"
    JITTER = "jitter"
    GROUP = "group"
    MAX_ATTEMPTS_RUNNING = "max_attempts_running"
    MAX_PARALLEL_TASKS = "max_parallel_tasks"
    NEEDS = "needs"
    REPLACING = "replacing"
    USER = "user"
    REPLACED = "replaced"
    SHUTDOWN = "shutdown"
    JOB_REMOVED = "job_removed"
    EXPIRED = "expired"
    TASK_FAILED = "task_failed"
    TIMEOUT = "timeout"
    SPAWN = "spawn"
    BAD_OUTPUT = "bad_output"
    STATE_CONFLICT = "state_conflict"
    OWNER_LOST = "owner_lost"
    CUT_OFF = "cut_off"
    SUPERVISOR_LOST = "supervisor_lost"
    HOST_RESTARTED = "host_restarted"
    DEADLINE = "deadline"
    RERUN = "rerun"
    NEVER_STARTED = "never_started"
    OVERLOADED = "overloaded"
    NEED_NOT_MET = "need_not_met"
    SIBLING_FAILED = "sibling_failed"
    RETRY = "retry"
    CARRIED_OVER = "carried_over"
    CYCLE = "cycle"
    CLOCK_UNSTEADY = "clock_unsteady"
    RECOVERY_HOLD = "recovery_hold"


class Who(StrEnum):
    """Who may make a move: the planner and claimer, the owner (fenced), the reaper, a user, a sweep."""

    PLANNER = "planner"
    OWNER = "owner"
    REAPER = "reaper"
    USER = "user"
    SWEEP = "sweep"


class IllegalMove(JobistemerError):
    """A change of state that the table does not allow; always a defect of the caller."""

    code = "illegal_move"


_O = OccurrenceState
_T = TaskRunState
_A = AttemptState
_P, _OWN, _R, _U, _S = Who.PLANNER, Who.OWNER, Who.REAPER, Who.USER, Who.SWEEP

OCCURRENCE_MOVES: Final[dict[tuple[OccurrenceState, OccurrenceState], frozenset[Who]]] = {
    (_O.PLANNED, _O.PENDING): frozenset({_P}),
    (_O.PLANNED, _O.RUNNING): frozenset({_P}),
    (_O.PLANNED, _O.QUEUED): frozenset({_P}),
    (_O.PLANNED, _O.SKIPPED): frozenset({_P}),
    (_O.PLANNED, _O.MISSED): frozenset({_P}),
    (_O.PENDING, _O.RUNNING): frozenset({_P}),
    (_O.PENDING, _O.SKIPPED): frozenset({_P, _U}),
    (_O.PENDING, _O.MISSED): frozenset({_P}),
    (_O.PENDING, _O.CANCELED): frozenset({_P, _U}),
    (_O.QUEUED, _O.PENDING): frozenset({_OWN, _R, _S, _U}),
    (_O.QUEUED, _O.SKIPPED): frozenset({_P, _U}),
    (_O.QUEUED, _O.MISSED): frozenset({_P}),
    (_O.QUEUED, _O.CANCELED): frozenset({_P, _U}),
    (_O.RUNNING, _O.COMPLETED): frozenset({_OWN}),
    (_O.RUNNING, _O.COMPLETED_WITH_ERRORS): frozenset({_OWN}),
    (_O.RUNNING, _O.FAILED): frozenset({_OWN}),
    (_O.RUNNING, _O.FAILED_STALE): frozenset({_OWN, _R}),
    (_O.RUNNING, _O.CANCELING): frozenset({_OWN, _U, _P}),
    (_O.RUNNING, _O.PENDING): frozenset({_R}),
    (_O.CANCELING, _O.CANCELED): frozenset({_OWN}),
    (_O.CANCELING, _O.COMPLETED): frozenset({_OWN}),
    (_O.CANCELING, _O.COMPLETED_WITH_ERRORS): frozenset({_OWN}),
    (_O.CANCELING, _O.FAILED): frozenset({_OWN}),
    (_O.CANCELING, _O.FAILED_STALE): frozenset({_OWN, _R}),
    # The one exception to "terminal is terminal": the clock was wrong and has been corrected.
    (_O.MISSED, _O.PLANNED): frozenset({_P}),
    (_O.SKIPPED, _O.PLANNED): frozenset({_P}),
    (_O.CANCELED, _O.PLANNED): frozenset({_P}),
    # The same for what has not begun: its instant lies ahead again.
    (_O.PENDING, _O.PLANNED): frozenset({_P}),
    (_O.QUEUED, _O.PLANNED): frozenset({_P}),
}

TASK_RUN_MOVES: Final[dict[tuple[TaskRunState, TaskRunState], frozenset[Who]]] = {
    (_T.PENDING, _T.RUNNING): frozenset({_OWN}),
    (_T.PENDING, _T.SKIPPED): frozenset({_OWN}),
    # A replay that a person asked for takes over what had succeeded.
    (_T.PENDING, _T.SUCCESS): frozenset({_U}),
    # Not by its owner alone: an occurrence that was released and then given up still has its task runs.
    (_T.PENDING, _T.CANCELED): frozenset({_OWN, _P, _U}),
    (_T.RUNNING, _T.RETRYING): frozenset({_OWN}),
    (_T.RUNNING, _T.SUCCESS): frozenset({_OWN}),
    (_T.RUNNING, _T.FAILED): frozenset({_OWN}),
    (_T.RUNNING, _T.TIMEOUT): frozenset({_OWN}),
    (_T.RUNNING, _T.CANCELED): frozenset({_OWN}),
    (_T.RUNNING, _T.FAILED_STALE): frozenset({_OWN, _R}),
    (_T.RUNNING, _T.PENDING): frozenset({_R}),
    (_T.RETRYING, _T.RUNNING): frozenset({_OWN}),
    (_T.RETRYING, _T.CANCELED): frozenset({_OWN}),
    (_T.RETRYING, _T.FAILED_STALE): frozenset({_R}),
    (_T.RETRYING, _T.PENDING): frozenset({_R}),
}

ATTEMPT_MOVES: Final[dict[tuple[AttemptState, AttemptState], frozenset[Who]]] = {
    (_A.PLANNED, _A.RUNNING): frozenset({_OWN}),
    (_A.PLANNED, _A.CANCELED): frozenset({_OWN}),
    (_A.PLANNED, _A.NOT_STARTED): frozenset({_OWN, _R}),
    (_A.RUNNING, _A.SUCCESS): frozenset({_OWN}),
    (_A.RUNNING, _A.FAILED): frozenset({_OWN}),
    (_A.RUNNING, _A.TIMEOUT): frozenset({_OWN}),
    (_A.RUNNING, _A.CANCELED): frozenset({_OWN}),
    (_A.RUNNING, _A.LOST): frozenset({_OWN, _R}),
    (_A.RUNNING, _A.NOT_STARTED): frozenset({_OWN, _R}),
}

IN_TURN: Final = frozenset({Trigger.RECOVERY, Trigger.BACKFILL})
"""What made occurrences that run one after another in time order, whatever the overlap policy."""
LIVE_OCCURRENCES: Final = (_O.RUNNING, _O.CANCELING, _O.PENDING)
OWNED_OCCURRENCES: Final = (_O.RUNNING, _O.CANCELING)
WAITING_OCCURRENCES: Final = (_O.PENDING, _O.QUEUED)
OPEN_OCCURRENCES: Final = (*WAITING_OCCURRENCES, *OWNED_OCCURRENCES)
TERMINAL_OCCURRENCES: Final = frozenset(
    {_O.COMPLETED, _O.COMPLETED_WITH_ERRORS, _O.FAILED, _O.FAILED_STALE, _O.CANCELED, _O.SKIPPED, _O.MISSED}
)
OPEN_TASK_RUNS: Final = frozenset({_T.PENDING, _T.RUNNING, _T.RETRYING})
OPEN_ATTEMPTS: Final = frozenset({_A.PLANNED, _A.RUNNING})


def check_occurrence_move(old: OccurrenceState, new: OccurrenceState, who: Who) -> None:
    """Raise IllegalMove unless `who` may move an occurrence from `old` to `new`."""
    _check("occurrence", who in OCCURRENCE_MOVES.get((old, new), ()), old, new, who)


def check_task_run_move(old: TaskRunState, new: TaskRunState, who: Who) -> None:
    """Raise IllegalMove unless `who` may move a task run from `old` to `new`."""
    _check("task run", who in TASK_RUN_MOVES.get((old, new), ()), old, new, who)


def check_attempt_move(old: AttemptState, new: AttemptState, who: Who) -> None:
    """Raise IllegalMove unless `who` may move an attempt from `old` to `new`."""
    _check("attempt", who in ATTEMPT_MOVES.get((old, new), ()), old, new, who)


def _check(kind: str, allowed: bool, old: StrEnum, new: StrEnum, who: Who) -> None:
    if not allowed:
        raise IllegalMove(f"{who} may not move an {kind} from {old} to {new}")
