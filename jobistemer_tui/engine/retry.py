"""Pure: what follows the end of one try."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from jobistemer_tui.domain.policies import ANY_FAILURE, SIGNALS, OnLost, RetryOn, RetryPolicy, TaskPolicies
from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState
from jobistemer_tui.settings.quick_dataclass import dataclass

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

    `failures` counts those that failed or ran out of time, `lost` those whose outcome is unknown, `never_started` the
    latest ones in a row that never started.
    """

    failures: int = 0
    never_started: int = 0
    lost: int = 0


NEVER_REPEATED = frozenset({AttemptState.SUCCESS, AttemptState.CANCELED})
"""Ends of a try after which its task is over, whatever the tries before it were."""

SHELL_SIGNAL = 128
"""A shell whose command was ended by a signal exits with this and the signal's number."""


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


def jittered(policy: RetryPolicy, delay: float, attempt_id: UUID) -> float:
    """A wait with the jitter that the ended try decides: from 0 to `jitter` seconds more, the same on every node.

    Near `max_interval` the range moves down, not together, so that no wait is longer and they are still spread.
    """
    if not policy.jitter:
        return delay
    longest = LONGEST_DELAY_S if policy.max_interval is None else policy.max_interval
    width = min(policy.jitter, longest)
    # The low 62 bits of a UUIDv5 are all taken from its hash (RFC 9562, 5.5).
    share = (attempt_id.int & (2**62 - 1)) / 2**62
    return min(delay, longest - width) + width * share


def is_retried(policy: RetryPolicy, ended: Attempt) -> bool:
    """Whether `retry_on` names the way in which a try failed."""
    return bool(_ways(ended) & set(policy.retry_on))


def _ways(ended: Attempt) -> set[str]:
    """All words of `retry_on` that cover a failure."""
    if ended.state is AttemptState.TIMEOUT:
        return {ANY_FAILURE, RetryOn.TIMEOUT}
    if ended.reason is Reason.SPAWN:
        return {ANY_FAILURE, RetryOn.SPAWN}
    ways: set[str] = {ANY_FAILURE}
    signal = ended.signal
    if ended.exit_code is not None:
        ways |= {RetryOn.EXIT, str(ended.exit_code)}
        signal = ended.exit_code - SHELL_SIGNAL
    names = {name for name, number in SIGNALS.items() if number == signal}
    return ways | names | ({RetryOn.SIGNAL} if names or ended.signal is not None else set())


def after_try(
    policies: TaskPolicies, ended: Attempt, tries: Tries, *, now: datetime, stopping: bool
) -> TryAgain | TaskOver:
    """Decide whether a task is tried again. `stopping`: its occurrence is being cancelled or out of time."""
    match ended.state:
        case AttemptState.SUCCESS:
            return TaskOver(TaskRunState.SUCCESS, None)
        case AttemptState.CANCELED:
            return TaskOver(TaskRunState.CANCELED, ended.reason)
        case AttemptState.NOT_STARTED:
            return _after_not_started(tries, now=now, stopping=stopping)
        case AttemptState.LOST:
            if may_rerun(policies, tries.lost) and not stopping:
                return TryAgain(now, waits=False)
            return TaskOver(TaskRunState.FAILED_STALE, ended.reason)
        case AttemptState.FAILED | AttemptState.TIMEOUT:
            return _after_failure(policies.retry, ended, tries, now=now, stopping=stopping)
        case AttemptState.PLANNED | AttemptState.RUNNING:
            raise ValueError(f"a try that is {ended.state} has not ended")


def may_rerun(policies: TaskPolicies, lost: int) -> bool:
    """Whether a task of which `lost` tries were lost (the latest included) may run again.

    A task that takes its machine down each time must not do so for ever.
    """
    return policies.on_lost is OnLost.RERUN and lost <= policies.max_reruns


def _after_failure(
    policy: RetryPolicy, ended: Attempt, tries: Tries, *, now: datetime, stopping: bool
) -> TryAgain | TaskOver:
    if tries.failures <= policy.max_retries and not stopping and is_retried(policy, ended):
        delay = jittered(policy, retry_delay(policy, tries.failures), ended.id)
        return TryAgain(now + timedelta(seconds=delay), waits=True)
    over = TaskRunState.FAILED if ended.state is AttemptState.FAILED else TaskRunState.TIMEOUT
    return TaskOver(over, ended.reason)


def _after_not_started(tries: Tries, *, now: datetime, stopping: bool) -> TryAgain | TaskOver:
    if stopping:
        return TaskOver(TaskRunState.CANCELED, Reason.NEVER_STARTED)
    if tries.never_started >= MAX_NEVER_STARTED:
        return TaskOver(TaskRunState.FAILED, Reason.SPAWN)
    if tries.never_started <= 1:
        return TryAgain(now, waits=False)
    # The first may have been bad luck (an engine that was killed); more of them need time to pass.
    return TryAgain(now + timedelta(seconds=2.0 ** (tries.never_started - 2)), waits=True)
