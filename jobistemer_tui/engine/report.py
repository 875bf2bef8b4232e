"""Pure: the execution report, what hooks and notifications are given as JSON; its shape is in the guide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from jobistemer_tui.domain.instants import instant_json, instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Attempt, Detail, Occurrence, TaskRun
from jobistemer_tui.domain.states import AttemptState, Reason, TaskRunState, Trigger

_UNHELPFUL = frozenset(
    {TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE, TaskRunState.CANCELED, TaskRunState.SKIPPED}
)
_FAILED = frozenset({TaskRunState.FAILED, TaskRunState.TIMEOUT, TaskRunState.FAILED_STALE})


def execution_report(
    definition: JobDefinition, row: Occurrence, runs: Sequence[TaskRun], attempts: Sequence[Attempt]
) -> Detail:
    """What became of an occurrence, of each task and of each try, with the strategy that decided; JSON values only.

    `runs` are in the order of the definition. Durations are seconds, instants UTC text, unknown is None.
    """
    tasks = [_task(definition, run, runs, attempts) for run in runs]
    return {
        "job": definition.name,
        "job_id": str(row.job_id),
        "version": row.version,
        "occurrence": str(row.id),
        "trigger": row.trigger.value,
        "recovery_run": row.trigger is Trigger.RECOVERY,
        "replay_of": None if row.replay_of is None else str(row.replay_of),
        "scheduled_at": instant_text(row.scheduled_at),
        "started_at": instant_json(row.started_at),
        "finished_at": instant_json(row.finished_at),
        "duration_s": _span(row.started_at, row.finished_at),
        "late_s": _span(row.scheduled_at, row.started_at),
        "status": row.state.value,
        "reason": _word(row.reason),
        "reason_detail": dict(row.detail),
        "node_id": None if row.owner is None else str(row.owner),
        "params": dict(row.params),
        "window": dict(row.window),
        "failure_strategy": definition.policies.failure_strategy.value,
        "tasks_mode": definition.tasks_mode.value,
        "failed_tasks": [run.name for run in runs if run.state in _FAILED],
        "tasks": tasks,
    }


def _task(
    definition: JobDefinition, run: TaskRun, runs: Sequence[TaskRun], attempts: Sequence[Attempt]
) -> dict[str, Any]:
    tries = sorted((attempt for attempt in attempts if attempt.task_run_id == run.id), key=lambda row: row.number)
    needs = definition.task(run.name).needs
    return {
        "name": run.name,
        "status": run.state.value,
        "reason": _word(run.reason),
        "because_of": _causes(run, needs, runs),
        "needs": list(needs),
        "failure_strategy": definition.task_policies(run.name).failure_strategy.value,
        "started_at": instant_json(run.started_at),
        "finished_at": instant_json(run.finished_at),
        "duration_s": _span(run.started_at, run.finished_at),
        "retries": max(0, sum(1 for attempt in tries if attempt.counted) - 1),
        "attempts": [_attempt(attempt) for attempt in tries],
    }


def _causes(run: TaskRun, needs: Sequence[str], runs: Sequence[TaskRun]) -> list[str]:
    """The tasks that brought the end of this one: those that failed, or those it needs that did not succeed."""
    if run.reason is Reason.SIBLING_FAILED:
        return [other.name for other in runs if other.state in _FAILED]
    if run.reason is Reason.NEED_NOT_MET:
        return [other.name for other in runs if other.name in needs and other.state in _UNHELPFUL]
    return []


def _attempt(attempt: Attempt) -> dict[str, Any]:
    detail = attempt.detail
    cpu = [detail[name] for name in ("user_s", "system_s") if name in detail]
    return {
        "id": str(attempt.id),
        "number": attempt.number,
        "status": attempt.state.value,
        "reason": _word(attempt.reason),
        "error": detail.get("error") or _exit_words(attempt),
        "exit_code": attempt.exit_code,
        "signal": attempt.signal,
        "not_before": instant_json(attempt.not_before),
        "started_at": instant_json(attempt.started_at),
        "finished_at": instant_json(attempt.finished_at),
        "duration_s": _span(attempt.started_at, attempt.finished_at),
        "cpu_s": sum(cpu) if cpu else None,
        "max_rss_bytes": detail.get("max_rss_bytes"),
        "output_bytes": detail.get("output_bytes"),
    }


def _exit_words(attempt: Attempt) -> str | None:
    """How a try failed, in words; None if it did not."""
    if attempt.state is AttemptState.SUCCESS:
        return None
    if attempt.signal is not None:
        return f"ended by signal {attempt.signal}"
    return f"exit code {attempt.exit_code}" if attempt.exit_code else None


def _span(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else round((end - start).total_seconds(), 6)


def _word(reason: Reason | None) -> str | None:
    return None if reason is None else reason.value
