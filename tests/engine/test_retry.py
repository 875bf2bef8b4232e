"""What follows the end of one try."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobistemer_tui.domain.cascade import Level, task_policies
from jobistemer_tui.domain.policies import RetryPolicy, SettingValue, TaskPolicies
from jobistemer_tui.domain.states import AttemptState as A
from jobistemer_tui.domain.states import Reason, TaskRunState
from jobistemer_tui.engine.retry import MAX_NEVER_STARTED, TaskOver, Tries, TryAgain, after_try, retry_delay
from tests.support.engine_world import START as NOW


def policies(**settings: SettingValue) -> TaskPolicies:
    return task_policies([Level("job", {name.replace("__", "."): value for name, value in settings.items()})])


def after(
    state: A, *, reason: Reason | None = None, tries: tuple[int, int] = (0, 0), stopping: bool = False,
    **settings: SettingValue,
) -> TryAgain | TaskOver:  # fmt: skip
    return after_try(policies(**settings), state, reason, Tries(*tries), now=NOW, stopping=stopping)


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


def test_what_never_started_is_tried_at_once_and_not_for_ever() -> None:
    assert after(A.NOT_STARTED, tries=(0, 1)) == TryAgain(NOW, waits=False)
    assert after(A.NOT_STARTED, tries=(0, MAX_NEVER_STARTED)) == TaskOver(TaskRunState.FAILED, Reason.SPAWN)


@pytest.mark.parametrize("state", [A.PLANNED, A.RUNNING])
def test_a_try_that_has_not_ended_is_a_mistake_of_the_caller(state: A) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        after(state)
