"""The effective policies of a job or a task, and the names, defaults and types of all settings."""

from __future__ import annotations

from enum import StrEnum
from signal import Signals
from typing import Any, Final

from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.settings.quick_dataclass import dataclass


class OverlapPolicy(StrEnum):
    """What an occurrence does when its job has `max_active` live ones."""

    SKIP = "skip"
    ALLOW = "allow"
    QUEUE = "queue"
    REPLACE = "replace"


class FailureStrategy(StrEnum):
    """What a failed task, its retries spent, means for the others of its occurrence."""

    FAIL_FAST = "fail-fast"
    CONTINUE = "continue"
    RETRY_ON_FAILURE = "retry-on-failure"


class UpdatePolicy(StrEnum):
    """When a changed schedule takes effect."""

    IMMEDIATE = "immediate"
    GRACEFUL = "graceful"
    WINDOWED = "windowed"


class Leftovers(StrEnum):
    """What becomes of processes that a task leaves behind."""

    KILL = "kill"
    WAIT = "wait"
    LEAVE = "leave"


class OnLost(StrEnum):
    """What becomes of work whose outcome is unknown."""

    FAIL = "fail"
    RERUN = "rerun"


SettingValue = str | int | float | bool | None | dict[str, Any] | list[Any]
"""What a level stores, as JSON: durations are seconds, sizes are bytes; None is a written-out `none`."""

ANY_FAILURE: Final = "any"
"""The value of `retry_policy.retry_on` that stands for every failure."""

ANY_NODE: Final = "any"
"""The value of `nodes` that stands for every node."""

DEFAULTS: Final[dict[str, SettingValue]] = {
    "overlap_policy": OverlapPolicy.SKIP.value,
    "max_active": 1,
    "queue_limit": 100,
    "concurrency_group": None,
    "concurrency_group.limit": 1,
    "priority": 0,
    "nodes": ANY_NODE,
    "failure_strategy": FailureStrategy.FAIL_FAST.value,
    "recovery_strategy": RecoveryStrategy.EXECUTE_LAST.value,
    "keep.age": 90 * 86400.0,
    "keep.runs": 1000,
    "keep.bytes": 1024**3,
    "update_policy": UpdatePolicy.IMMEDIATE.value,
    "plan_horizon": 1,
    "recovery_window.max_occurrences": 10,
    "recovery_window.max_duration": None,
    "recovery_spread": 60.0,
    "recovery_hold": None,
    "execution_timeout": 86400.0,
    "task_timeout": None,
    "kill_grace": 10.0,
    "leftovers": Leftovers.KILL.value,
    "on_lost": OnLost.FAIL.value,
    "max_reruns": 3,
    "start_deadline": None,
    "late_grace": 10.0,
    "retry_policy.max_retries": 0,
    "retry_policy.retry_interval": 30.0,
    "retry_policy.backoff_factor": 2.0,
    "retry_policy.max_interval": None,
    "retry_policy.jitter": 0.0,
    "retry_policy.retry_on": ANY_FAILURE,
    "max_parallel_tasks": None,
    "output_head": 10 * 1024 * 1024,
    "output_tail": 10 * 1024 * 1024,
    "on_start": None,
    "on_complete": None,
    "on_failure": None,
    "notify": None,
}
"""Every setting with its default. `max_parallel_tasks` None means twice the number of cores."""

LARGEST_PRIORITY: Final = 1000

TASK_SETTINGS: Final = frozenset(
    {
        "failure_strategy", "task_timeout", "kill_grace", "leftovers", "on_lost", "max_reruns", "output_head",
        "output_tail", "retry_policy.max_retries", "retry_policy.retry_interval", "retry_policy.backoff_factor",
        "retry_policy.max_interval", "retry_policy.jitter", "retry_policy.retry_on",
    }
)  # fmt: skip
"""The settings that a task may set for itself."""

RETRY_ON_FAILURE_RETRIES: Final = 3
"""The retries of `retry-on-failure` where no level sets `retry_policy.max_retries`."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries beyond the first try; each wait (seconds) is `backoff_factor` times the last, at most `max_interval`.

    Up to `jitter` seconds are added to a wait. `retry_on` are the failures that are tried again, as `RetryOn` has them.
    """

    max_retries: int
    retry_interval: float
    backoff_factor: float
    max_interval: float | None
    jitter: float = 0.0
    retry_on: tuple[str, ...] = (ANY_FAILURE,)


class RetryOn(StrEnum):
    """The words of `retry_on`; beside them it may hold exit codes (`75`) and names of signals (`SIGKILL`)."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    SPAWN = "spawn"


SIGNALS: Final = {number.name: int(number) for number in Signals}
"""The names of the signals that may end a process."""


def retry_words(value: str) -> tuple[str, ...]:
    """The words of a stored `retry_policy.retry_on`: `any`, or a list joined by commas."""
    return tuple(word.strip() for word in value.split(","))


def label_words(value: str) -> tuple[str, ...]:
    """The labels of a stored `nodes`: `any` for none, or a list joined by commas."""
    return () if value == ANY_NODE else tuple(word.strip() for word in value.split(","))


@dataclass(frozen=True, slots=True)
class ConcurrencyGroup:
    """Jobs that name the same group share its places: at most `limit` of their occurrences run at once."""

    name: str
    limit: int


@dataclass(frozen=True, slots=True)
class Keep:
    """What retention leaves of a job: runs no older than `age` seconds, not more than `runs`, logs of `size` bytes.

    None: without limit. Failed runs have twice that.
    """

    age: float | None
    runs: int | None
    size: int | None


@dataclass(frozen=True, slots=True)
class JobPolicies:
    """What rules an occurrence as a whole; times in seconds. `nodes`: labels that a node needs, every one of them."""

    overlap: OverlapPolicy
    max_active: int
    queue_limit: int
    group: ConcurrencyGroup | None
    priority: int
    nodes: tuple[str, ...]
    failure_strategy: FailureStrategy
    recovery: RecoveryStrategy
    recovery_max_occurrences: int | None
    recovery_max_duration: float | None
    recovery_spread: float
    recovery_hold: float | None
    execution_timeout: float | None
    start_deadline: float | None
    late_grace: float
    max_parallel_tasks: int | None
    keep: Keep
    update: UpdatePolicy
    plan_horizon: int


@dataclass(frozen=True, slots=True)
class TaskPolicies:
    """What rules each try of one task; times in seconds, sizes in bytes."""

    retry: RetryPolicy
    failure_strategy: FailureStrategy
    task_timeout: float | None
    kill_grace: float
    leftovers: Leftovers
    on_lost: OnLost
    max_reruns: int
    output_head: int
    output_tail: int
