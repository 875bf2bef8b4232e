"""`jobistemer show`"""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

import click

from jobistemer_tui.cli import output
from jobistemer_tui.cli.commands.list_jobs import job_state
from jobistemer_tui.cli.failed_tries import failure_text
from jobistemer_tui.cli.job_figures import show_settings, show_stats
from jobistemer_tui.cli.refused_files import tell_refused
from jobistemer_tui.cli.session import Session, global_options, pass_session
from jobistemer_tui.cli.times import local_text, span_text
from jobistemer_tui.domain.identity import short_id
from jobistemer_tui.domain.states import AttemptState, TaskRunState
from jobistemer_tui.errors import UsageError
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.control_words import upcoming_words
from jobistemer_tui.operations.json_shapes import (
    attempt_json,
    job_detail_json,
    notification_json,
    occurrence_detail_json,
    version_json,
)
from jobistemer_tui.operations.local import LocalOperations
from jobistemer_tui.operations.read_models import (
    AttemptRow,
    JobDetail,
    LogPlace,
    NotificationRow,
    OccurrenceDetail,
    TaskRow,
)

Facts = Iterator[tuple[str, str]]
SHOWN_VALUE = 200


@click.command("show")
@click.argument("what", metavar="JOB|RUN|ATTEMPT")
@click.option("--versions", is_flag=True, help="Of a job: every published version, and what changed in it.")
@click.option("--settings", is_flag=True, help="Of a job: everything that is in force, and which level says so.")
@click.option("--stats", is_flag=True, help="Of a job: success, lengths, lateness and retries of its newest runs.")
@click.option("--report", is_flag=True, help="Of a run: the report that hooks are given, as JSON.")
@global_options
@pass_session
def command(session: Session, what: str, versions: bool, settings: bool, stats: bool, report: bool) -> None:
    """Show a job, a run or an attempt.

    A run is a full id, a prefix of it of at least 8 characters, or JOB@TIME.
    """
    with session.opened() as opened:
        found = opened.operations.resolve(what)
        for wanted, option, show in (
            (versions, "--versions", _show_versions),
            (settings, "--settings", _show_settings),
            (stats, "--stats", _show_stats),
        ):
            if wanted:
                if found.kind != "job":
                    raise UsageError(f"{option} is for a job", hint="name a job")
                show(opened.operations, found.name, session.as_json)
                return
        if report:
            if found.kind != "occurrence":
                raise UsageError(f"--report is of a run, and {what} is none", hint="see: jobistemer runs")
            output.as_json(opened.operations.report(found.extra["occurrence_id"]))
            return
        match found.kind:
            case "job":
                _show_job(opened.operations, found.name, session.as_json)
            case "attempt":
                _show_attempt(opened.operations.log(found.id), session.as_json)
            case _:
                _show_occurrence(opened.operations, found.extra["occurrence_id"], session.as_json)


def _show_job(operations: Operations, name: str, as_json: bool) -> None:
    detail = operations.job(name)
    if as_json:
        output.as_json({"kind": "job", **job_detail_json(detail)})
        return
    tell_refused(operations, detail.row.file)
    _print_facts(_job_facts(detail))
    tasks = [(task.name, ", ".join(task.needs) or "-", task.run_when, task.what) for task in detail.tasks]
    output.line("")
    output.table(("TASK", "NEEDS", "RUN WHEN", "WHAT"), tasks)
    settings = [
        (name, str(setting.value), setting.origin)
        for name, setting in sorted(detail.settings.items())
        if setting.origin != "default"
    ]
    if settings:
        output.line("")
        output.table(("SETTING", "VALUE", "SET BY"), settings)
    if detail.state:
        output.line("")
        output.table(("STATE", "VALUE"), [(key, value_text(value)) for key, value in detail.state.items()])


def _show_settings(operations: LocalOperations, job: str, as_json: bool) -> None:
    show_settings(operations.configuration(job), as_json)


def _show_stats(operations: LocalOperations, job: str, as_json: bool) -> None:
    show_stats(operations.statistics(job, None), as_json)


def _show_versions(operations: LocalOperations, job: str, as_json: bool) -> None:
    versions = operations.versions(job)
    if as_json:
        output.as_json([version_json(version) for version in versions])
        return
    for version in versions:
        now = ", in force" if version.current else ""
        output.line(f"version {version.number}{now}: {local_text(version.published_at)}, {version.file}:{version.line}")
        for difference in version.differences:
            output.line(f"  {difference.text}")


def _job_facts(detail: JobDetail) -> Facts:
    job = detail.row
    yield "job", job.name
    yield "id", str(job.id)
    if job.description:
        yield "description", job.description
    yield "state", job_state(job)
    if job.error is not None:
        yield "error", job.error
    if job.paused:
        yield "paused until", local_text(job.paused_until) if job.paused_until else "it is resumed"
    if job.pause_reason:
        yield "pause reason", job.pause_reason
    yield "file", f"{job.file}:{job.line}"
    yield "schedule", f"{job.schedule} ({job.schedule_words})" if job.schedule else job.schedule_words
    yield "time zone", f"{job.timezone} (data {detail.timezone_data})" if detail.timezone_data else job.timezone
    if detail.zone_warning:
        yield "warning", detail.zone_warning
    for hint in detail.hints:
        yield "hint", hint
    if job.tags:
        yield "tags", ", ".join(job.tags)
    for entry in detail.coming:
        words = upcoming_words(entry, local_text)
        yield "next", f"{local_text(entry.instant)}{f' ({words})' if words else ''}"
    if job.last is not None:
        yield "last run", f"{job.last.status} {local_text(job.last.scheduled_at)} ({short_id(job.last.id)})"
    yield "version", f"{detail.version}, published {local_text(detail.published_at)}"


def _show_occurrence(operations: LocalOperations, occurrence_id: UUID, as_json: bool) -> None:
    detail = operations.occurrence(occurrence_id)
    if as_json:
        outbox = [notification_json(row) for row in operations.notifications(occurrence_id)]
        output.as_json({"kind": "occurrence", **occurrence_detail_json(detail), "notifications": outbox})
        return
    _print_facts(_occurrence_facts(detail))
    tries = [cells for task in detail.tasks for cells in _task_cells(task)]
    if tries:
        output.line("")
        output.table(("TASK", "STATUS", "TRY", "ATTEMPT", "OUTCOME", "EXIT", "STARTED", "TOOK"), tries)
    failures = [
        (task.name, str(attempt.number), text)
        for task in detail.tasks
        for attempt in task.attempts
        if (text := failure_text(attempt))
    ]
    if failures:
        output.line("")
        output.table(("TASK", "TRY", "FAILED BECAUSE"), failures)
    outputs = [(task.name, key, value_text(value)) for task in detail.tasks for key, value in task.outputs.items()]
    if outputs:
        output.line("")
        output.table(("TASK", "OUTPUT", "VALUE"), outputs)
    told = [_told_cells(row) for row in operations.notifications(occurrence_id)]
    if told:
        output.line("")
        output.table(("TOLD OF", "BY", "STATUS", "TRIES", "AT", "WHAT IT SAID"), told)


def value_text(value: object) -> str:
    """An output or a part of a state in one line, cut where it is long; `--json` has all of it."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "\\n")
    return text if len(text) <= SHOWN_VALUE else text[: SHOWN_VALUE - 1] + "…"


def _told_cells(row: NotificationRow) -> tuple[str, ...]:
    at = row.finished_at or row.not_before
    said = row.error or (row.output or "").rpartition("\n")[2]
    return (row.event, row.channel, row.state.value, str(row.tries), local_text(at), said)


def _task_cells(task: TaskRow) -> Iterator[tuple[str, ...]]:
    """A line for each try; one that says why for a task that was never tried."""
    for attempt in task.attempts:
        yield (task.name, _waiting_text(task), *_attempt_cells(attempt))
    if not task.attempts:
        reason = "" if task.reason is None else f" ({task.reason.value})"
        yield (task.name, f"{task.status.value}{reason}", *["-"] * 6)


def _waiting_text(row: TaskRow | AttemptRow) -> str:
    """The status, and of what waits for what."""
    waits = row.status in (TaskRunState.PENDING, TaskRunState.RETRYING, AttemptState.PLANNED)
    return f"{row.status.value} ({row.reason.value})" if waits and row.reason is not None else row.status.value


def _attempt_cells(attempt: AttemptRow) -> tuple[str, ...]:
    took = span_text(attempt.started_at, attempt.finished_at)
    waits = attempt.status is AttemptState.PLANNED and attempt.not_before is not None
    started = f"due {local_text(attempt.not_before)}" if waits else local_text(attempt.started_at)
    return (str(attempt.number), short_id(attempt.id), _waiting_text(attempt), _exit_text(attempt), started, took)


def _exit_text(attempt: AttemptRow) -> str:
    if attempt.signal is not None:
        return f"signal {attempt.signal}"
    return "-" if attempt.exit_code is None else str(attempt.exit_code)


def _occurrence_facts(detail: OccurrenceDetail) -> Facts:
    row = detail.row
    yield "run", str(row.id)
    yield "job", f"{row.job}, version {row.version}"
    yield "status", row.status.value
    if row.reason is not None:
        yield "reason", row.reason.value
    for name, value in row.reason_detail.items():
        yield name.replace("_", " "), str(value)
    yield "trigger", row.trigger.value
    if row.replay_of is not None:
        yield "replay of", str(row.replay_of)
    for run in row.follows:
        yield "after", f"{run['job']} ({run['status']}), run {run['occurrence_id']}"
    for name, value in row.params.items():
        yield f"param {name}", str(value)
    if row.pinned:
        yield "pinned", "yes"
    yield "scheduled", local_text(row.scheduled_at)
    yield "started", local_text(row.started_at)
    yield "ended", local_text(row.finished_at)
    yield "took", span_text(row.started_at, row.finished_at)
    if row.node_id is not None:
        yield "node", f"{row.node or 'unknown'} ({short_id(row.node_id)})"


def _show_attempt(place: LogPlace, as_json: bool) -> None:
    attempt = place.attempt
    if as_json:
        belongs = {"job": place.job, "task": place.task, "occurrence": str(place.occurrence.id)}
        output.as_json({"kind": "attempt", **belongs, **attempt_json(attempt)})
        return
    _print_facts(_attempt_facts(place))


def _attempt_facts(place: LogPlace) -> Facts:
    attempt = place.attempt
    yield "attempt", str(attempt.id)
    yield "number", str(attempt.number)
    yield "job", place.job
    yield "task", place.task
    yield "run", str(place.occurrence.id)
    yield "status", attempt.status.value
    if attempt.reason is not None:
        yield "reason", attempt.reason.value
    for name, value in attempt.detail.items():
        yield name.replace("_", " "), str(value)
    yield "exit", _exit_text(attempt)
    yield "started", local_text(attempt.started_at)
    yield "ended", local_text(attempt.finished_at)
    yield "took", span_text(attempt.started_at, attempt.finished_at)
    yield "log", str(place.folder)


def _print_facts(facts: Facts) -> None:
    for name, value in facts:
        output.line(f"{name + ':':<14}{value}")
