"""Pure: what a hook, or a rule that runs a program, is run with."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Detail, Notification
from jobistemer_tui.engine.orders import RUNNER, default_shell, job_environment
from jobistemer_tui.engine.outbox.program import Program
from jobistemer_tui.engine.supervisor.mask import forms_of
from jobistemer_tui.settings.quick_dataclass import dataclass

_ENDS = (".json", ".context.json")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What sending needs beside the line itself: the engine's environment, the mail server, a folder for reports."""

    environ: Mapping[str, str]
    mail: MailServer | None
    reports: Path


def program_of(
    row: Notification, definition: JobDefinition, around: Surroundings, secrets: Mapping[str, str]
) -> Program:
    """The program of a line; `secrets` are the variables found for its job."""
    report, context = (around.reports / f"{row.id}{end}" for end in _ENDS)
    files: dict[Path, Detail] = {report: row.payload}
    env = {**job_environment(definition, around.environ), **secrets, **_ours(row, definition, report)}
    if "python" in row.target:
        files[context] = _context(row)
        # The runner hands on what a task returns; nobody waits for that of a hook.
        env |= {"JOBISTEMER_CONTEXT": str(context), "JOBISTEMER_OUTPUT": "/dev/null", "JOBISTEMER_STATE": "/dev/null"}
    forms = forms_of(secrets.values())
    return Program(_argv(row.target, definition), definition.cwd, env, float(row.target["timeout"]), files, forms)


def reports_of(reports: Path) -> dict[Path, UUID]:
    """The files made for programs, and the line of the outbox of each; blocking."""
    found: dict[Path, UUID] = {}
    for path in reports.glob("*.json"):
        with suppress(ValueError):  # none of ours
            found[path] = UUID(path.name.split(".")[0])
    return found


def _argv(target: Mapping[str, Any], definition: JobDefinition) -> tuple[str, ...]:
    if "python" in target:
        return (definition.python_executable or sys.executable, RUNNER, target["python"])
    if "run" in target:
        return (*(definition.shell or default_shell()), target["run"])
    return tuple(target["command"])


def _ours(row: Notification, definition: JobDefinition, report: Path) -> dict[str, str]:
    values = {
        "JOB": definition.name,
        "EVENT": row.payload["event"],
        "STATUS": row.payload.get("status"),
        "OCCURRENCE_ID": row.payload.get("occurrence"),
        "SCHEDULED_TIME": row.payload.get("scheduled_at"),
        "TITLE": row.payload["title"],
        "TEXT": row.payload["text"],
        "REPORT": report,
        "NOTIFICATION_ID": row.id,
    }
    return {f"JOBISTEMER_{name}": "" if value is None else str(value) for name, value in values.items()}


def _context(row: Notification) -> Detail:
    """What the runner of Python callables reads: the report is the one argument."""
    report = row.payload
    return {
        "job": report["job"], "task": report["event"], "trigger": report.get("trigger", ""),
        "occurrence_id": report.get("occurrence", ""), "attempt_id": str(row.id), "attempt": row.tries, "fence": 0,
        "scheduled_time": report.get("scheduled_at"), "actual_time": report.get("started_at"), "last_run_time": None,
        "is_recovery_run": report.get("recovery_run", False), "window": report.get("window") or None,
        "params": report.get("params", {}), "follows": [], "outputs": {}, "state": {}, "args": [report], "kwargs": {},
    }  # fmt: skip
