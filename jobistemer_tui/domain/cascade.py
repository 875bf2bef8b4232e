"""The cascade of settings: each level stores only what it sets; the effective value knows where it came from.

Order, the later wins: built-in defaults, `config.toml`, `[defaults]` of the file, job, task. "Unset" differs from
"set to zero" and from a written-out `none`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, cast

from jobistemer_tui.domain.policies import (
    DEFAULTS,
    RETRY_ON_FAILURE_RETRIES,
    ConcurrencyGroup,
    FailureStrategy,
    JobPolicies,
    Keep,
    Leftovers,
    OnLost,
    OverlapPolicy,
    RetryPolicy,
    SettingValue,
    TaskPolicies,
    UpdatePolicy,
    label_words,
    retry_words,
)
from jobistemer_tui.domain.recovery_strategy import RecoveryStrategy
from jobistemer_tui.settings.quick_dataclass import dataclass

Settings = Mapping[str, SettingValue]
_POLICIES_KEPT: Final = 256
"""Thousands of jobs that set the same, most of them nothing, share their policies."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one level sets, and how it is called: `default`, `config`, `file`, `job` or `task`."""

    origin: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Effective:
    """A value and the level that set it."""

    value: SettingValue
    origin: str


DEFAULT_LEVEL = Level("default", DEFAULTS)
_BUILT_IN = {name: Effective(value, DEFAULT_LEVEL.origin) for name, value in DEFAULTS.items()}


def effective_settings(levels: Sequence[Level]) -> dict[str, Effective]:
    """Every setting with its effective value and origin; `levels` from the weakest to the strongest."""
    result = dict(_BUILT_IN)
    for level in levels:
        for name, value in level.settings.items():
            result[name] = Effective(value, level.origin)
    _imply_retries(result)
    return result


def setting_layers(levels: Sequence[Level]) -> dict[str, tuple[Effective, ...]]:
    """Every setting with what each level says that sets it, the weakest first; the last one is in force."""
    result: dict[str, tuple[Effective, ...]] = {}
    for level in (DEFAULT_LEVEL, *levels):
        for name, value in level.settings.items():
            result[name] = (*result.get(name, ()), Effective(value, level.origin))
    values = {name: layers[-1] for name, layers in result.items()}
    _imply_retries(values)
    return {name: layers if values[name] == layers[-1] else (*layers, values[name]) for name, layers in result.items()}


def _imply_retries(values: dict[str, Effective]) -> None:
    """`retry-on-failure` brings a retry policy of its own where no level sets one."""
    strategy = values["failure_strategy"]
    retries = values["retry_policy.max_retries"]
    if strategy.value == FailureStrategy.RETRY_ON_FAILURE and retries.origin == "default":
        values["retry_policy.max_retries"] = Effective(RETRY_ON_FAILURE_RETRIES, strategy.origin)


def job_policies(levels: Sequence[Level]) -> JobPolicies:
    """The effective policies of a job from its levels (config, file, job)."""
    return _job_policies(_set_by(levels))


def task_policies(levels: Sequence[Level]) -> TaskPolicies:
    """The effective policies of a task from its levels (config, file, job, task)."""
    return _task_policies(_set_by(levels))


def _set_by(levels: Sequence[Level]) -> str:
    """What levels set together, as text."""
    return json.dumps({name: value for level in levels for name, value in level.settings.items()}, sort_keys=True)


def _values(set_together: str) -> dict[str, Effective]:
    return effective_settings([Level("", json.loads(set_together))])


@lru_cache(_POLICIES_KEPT)
def _job_policies(set_together: str) -> JobPolicies:
    values = _values(set_together)
    return JobPolicies(
        overlap=OverlapPolicy(_text(values, "overlap_policy")),
        max_active=_int(values, "max_active"),
        queue_limit=_int(values, "queue_limit"),
        group=_group(values),
        priority=_int(values, "priority"),
        nodes=label_words(_text(values, "nodes")),
        failure_strategy=FailureStrategy(_text(values, "failure_strategy")),
        recovery=RecoveryStrategy(_text(values, "recovery_strategy")),
        recovery_max_occurrences=_optional_int(values, "recovery_window.max_occurrences"),
        recovery_max_duration=_seconds(values, "recovery_window.max_duration"),
        recovery_spread=_seconds(values, "recovery_spread") or 0.0,
        recovery_hold=_seconds(values, "recovery_hold"),
        execution_timeout=_seconds(values, "execution_timeout"),
        start_deadline=_seconds(values, "start_deadline"),
        late_grace=_seconds(values, "late_grace") or 0.0,
        max_parallel_tasks=_optional_int(values, "max_parallel_tasks"),
        keep=Keep(
            _seconds(values, "keep.age"), _optional_int(values, "keep.runs"), _optional_int(values, "keep.bytes")
        ),
        update=UpdatePolicy(_text(values, "update_policy")),
        plan_horizon=_int(values, "plan_horizon"),
    )


@lru_cache(_POLICIES_KEPT)
def _task_policies(set_together: str) -> TaskPolicies:
    values = _values(set_together)
    retry = RetryPolicy(
        max_retries=_int(values, "retry_policy.max_retries"),
        retry_interval=_seconds(values, "retry_policy.retry_interval") or 0.0,
        backoff_factor=_seconds(values, "retry_policy.backoff_factor") or 1.0,
        max_interval=_seconds(values, "retry_policy.max_interval"),
        jitter=_seconds(values, "retry_policy.jitter") or 0.0,
        retry_on=retry_words(_text(values, "retry_policy.retry_on")),
    )
    return TaskPolicies(
        retry=retry,
        failure_strategy=FailureStrategy(_text(values, "failure_strategy")),
        task_timeout=_seconds(values, "task_timeout"),
        kill_grace=_seconds(values, "kill_grace") or 0.0,
        leftovers=Leftovers(_text(values, "leftovers")),
        on_lost=OnLost(_text(values, "on_lost")),
        max_reruns=_int(values, "max_reruns"),
        output_head=_int(values, "output_head"),
        output_tail=_int(values, "output_tail"),
    )


def _group(values: Mapping[str, Effective]) -> ConcurrencyGroup | None:
    name = values["concurrency_group"].value
    return None if name is None else ConcurrencyGroup(str(name), _int(values, "concurrency_group.limit"))


def _text(values: Mapping[str, Effective], name: str) -> str:
    return str(values[name].value)


def _int(values: Mapping[str, Effective], name: str) -> int:
    return int(cast("int", values[name].value))


def _optional_int(values: Mapping[str, Effective], name: str) -> int | None:
    return None if values[name].value is None else _int(values, name)


def _seconds(values: Mapping[str, Effective], name: str) -> float | None:
    value = values[name].value
    return None if value is None else float(cast("float", value))
