"""Pure: what follows the end of one try."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from jobistemer_tui.domain.policies import OnLost, RetryPolicy, TaskPolicies
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState

LONGEST_DELAY_S = 100 * 366 * 86400.0
"""A hundred years, so that now and a wait is an instant."""
MAX_NEVER_STARTED = 5
"""So many tries in a row that never started make the task fail: something else is wrong."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """A further try, not before the instant; `waits` says whether the task shows as retrying meanwhile."""

    not_before: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class TaskOver:
    """The task run ends."""

    state: TaskRunState
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Tries:
    """The tries of a task so far, the ended one included.

    `failures` counts those that failed or ran out of time, `never_started` the latest ones in a row that never
    started.
    """

    failures: int
    never_started: int


def retry_delay(policy: RetryPolicy, failures: int) -> float:
    """Seconds to wait after the `failures`-th failed try (from 1): interval × factor^(failures − 1), capped.

    An interval of 1 m with factor 2 gives waits of 1, 2 and 4 minutes.
    """
    longest = LONGEST_DELAY_S if policy.max_interval is None else min(policy.max_interval, LONGEST_DELAY_S)
    try:
        delay = policy.retry_interval * policy.backoff_factor ** (failures - 1)
    except OverflowError:  # a float has its limits, whole numbers of tries have not
        delay = longest if policy.retry_interval else 0.0
    return min(delay, longest)


def after_try(
    policies: TaskPolicies, state: AttemptState, reason: Reason | None, tries: Tries, *, now: datetime, stopping: bool
) -> TryAgain | TaskOver:
    """Decide whether a task is tried again. `stopping`: its occurrence is being cancelled or out of time."""
    match state:
        case AttemptState.SUCCESS:
            return TaskOver(TaskRunState.SUCCESS, None)
        case AttemptState.CANCELED:
            return TaskOver(TaskRunState.CANCELED, reason)
        case AttemptState.NOT_STARTED:
            return _after_not_started(tries, now=now, stopping=stopping)
        case AttemptState.LOST:
            if policies.on_lost is OnLost.RERUN and not stopping:
                return TryAgain(now, waits=False)
            return TaskOver(TaskRunState.FAILED_STALE, reason)
        case AttemptState.FAILED | AttemptState.TIMEOUT:
            if tries.failures <= policies.retry.max_retries and not stopping:
                return TryAgain(now + timedelta(seconds=retry_delay(policies.retry, tries.failures)), waits=True)
            over = TaskRunState.FAILED if state is AttemptState.FAILED else TaskRunState.TIMEOUT
            return TaskOver(over, reason)
        case AttemptState.PLANNED | AttemptState.RUNNING:
            raise ValueError(f"a try that is {state} has not ended")


def _after_not_started(tries: Tries, *, now: datetime, stopping: bool) -> TryAgain | TaskOver:
    if stopping:
        return TaskOver(TaskRunState.CANCELED, Reason.NEVER_STARTED)
    if tries.never_started >= MAX_NEVER_STARTED:
        return TaskOver(TaskRunState.FAILED, Reason.SPAWN)
    if tries.never_started <= 1:
        return TryAgain(now, waits=False)
    # The first may have been bad luck (an engine that was killed); more of them need time to pass.
    return TryAgain(now + timedelta(seconds=2.0 ** (tries.never_started - 2)), waits=True)
