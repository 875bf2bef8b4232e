"""Pure: from a durable try to the order that the supervisor gets, and from its result to the end of the try."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime

from jobistemer_tui.domain.clock import Reading
from jobistemer_tui.domain.instants import instant_text
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import AttemptState, Reason, Trigger
from jobistemer_tui.domain.task_run_moves import AttemptEnd
from jobistemer_tui.engine.supervisor_client import AttemptResult, StartOrder
from jobistemer_tui.engine.transactions.common import Launch

KEPT_VARIABLES = ("HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ", "PATH")
MAX_INSTANTS = 4000
"""So many, of at most 28 characters each, fit into one variable (Linux: 128 KiB)."""
DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin"


def start_order(launch: Launch, environ: Mapping[str, str], reading: Reading) -> StartOrder:
    """What to run for a try: argv, folder, environment and limits. `environ` is the engine's own."""
    policies = launch.definition.task_policies(launch.task.name)
    deadline = launch.occurrence.deadline_at
    return StartOrder(
        attempt_id=launch.attempt.id,
        argv=_argv(launch),
        cwd=launch.task.cwd or launch.definition.cwd,
        env=environment(launch, environ),
        timeout_s=policies.task_timeout,
        deadline_boot=None if deadline is None else _on_boot_clock(deadline, reading),
        kill_grace_s=policies.kill_grace,
        leftovers=policies.leftovers.value,
        head_bytes=policies.output_head,
        tail_bytes=policies.output_tail,
    )


def _on_boot_clock(instant: datetime, reading: Reading) -> float:
    """An instant on the boot clock; one from before the boot is its beginning."""
    return max(0.0, reading.boot + (instant - reading.wall).total_seconds())


def default_shell() -> tuple[str, ...]:
    """bash with pipefail where there is bash, so that a failure inside a pipe counts; else /bin/sh."""
    return ("bash", "-o", "pipefail", "-c") if shutil.which("bash") else ("/bin/sh", "-c")


def _argv(launch: Launch) -> tuple[str, ...]:
    task = launch.task
    if task.run is None:
        return task.command
    return (*(task.shell or launch.definition.shell or default_shell()), task.run)


def environment(launch: Launch, environ: Mapping[str, str]) -> dict[str, str]:
    """A small environment: a few of the engine's variables, then the job's, the task's, and ours."""
    env = {name: environ[name] for name in KEPT_VARIABLES if name in environ}
    env["PATH"] = launch.definition.path or env.get("PATH") or DEFAULT_PATH
    env.update(launch.definition.env)
    env.update(launch.task.env)
    env.update(_ours(launch))
    return env


def _ours(launch: Launch) -> dict[str, str]:
    occurrence, attempt = launch.occurrence, launch.attempt
    values = {
        "JOB": launch.definition.name,
        "TASK": launch.task.name,
        "TRIGGER": occurrence.trigger.value,
        "OCCURRENCE_ID": str(occurrence.id),
        "ATTEMPT_ID": str(attempt.id),
        "ATTEMPT": str(attempt.number),
        "FENCE": str(occurrence.epoch),
        "SCHEDULED_TIME": instant_text(occurrence.scheduled_at),
        "ACTUAL_TIME": _text(attempt.started_at),
        "LAST_RUN_TIME": _text(occurrence.last_run_at),
        "IS_RECOVERY_RUN": "1" if occurrence.trigger is Trigger.RECOVERY else "",
        "WINDOW_INSTANTS": " ".join(occurrence.window.get("instants", [])[-MAX_INSTANTS:]),
        "WINDOW_START": str(occurrence.window.get("start", "")),
        "WINDOW_END": str(occurrence.window.get("end", "")),
        "WINDOW_COUNT": str(occurrence.window.get("count", "")),
    }
    return {f"JOBISTEMER_{name}": value for name, value in values.items()}


def _text(instant: datetime | None) -> str:
    return "" if instant is None else instant_text(instant)


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
            ok = result.exit_code == 0
            return (AttemptState.SUCCESS, None) if ok else (AttemptState.FAILED, Reason.TASK_FAILED)
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
