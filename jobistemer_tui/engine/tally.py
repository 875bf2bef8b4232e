"""Pure: what the end of an occurrence adds to its job's tally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jobistemer_tui.domain.histogram import DELAY_BOUNDS, DURATION_BOUNDS, observed
from jobistemer_tui.domain.records import Attempt, JobTally, Occurrence, TaskRun
from jobistemer_tui.domain.states import OccurrenceState, Trigger
from jobistemer_tui.settings.quick_dataclass import replace

FAILURES = frozenset({OccurrenceState.FAILED, OccurrenceState.FAILED_STALE, OccurrenceState.COMPLETED_WITH_ERRORS})
"""The ends of a run that count as a failure of its job; a cancellation is neither that nor a success."""


def counted(tally: JobTally, status: str, number: int = 1) -> JobTally:
    """The tally with so many more occurrences of a status."""
    return replace(tally, counts={**tally.counts, status: tally.counts.get(status, 0) + number})


def after_end(tally: JobTally, row: Occurrence, runs: Sequence[TaskRun], attempts: Sequence[Attempt]) -> JobTally:
    """The tally after the end of an occurrence that ran: streak of failures, counts and times."""
    tally = _streak(counted(tally, row.state.value), row)
    if row.started_at is not None and row.finished_at is not None:
        tally = replace(tally, seconds=_more(tally.seconds, (row.finished_at - row.started_at).total_seconds()))
        if row.trigger is Trigger.SCHEDULE:
            late = (row.started_at - row.due_at).total_seconds()
            tally = replace(tally, lateness=observed(tally.lateness, late, DELAY_BOUNDS))
    recovered = row.trigger is Trigger.RECOVERY
    return replace(tally, recoveries=tally.recoveries + recovered, tasks=_tasks(tally.tasks, runs, attempts))


def _streak(tally: JobTally, row: Occurrence) -> JobTally:
    if row.state is OccurrenceState.COMPLETED:
        return replace(tally, failures=0, incident=None, failing_since=None, succeeded_at=row.finished_at, told=[])
    if row.state not in FAILURES:
        return tally
    first = tally.failures == 0
    return replace(
        tally, failures=tally.failures + 1, incident=row.id if first else tally.incident,
        failing_since=row.finished_at if first else tally.failing_since,
    )  # fmt: skip


def _tasks(before: Mapping[str, Any], runs: Sequence[TaskRun], attempts: Sequence[Attempt]) -> dict[str, Any]:
    after = dict(before)
    for run in runs:
        task = dict(after.get(run.name, {}))
        tries = dict(task.get("attempts", {}))
        for attempt in attempts:
            if attempt.task_run_id == run.id:
                tries[attempt.state.value] = tries.get(attempt.state.value, 0) + 1
        task["attempts"] = tries
        if run.started_at is not None and run.finished_at is not None:
            task["seconds"] = _more(task.get("seconds", {}), (run.finished_at - run.started_at).total_seconds())
        after[run.name] = task
    return after


def _more(histogram: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    return observed(histogram, seconds, DURATION_BOUNDS)
