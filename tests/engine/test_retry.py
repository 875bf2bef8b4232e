"""What follows the end of one try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.cascade import Level, task_policies
from jobistemer_tui.domain.policies import RetryPolicy, SettingValue, TaskPolicies
from jobistemer_tui.domain.records import Attempt
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import Reason, TaskRunState
from jobistemer_tui.engine.retry import (
    MAX_NEVER_STARTED,
    TaskOver,
    Tries,
    TryAgain,
    after_try,
    is_retried,
    jittered,
    retry_delay,
)
from tests.support.engine_world import START as NOW
from tests.support.sample_records import sample_attempt, sample_occurrence, sample_task_run


def policies(**settings: SettingValue) -> TaskPolicies:
    return task_policies([Level("job", {name.replace("__", "."): value for name, value in settings.items()})])


def after(
    state: A, *, reason: Reason | None = None, tries: tuple[int, ...] = (0, 0), stopping: bool = False,
    **settings: SettingValue,
) -> TryAgain | TaskOver:  # fmt: skip
    return after_try(policies(**settings), ended(state, reason=reason), Tries(*tries), now=NOW, stopping=stopping)


def ended(state: A, **values: Any) -> Attempt:
    run = sample_task_run(sample_occurrence())
    return sample_attempt(run, state=state, **values)


def test_an_interval_of_a_minute_with_factor_two_waits_one_two_and_four_minutes() -> None:
    policy = RetryPolicy(3, 60.0, 2.0, None)
    assert [retry_delay(policy, failures) for failures in (1, 2, 3)] == [60.0, 120.0, 240.0]


def test_a_wait_is_never_longer_than_the_longest() -> None:
    assert retry_delay(RetryPolicy(9, 60.0, 2.0, 90.0), 5) == 90.0


@given(
    st.floats(0, 1e6), st.floats(1, 10), st.integers(1, 10_000), st.one_of(st.none(), st.floats(0, 1e6)),
)  # fmt: skip
def test_waits_are_finite_and_never_shrink(
    interval: float, factor: float, failures: int, longest: float | None
) -> None:
    policy = RetryPolicy(1, interval, factor, longest)
    assert 0 <= retry_delay(policy, failures) <= retry_delay(policy, failures + 1) < float("inf")


def test_a_retry_years_away_is_an_instant_or_an_end_but_no_crash() -> None:
    """Regression: 64 doublings of a day lie beyond the last year that a datetime has."""
    decided = after(
        A.FAILED, tries=(70, 0), retry_policy__max_retries=1000, retry_policy__retry_interval=86400.0,
        retry_policy__backoff_factor=10.0,
    )  # fmt: skip
    assert isinstance(decided, TryAgain)
    assert decided.not_before > NOW + timedelta(days=365)


@pytest.mark.parametrize(("state", "over"), [(A.FAILED, TaskRunState.FAILED), (A.TIMEOUT, TaskRunState.TIMEOUT)])
def test_a_failure_is_retried_until_the_retries_are_spent(state: A, over: TaskRunState) -> None:
    two: dict[str, Any] = {"retry_policy__max_retries": 2}
    for failures, wait in ((1, 30), (2, 60)):
        again = after(state, tries=(failures, 0), **two)
        assert again == TryAgain(NOW + timedelta(seconds=wait), waits=True)
    assert after(state, reason=Reason.TASK_FAILED, tries=(3, 0), **two) == TaskOver(over, Reason.TASK_FAILED)


def test_without_a_policy_a_failure_ends_the_task() -> None:
    assert after(A.FAILED, reason=Reason.SPAWN, tries=(1, 0)) == TaskOver(TaskRunState.FAILED, Reason.SPAWN)


def test_retry_on_failure_brings_three_retries_of_its_own() -> None:
    settings: dict[str, Any] = {"failure_strategy": "retry-on-failure"}
    waits = [after(A.FAILED, tries=(n, 0), **settings) for n in (1, 2, 3)]
    assert [w.not_before - NOW for w in waits if isinstance(w, TryAgain)] == [
        timedelta(seconds=s) for s in (30, 60, 120)
    ]
    assert isinstance(after(A.FAILED, tries=(4, 0), **settings), TaskOver)


@pytest.mark.parametrize("state", [A.FAILED, A.TIMEOUT, A.LOST, A.NOT_STARTED])
def test_nothing_is_tried_again_while_stopping(state: A) -> None:
    decided = after(
        state, tries=(1, 1), stopping=True, retry_policy__max_retries=5, on_lost="rerun",
    )  # fmt: skip
    assert isinstance(decided, TaskOver)


def test_success_and_cancellation_end_the_task() -> None:
    assert after(A.SUCCESS) == TaskOver(TaskRunState.SUCCESS, None)
    assert after(A.CANCELED, reason=Reason.USER) == TaskOver(TaskRunState.CANCELED, Reason.USER)


def test_what_is_lost_runs_again_only_if_the_job_says_so() -> None:
    lost = after(A.LOST, reason=Reason.SUPERVISOR_LOST)
    assert lost == TaskOver(TaskRunState.FAILED_STALE, Reason.SUPERVISOR_LOST)
    assert after(A.LOST, on_lost="rerun") == TryAgain(NOW, waits=False)


def test_what_is_lost_again_and_again_is_given_up() -> None:
    """Regression: a task that took its supervisor down each time was run again for ever."""
    for lost in (1, 2, 3):
        assert after(A.LOST, tries=(0, 0, lost), on_lost="rerun") == TryAgain(NOW, waits=False)
    assert after(A.LOST, tries=(0, 0, 4), on_lost="rerun") == TaskOver(TaskRunState.FAILED_STALE, None)
    assert isinstance(after(A.LOST, tries=(0, 0, 1), on_lost="rerun", max_reruns=0), TaskOver)


SIGNALLED: dict[str, Any] = {"signal": 9}
TERMINATED_IN_A_SHELL: dict[str, Any] = {"exit_code": 143}


@pytest.mark.parametrize(
    ("how", "matches"),
    [
        ({"exit_code": 75}, {"any", "exit", "75"}),
        ({"exit_code": 255}, {"any", "exit", "255"}),
        (SIGNALLED, {"any", "signal", "SIGKILL"}),
        (TERMINATED_IN_A_SHELL, {"any", "exit", "143", "signal", "SIGTERM"}),
        ({"state": A.TIMEOUT, "signal": 9, "reason": Reason.TIMEOUT}, {"any", "timeout"}),
        ({"reason": Reason.SPAWN}, {"any", "spawn"}),
    ],
)
def test_which_words_of_retry_on_cover_a_failure(how: dict[str, Any], matches: set[str]) -> None:
    attempt = ended(**{"state": A.FAILED, "reason": Reason.TASK_FAILED, **how})
    words = {"any", "exit", "signal", "timeout", "spawn", "75", "143", "255", "SIGKILL", "SIGTERM", "SIGSEGV"}
    assert {word for word in words if is_retried(RetryPolicy(1, 0, 1, None, retry_on=(word,)), attempt)} == matches


def test_a_failure_that_retry_on_does_not_name_ends_the_task_at_once() -> None:
    rules = policies(retry_policy__max_retries=5, retry_policy__retry_on="75, timeout")
    for code, again in ((75, True), (1, False)):
        decided = after_try(rules, ended(A.FAILED, exit_code=code), Tries(1), now=NOW, stopping=False)
        assert isinstance(decided, TryAgain) is again
    assert isinstance(after_try(rules, ended(A.TIMEOUT), Tries(1), now=NOW, stopping=False), TryAgain)


@given(
    st.uuids(version=5), st.floats(0, 1e5), st.floats(0, 1e5), st.one_of(st.none(), st.floats(1, 1e5)),
    st.integers(1, 50),
)  # fmt: skip
def test_jitter_is_the_same_everywhere_and_within_its_bounds(
    number: UUID, interval: float, jitter: float, longest: float | None, failures: int
) -> None:
    policy = RetryPolicy(99, interval, 2.0, longest, jitter)
    delay = retry_delay(policy, failures)
    wait = jittered(policy, delay, number)
    assert wait == jittered(policy, delay, number)
    assert 0 <= wait <= delay + jitter + 1e-6
    if longest is None:
        assert wait >= delay or delay + jitter > 1e9
    else:
        assert wait <= longest + 1e-6


def test_jitter_spreads_even_where_the_waits_are_at_their_longest() -> None:
    policy = RetryPolicy(99, 60.0, 2.0, 60.0, 30.0)
    waits = [jittered(policy, 60.0, uuid5(UUID(int=0), str(n))) for n in range(300)]
    assert 30 <= min(waits) < 31
    assert 59 < max(waits) <= 60


def test_the_jitter_of_a_retry_is_decided_by_the_try_that_failed() -> None:
    decided = after(A.FAILED, tries=(1,), retry_policy__max_retries=1, retry_policy__jitter=30.0)
    assert isinstance(decided, TryAgain)
    assert timedelta(seconds=30) < decided.not_before - NOW < timedelta(seconds=60)


def test_what_never_started_is_tried_at_once_and_not_for_ever() -> None:
    assert after(A.NOT_STARTED, tries=(0, 1)) == TryAgain(NOW, waits=False)
    assert after(A.NOT_STARTED, tries=(0, MAX_NEVER_STARTED)) == TaskOver(TaskRunState.FAILED, Reason.SPAWN)


@pytest.mark.parametrize("state", [A.PLANNED, A.RUNNING])
def test_a_try_that_has_not_ended_is_a_mistake_of_the_caller(state: A) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        after(state)
