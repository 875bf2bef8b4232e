"""The JSON that tools rely on. Instants are UTC ending in `Z`, unknown is null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from jobistemer_tui.domain.instants import instant_json
from jobistemer_tui.domain.states import Trigger
from jobistemer_tui.errors import JobistemerError

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.domain.records import Event
    from jobistemer_tui.operations.queries_gaps import GapRow
    from jobistemer_tui.operations.read_models import (
        AttemptRow,
        Checked,
        FileProblem,
        JobDetail,
        JobRow,
        LastRun,
        NotificationRow,
        OccurrenceDetail,
        OccurrenceRow,
        PlannedFiles,
        TaskRow,
        VersionRow,
    )

Json = dict[str, Any]


def job_json(job: JobRow) -> Json:
    """A job."""
    return {
        "id": str(job.id),
        "name": job.name,
        "file": job.file,
        "line": job.line,
        "description": job.description,
        "schedule": job.schedule,
        "timezone": job.timezone,
        "enabled": job.enabled,
        "paused": job.paused,
        "next": instant_json(job.next),
        "running": job.running,
        "last": None if job.last is None else _last_json(job.last),
        "error": job.error,
    }


def version_json(version: VersionRow) -> Json:
    """A published version of a job."""
    return {
        "version": version.number,
        "published_at": instant_json(version.published_at),
        "file": version.file,
        "line": version.line,
        "current": version.current,
        "changes": [difference.to_json() for difference in version.differences],
    }


def job_detail_json(detail: JobDetail) -> Json:
    """A job with its durable state."""
    return {**job_json(detail.row), "state": dict(detail.state)}


def _last_json(last: LastRun) -> Json:
    return {"id": str(last.id), "status": last.status.value, "finished_at": instant_json(last.finished_at)}


def occurrence_json(row: OccurrenceRow, tasks: Sequence[TaskRow]) -> Json:
    """An occurrence with its tasks."""
    return {
        "id": str(row.id),
        "job": row.job,
        "scheduled_at": instant_json(row.scheduled_at),
        "trigger": row.trigger.value,
        "is_recovery_run": row.trigger is Trigger.RECOVERY,
        "status": row.status.value,
        "reason": None if row.reason is None else row.reason.value,
        "reason_detail": dict(row.reason_detail),
        "started_at": instant_json(row.started_at),
        "finished_at": instant_json(row.finished_at),
        "node": row.node,
        "node_id": None if row.node_id is None else str(row.node_id),
        "version": row.version,
        "replay_of": None if row.replay_of is None else str(row.replay_of),
        "follows": [dict(run) for run in row.follows],
        "params": dict(row.params),
        "pinned": row.pinned,
        "tasks": [task_json(task) for task in tasks],
    }


def occurrence_detail_json(detail: OccurrenceDetail) -> Json:
    """The same of a detail."""
    return occurrence_json(detail.row, detail.tasks)


def task_json(task: TaskRow) -> Json:
    """A task of an occurrence with its tries."""
    return {
        "name": task.name,
        "status": task.status.value,
        "outputs": dict(task.outputs),
        "reason": None if task.reason is None else task.reason.value,
        "reason_detail": dict(task.reason_detail),
        "attempts": [attempt_json(attempt) for attempt in task.attempts],
    }


def attempt_json(attempt: AttemptRow) -> Json:
    """One try."""
    return {
        "id": str(attempt.id),
        "number": attempt.number,
        "status": attempt.status.value,
        "reason": None if attempt.reason is None else attempt.reason.value,
        "not_before": instant_json(attempt.not_before),
        "exit_code": attempt.exit_code,
        "signal": attempt.signal,
        "started_at": instant_json(attempt.started_at),
        "finished_at": instant_json(attempt.finished_at),
        "error": attempt.detail.get("error"),
    }


def notification_json(row: NotificationRow) -> Json:
    """A hook or a notification."""
    return {
        "id": str(row.id),
        "event": row.event,
        "channel": row.channel,
        "status": row.state.value,
        "tries": row.tries,
        "created_at": instant_json(row.created_at),
        "not_before": instant_json(row.not_before),
        "finished_at": instant_json(row.finished_at),
        "error": row.error,
        "output": row.output,
    }


def checked_json(checked: Checked) -> Json:
    """What `check` found."""
    return {
        "ok": checked.ok,
        "files": checked.files,
        "jobs": list(checked.jobs),
        "problems": [problem_json(problem) for problem in checked.problems],
    }


def planned_files_json(planned: PlannedFiles) -> Json:
    """What `plan` found."""
    checked = checked_json(planned.checked)
    return {
        "changes": bool(planned.plan),
        "ok": checked["ok"],
        "roots": list(planned.roots),
        **planned.plan.to_json(),
        "problems": checked["problems"],
    }


def problem_json(problem: FileProblem) -> Json:
    """A diagnostic of a job file; line and column from 1, null where it is the whole file."""
    return {
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "severity": problem.severity,
        "message": problem.message,
        "hint": problem.hint,
    }


def event_json(event: Event, job: str | None) -> Json:
    """A line of the audit; `job` is the job's name."""
    return {
        "at": instant_json(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "job": job,
        "occurrence": None if event.occurrence_id is None else str(event.occurrence_id),
        "reason": None if event.reason is None else event.reason.value,
        "detail": dict(event.detail),
    }


def act_json(act: Act) -> Json:
    """An act that was taken back; `run` is the instant of the run it marked."""
    return {
        "undone": act.kind,
        "job": act.job,
        "run": instant_json(act.instant),
        "by": act.actor,
        "at": instant_json(act.at),
    }


def error_json(error: JobistemerError) -> Json:
    """An error; its column is known for the text of a schedule. Errors of job files are listed by `check`."""
    position: int | None = getattr(error, "position", None)
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "file": None,
            "line": None,
            "column": None if position is None else position + 1,
            "hint": error.hint,
        }
    }


def gap_json(gap: GapRow) -> Json:
    """A gap of a job, held or resolved."""
    return {
        "job": gap.job,
        "held": gap.is_held,
        "held_until": instant_json(gap.held_until),
        "held_for": gap.held_for,
        "reason": gap.reason,
        "down_at": instant_json(gap.down_at),
        "awake_at": instant_json(gap.awake_at),
        "from": instant_json(gap.begin_at),
        "to": instant_json(gap.end_at),
        "instants": gap.instants,
        "strategy": gap.strategy,
        "own_strategy": gap.own_strategy,
        "newest": gap.newest,
        "dropped": gap.dropped,
        "released": gap.released,
        "by": gap.by,
        "why": gap.why,
        "would_run": gap.would_run,
        "estimated_seconds": gap.estimated_s,
        "resolved_at": instant_json(gap.resolved_at),
        "outcome": dict(gap.outcome),
    }
