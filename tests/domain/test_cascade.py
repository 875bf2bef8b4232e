"""The cascade: who sets a value last wins, and the origin is known."""

from __future__ import annotations

import pytest

from jobistemer_tui.domain.cascade import Effective, Level, Settings, effective_settings, job_policies, task_policies
from jobistemer_tui.domain.policies import (
    DEFAULTS,
    TASK_SETTINGS,
    ConcurrencyGroup,
    FailureStrategy,
    Leftovers,
    OnLost,
    OverlapPolicy,
    RetryPolicy,
    SettingValue,
)
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy


def levels(**values: Settings) -> list[Level]:
    """The levels named, in the order of the cascade."""
    return [Level(origin, values.get(origin, {})) for origin in ("config", "file", "job", "task")]


def test_without_levels_everything_is_a_default() -> None:
    found = effective_settings([])
    assert {name: effective.value for name, effective in found.items()} == DEFAULTS
    assert {effective.origin for effective in found.values()} == {"default"}


@pytest.mark.parametrize("winner", ["config", "file", "job", "task"])
def test_the_strongest_level_that_sets_a_value_wins(winner: str) -> None:
    order = ["config", "file", "job", "task"]
    weaker = order[: order.index(winner) + 1]
    found = effective_settings(levels(**{origin: {"kill_grace": float(order.index(origin))} for origin in weaker}))
    assert found["kill_grace"] == Effective(float(order.index(winner)), winner)


def test_zero_is_a_value() -> None:
    found = effective_settings(levels(file={"retry_policy.max_retries": 4}, job={"retry_policy.max_retries": 0}))
    assert found["retry_policy.max_retries"] == Effective(0, "job")
    policy = task_policies(levels(file={"kill_grace": 5.0}, task={"kill_grace": 0.0}))
    assert policy.kill_grace == 0.0


def test_a_written_out_none_is_a_value() -> None:
    found = effective_settings(levels(config={"execution_timeout": 60.0}, job={"execution_timeout": None}))
    assert found["execution_timeout"] == Effective(None, "job")
    assert job_policies(levels(job={"execution_timeout": None})).execution_timeout is None


def test_the_defaults_of_a_job() -> None:
    policies = job_policies([])
    assert policies.overlap is OverlapPolicy.SKIP
    assert policies.failure_strategy is FailureStrategy.FAIL_FAST
    assert policies.recovery is RecoveryStrategy.EXECUTE_LAST
    assert (policies.max_active, policies.queue_limit) == (1, 100)
    assert (policies.execution_timeout, policies.start_deadline, policies.late_grace) == (86_400.0, None, 10.0)
    assert policies.max_parallel_tasks is None


def test_the_defaults_of_a_task() -> None:
    policies = task_policies([])
    assert policies.retry == RetryPolicy(max_retries=0, retry_interval=30.0, backoff_factor=2.0, max_interval=None)
    assert policies.failure_strategy is FailureStrategy.FAIL_FAST
    assert (policies.task_timeout, policies.kill_grace) == (None, 10.0)
    assert (policies.leftovers, policies.on_lost) == (Leftovers.KILL, OnLost.FAIL)
    assert policies.output_head == policies.output_tail == 10 * 1024 * 1024


def test_a_job_that_sets_everything() -> None:
    settings: dict[str, SettingValue] = {
        "overlap_policy": "replace",
        "max_active": 3,
        "queue_limit": 0,
        "failure_strategy": "continue",
        "recovery_strategy": "mark-as-missed",
        "execution_timeout": 1800.0,
        "start_deadline": 60.0,
        "late_grace": 0.0,
        "max_parallel_tasks": 2,
    }
    policies = job_policies(levels(job=settings))
    assert (policies.overlap, policies.max_active, policies.queue_limit) == (OverlapPolicy.REPLACE, 3, 0)
    assert policies.failure_strategy is FailureStrategy.CONTINUE
    assert policies.recovery is RecoveryStrategy.MARK_AS_MISSED
    assert (policies.execution_timeout, policies.start_deadline, policies.late_grace) == (1800.0, 60.0, 0.0)
    assert policies.max_parallel_tasks == 2


def test_a_task_overrides_its_job() -> None:
    job: dict[str, SettingValue] = {"failure_strategy": "fail-fast", "task_timeout": 60.0, "on_lost": "fail"}
    task: dict[str, SettingValue] = {
        "failure_strategy": "continue",
        "task_timeout": 5.0,
        "leftovers": "wait",
        "on_lost": "rerun",
        "output_head": 1024,
        "output_tail": 0,
        "retry_policy.max_retries": 2,
        "retry_policy.retry_interval": 0.5,
        "retry_policy.backoff_factor": 1.0,
        "retry_policy.max_interval": 60.0,
    }
    policies = task_policies(levels(job=job, task=task))
    assert policies.failure_strategy is FailureStrategy.CONTINUE
    assert (policies.task_timeout, policies.leftovers, policies.on_lost) == (5.0, Leftovers.WAIT, OnLost.RERUN)
    assert (policies.output_head, policies.output_tail) == (1024, 0)
    assert policies.retry == RetryPolicy(max_retries=2, retry_interval=0.5, backoff_factor=1.0, max_interval=60.0)


@pytest.mark.parametrize("origin", ["config", "file", "job", "task"])
def test_retry_on_failure_brings_three_retries_where_no_level_sets_any(origin: str) -> None:
    found = effective_settings(levels(**{origin: {"failure_strategy": "retry-on-failure"}}))
    assert found["retry_policy.max_retries"] == Effective(3, origin)
    retry = task_policies(levels(**{origin: {"failure_strategy": "retry-on-failure"}})).retry
    assert retry == RetryPolicy(max_retries=3, retry_interval=30.0, backoff_factor=2.0, max_interval=None)


@pytest.mark.parametrize("retries", [0, 1, 7])
def test_retry_on_failure_keeps_retries_that_a_level_sets(retries: int) -> None:
    found = effective_settings(
        levels(config={"retry_policy.max_retries": retries}, job={"failure_strategy": "retry-on-failure"})
    )
    assert found["retry_policy.max_retries"] == Effective(retries, "config")


def test_a_task_that_leaves_retry_on_failure_leaves_its_retries() -> None:
    found = effective_settings(
        levels(job={"failure_strategy": "retry-on-failure"}, task={"failure_strategy": "continue"})
    )
    assert found["retry_policy.max_retries"] == Effective(0, "default")


def test_task_settings_are_settings() -> None:
    assert set(DEFAULTS) >= TASK_SETTINGS


def test_a_level_that_names_a_group_brings_its_limit_and_one_that_says_none_leaves_it() -> None:
    shared: dict[str, SettingValue] = {"concurrency_group": "db", "concurrency_group.limit": 3}
    alone: dict[str, SettingValue] = {"concurrency_group": None, "concurrency_group.limit": 1}
    assert job_policies([]).group is None
    assert job_policies(levels(file=shared)).group == ConcurrencyGroup("db", 3)
    assert job_policies(levels(file=shared, job=alone)).group is None


def test_the_words_of_retry_on_are_a_list() -> None:
    assert task_policies([]).retry.retry_on == ("any",)
    settings: dict[str, SettingValue] = {"retry_policy.retry_on": "75, SIGKILL, timeout", "retry_policy.jitter": 2.0}
    retry = task_policies(levels(job=settings)).retry
    assert (retry.retry_on, retry.jitter) == (("75", "SIGKILL", "timeout"), 2.0)
