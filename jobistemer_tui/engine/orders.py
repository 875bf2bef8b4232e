"""Pure: from a durable try to the order that the supervisor gets, and from its result to the end of the try."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Container, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.instants import instant_json, instant_text
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine.given import Given, given_files, given_variables
from jobistemer_tui.engine.secrets import Wanted
from jobistemer_tui.engine.supervisor_client import AttemptResult, StartOrder
from jobistemer_tui.engine.transactions.common import Launch
from jobistemer_tui.settings.quick_dataclass import dataclass

KEPT_VARIABLES = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "PATH")
RUNNER = str(Path(__file__).parent / "python_runner" / "run.py")
MAX_INSTANTS = 4000
"""So many, of at most 28 characters each, fit into one variable (Linux: 128 KiB)."""
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of an order is not in the definition.

    `environ` is the engine's own, `folder` the attempt's; `secrets` are the variables found for the job and for the
    task.
    """

    environ: Mapping[str, str]
    folder: str = ""
    given: Given = field(default_factory=Given)
    secrets: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})


def start_order(launch: Launch, around: Surroundings, reading: Reading) -> StartOrder:
    """What to run for a try: argv, folder, environment, files and limits."""
    policies = launch.definition.task_policies(launch.task.name)
    deadline = launch.occurrence.deadline_at
    files = given_files(launch, around.given)
    env = environment(launch, around, files)
    return StartOrder(
        attempt_id=launch.attempt.id,
        argv=task_argv(launch.definition, launch.task),
        cwd=_cwd(launch),
        env=env,
        timeout_s=policies.task_timeout,
        deadline_boot=None if deadline is None else _on_boot_clock(deadline, reading),
        kill_grace_s=policies.kill_grace,
        leftovers=policies.leftovers.value,
        head_bytes=policies.output_head,
        tail_bytes=policies.output_tail,
        files=files,
        secrets=tuple(name for name, value in _secret(launch, around) if env.get(name) == value),
    )


def _secret(launch: Launch, around: Surroundings) -> Iterator[tuple[str, str]]:
    for found in around.secrets:
        yield from found.items()


def _cwd(launch: Launch) -> str:
    return launch.task.cwd or launch.definition.cwd


def wanted_secrets(launch: Launch, environ: Mapping[str, str]) -> tuple[Wanted, Wanted]:
    """What has to be found, and looked at, before a try can start: for its job and for its task."""
    job, task = launch.definition, launch.task
    if not (job.env_files or job.secrets or task.env_files or task.secrets or task.python):
        return Wanted(), Wanted()
    env = _plain_environment(launch, environ)
    return (
        Wanted(job.env_files, {n: s for n, s in job.secrets.items() if n not in task.secrets}, job.cwd, env),
        Wanted(task.env_files, task.secrets, _cwd(launch), env, _file_to_import(launch)),
    )


def _file_to_import(launch: Launch) -> str | None:
    """The callable whose file is looked at first; none for a function of the job file, which runs from its text."""
    code, name = launch.definition.code, launch.task.python
    return None if code is not None and code.defines(name) else name


def _on_boot_clock(instant: datetime, reading: Reading) -> float:
    """An instant on the boot clock; one from before the boot is its beginning."""
    return max(0.0, reading.boot + (instant - reading.wall).total_seconds())


def default_shell() -> tuple[str, ...]:
    """bash with pipefail where there is bash, so that a failure inside a pipe counts; else /bin/sh."""
    return ("bash", "-o", "pipefail", "-c") if shutil.which("bash") else ("/bin/sh", "-c")


def task_argv(job: JobDefinition, task: TaskDefinition) -> tuple[str, ...]:
    """What is executed for a task."""
    if task.python is not None:
        return (task.python_executable or job.python_executable or sys.executable, RUNNER, task.python)
    if task.run is None:
        return task.command
    return (*(task.shell or job.shell or default_shell()), task.run)


def environment(launch: Launch, around: Surroundings, files: Container[str] = ()) -> dict[str, str]:
    """A small environment: a few of the engine's variables, then the job's, the task's, and ours."""
    return {
        **given_environment(launch.definition, launch.task, around.environ, around.secrets),
        **_ours(launch), **given_variables(launch, around.given, around.folder, files),
    }  # fmt: skip


def given_environment(
    job: JobDefinition, task: TaskDefinition, environ: Mapping[str, str],
    secrets: tuple[Mapping[str, str], Mapping[str, str]],
) -> dict[str, str]:  # fmt: skip
    """What a task finds beside our own variables: of the engine's `environ`, of its job, its task and their secrets."""
    for_job, for_task = secrets
    # Each level after the one that it overrides: the task's own text comes after the job's secrets.
    return {**job_environment(job, environ), **for_job, **task.env, **for_task}


def _plain_environment(launch: Launch, environ: Mapping[str, str]) -> dict[str, str]:
    return {**job_environment(launch.definition, environ), **launch.task.env}


def job_environment(definition: JobDefinition, environ: Mapping[str, str]) -> dict[str, str]:
    """What every program of a job is given: a few of the engine's variables, then the job's."""
    env = {name: environ[name] for name in KEPT_VARIABLES if name in environ}
    env["PATH"] = definition.path or env.get("PATH") or DEFAULT_PATH
    return {**env, **definition.env}


def _ours(launch: Launch) -> dict[str, str]:
    occurrence, attempt = launch.occurrence, launch.attempt
    followed: list[Detail] = occurrence.follows.get("runs", [])
    values = {
        "JOB": launch.definition.name,
        "TASK": launch.task.name,
        "TRIGGER": occurrence.trigger.value,
        "OCCURRENCE_ID": str(occurrence.id),
        "ATTEMPT_ID": str(attempt.id),
        "ATTEMPT": str(attempt.number),
        "FENCE": str(occurrence.epoch),
        "SCHEDULED_TIME": instant_text(occurrence.scheduled_at),
        "ACTUAL_TIME": instant_json(attempt.started_at) or "",
        "LAST_RUN_TIME": instant_json(occurrence.last_run_at) or "",
        "WINDOW_INSTANTS": " ".join(occurrence.window.get("instants", [])[-MAX_INSTANTS:]),
        "WINDOW_START": str(occurrence.window.get("start", "")),
        "WINDOW_END": str(occurrence.window.get("end", "")),
        "WINDOW_COUNT": str(occurrence.window.get("count", "")),
        "AFTER_JOB": " ".join(run["job"] for run in followed),
        "AFTER_OCCURRENCE_ID": " ".join(run["occurrence_id"] for run in followed),
        "AFTER_STATUS": " ".join(run["status"] for run in followed),
        "IS_RECOVERY_RUN": "1" if occurrence.trigger is Trigger.RECOVERY else "",
    }
    return {f"JOBISTEMER_{name}": value for name, value in values.items()}


_LOST: dict[str | None, Reason] = {"host_restarted": Reason.HOST_RESTARTED}


def attempt_end(result: AttemptResult) -> AttemptEnd:
    """How a try ended, in the words of the domain. Why one was cancelled is known to its occurrence only."""
    state, reason = _judge(result)
    return AttemptEnd(
        state, reason, finished_at=result.finished_at, started_at=result.started_at, exit_code=result.exit_code,
        signal=result.signal, detail=_detail(result),
    )  # fmt: skip


def _judge(result: AttemptResult) -> tuple[AttemptState, Reason | None]:
    match result.outcome:
        case "exited":
            if result.exit_code != 0:
                return AttemptState.FAILED, Reason.TASK_FAILED
            return (AttemptState.SUCCESS, None) if result.error is None else (AttemptState.FAILED, Reason.BAD_OUTPUT)
        case "timeout":
            return AttemptState.TIMEOUT, Reason.TIMEOUT
        case "deadline":
            return AttemptState.TIMEOUT, Reason.DEADLINE
        case "canceled":
            return AttemptState.CANCELED, None
        case "lost":
            return AttemptState.LOST, _LOST.get(result.error, Reason.SUPERVISOR_LOST)
        case "spawn":
            return AttemptState.FAILED, Reason.SPAWN
        case "not_started":
            return AttemptState.NOT_STARTED, Reason.NEVER_STARTED


def _detail(result: AttemptResult) -> Detail:
    values: Detail = {
        "pid": result.pid, "error": result.error, "user_s": result.user_s, "system_s": result.system_s,
        "max_rss_bytes": result.max_rss_bytes, "output_bytes": result.output_bytes,
        "dropped_bytes": result.dropped_bytes, "leftovers_killed": result.leftovers_killed,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value not in (None, 0)}
