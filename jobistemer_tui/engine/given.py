"""What a try is given besides its order: what the tasks it needs handed on, and the job's state."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import field
from typing import Any

from jobistemer_tui.domain.instants import instant_json, instant_text
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.records import Detail
from jobistemer_tui.domain.states import TaskRunState, Trigger
from jobistemer_tui.engine.supervisor.attempt_files import OUTPUTS, STATE
from jobistemer_tui.engine.transactions.common import Launch
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.storage.contract import Reader
from jobistemer_tui.storage.tables import JOB_STATES, TASK_RUNS_BY_OCCURRENCE

CONTEXT = "context.json"
"""The name of the file in the attempt's folder."""
LONGEST_VARIABLE = 4096
ALL_VARIABLES = 128 * 1024
"""Characters; what is longer, or too much together, stands in the context file alone."""


@dataclass(frozen=True, slots=True)
class Given:
    """`outputs`: task → key → value, of all tasks it needs, directly or through others. `state_rev` 0: none yet."""

    outputs: Mapping[str, Detail] = field(default_factory=dict)
    state: Detail = field(default_factory=dict)
    state_rev: int = 0


def read_given(reader: Reader, launch: Launch) -> Given:
    """Look it up just before the start."""
    job_state = reader.get(JOB_STATES, launch.definition.id)
    needs = all_needs(launch.definition, launch.task.name)
    runs = reader.scan(TASK_RUNS_BY_OCCURRENCE, launch.occurrence.id) if needs else ()
    outputs = {run.name: run.outputs for run in runs if run.name in needs and run.state is TaskRunState.SUCCESS}
    return Given(outputs) if job_state is None else Given(outputs, job_state.value, job_state.rev)


def all_needs(definition: JobDefinition, name: str) -> frozenset[str]:
    """The tasks that a task needs, directly or through others."""
    found: set[str] = set()
    waiting = [*definition.task(name).needs]
    while waiting:
        need = waiting.pop()
        if need not in found:
            found.add(need)
            waiting += definition.task(need).needs
    return frozenset(found)


def given_files(launch: Launch, given: Given) -> dict[str, str]:
    """The files of a try by name: its context, and the state if there is one.

    None where the plain variables say it all, since a file costs a good part of what a start does.
    """
    occurrence = launch.occurrence
    if not (
        launch.task.python
        or occurrence.params
        or occurrence.window
        or occurrence.follows
        or given.state_rev
        or any(given.outputs.values())
    ):
        return {}
    files = {CONTEXT: json.dumps(_context(launch, given))}
    return files | {STATE: json.dumps(given.state)} if given.state_rev else files


def _context(launch: Launch, given: Given) -> dict[str, Any]:
    occurrence, attempt, task = launch.occurrence, launch.attempt, launch.task
    return {
        "job": launch.definition.name,
        "task": task.name,
        "trigger": occurrence.trigger.value,
        "occurrence_id": str(occurrence.id),
        "attempt_id": str(attempt.id),
        "attempt": attempt.number,
        "fence": occurrence.epoch,
        "scheduled_time": instant_text(occurrence.scheduled_at),
        "actual_time": instant_json(attempt.started_at),
        "last_run_time": instant_json(occurrence.last_run_at),
        "is_recovery_run": occurrence.trigger is Trigger.RECOVERY,
        "window": occurrence.window or None,
        "follows": occurrence.follows.get("runs", []),
        "params": occurrence.params,
        "outputs": given.outputs,
        "state": given.state,
        "state_rev": given.state_rev,
        "args": list(task.args),
        "kwargs": dict(task.kwargs),
        **_code(launch),
    }


def _code(launch: Launch) -> dict[str, Any]:
    code = launch.definition.code
    return {"code": code.to_json()} if code is not None and code.defines(launch.task.python) else {}


def given_variables(launch: Launch, given: Given, folder: str, files: Container[str]) -> dict[str, str]:
    """The variables that tell of all this; `files` are those that were made."""
    outputs = ((f"{task}_{key}", value) for task, values in given.outputs.items() for key, value in values.items())
    return {
        **_variables("JOBISTEMER_PARAM_", launch.occurrence.params.items()),
        **_variables("JOBISTEMER_OUTPUT_", outputs),
        "JOBISTEMER_CONTEXT": f"{folder}/{CONTEXT}" if CONTEXT in files else "",
        "JOBISTEMER_OUTPUT": f"{folder}/{OUTPUTS}",
        "JOBISTEMER_STATE": f"{folder}/{STATE}",
    }


def _variables(prefix: str, values: Iterable[tuple[str, Any]]) -> dict[str, str]:
    """A variable each: its name in capitals, other signs as `_`. Of two with the same name there is none."""
    found: dict[str, str] = {}
    twice: set[str] = set()
    room = ALL_VARIABLES
    for name, value in values:
        variable = prefix + "".join(c if c.isascii() and c.isalnum() else "_" for c in name).upper()
        text = value if isinstance(value, str) else json.dumps(value)
        if variable in found:
            twice.add(variable)
        elif len(text) <= min(LONGEST_VARIABLE, room) and "\0" not in text:
            found[variable] = text
            room -= len(text)
    return {name: text for name, text in found.items() if name not in twice}
