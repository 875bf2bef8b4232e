"""A job as its file defines it: the text of a job version, independent of the file's format."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from jobistemer_tui.domain import identity
from jobistemer_tui.domain.announcements import Announcements, announcements
from jobistemer_tui.domain.cascade import Level, Settings, effective_settings, job_policies, task_policies
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.policies import JobPolicies, TaskPolicies
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.settings.quick_dataclass import dataclass

ScheduleValue = str | dict[str, Any] | list[Any]
"""What a job file wrote as its schedule, as JSON; native date-times are written as ISO text."""


class RunWhen(StrEnum):
    """When a task runs: after the success of all it needs, or whatever became of them (clean-up)."""

    SUCCESS = "success"
    ALWAYS = "always"


class TasksMode(StrEnum):
    """How tasks without `needs` are joined: in order, or free."""

    SEQUENTIAL = "sequential"
    PARALLEL = "parallel"


@dataclass(frozen=True, slots=True)
class Code:
    """The text of a Python job file as it was published: its functions run from this, not from what the file is now."""

    path: str
    text: str

    def defines(self, name: str | None) -> bool:
        """Whether a `python` task of this name is a function of the file: `file.py:function`, without a folder."""
        return name is not None and name.rpartition(":")[0] == self.path.rpartition("/")[2]

    def to_json(self) -> dict[str, str]:
        """The fields by their names."""
        return {"path": self.path, "text": self.text}


@dataclass(frozen=True, slots=True)
class TaskDefinition:
    """A unit of work. Exactly one of `run` (a shell line), `command` (argv) and `python` (`module:callable`) is set.

    `needs` is complete: the edges that `tasks_mode` draws are in it. `args` and `kwargs` are what the callable is
    given, as JSON. `env`, `env_files` and `secrets` are added to the job's.
    """

    name: str
    run: str | None = None
    command: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    run_when: RunWhen = RunWhen.SUCCESS
    description: str = ""
    cwd: str | None = None
    shell: tuple[str, ...] | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=dict)
    line: int = 0
    python: str | None = None
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    python_executable: str | None = None
    env_files: tuple[str, ...] = ()
    secrets: Mapping[str, SecretSource] = field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class JobDefinition:
    """A job with all that its version fixes.

    `cwd` is absolute. `timezone` is the IANA zone resolved at publication. `schedule` None: runs only when
    triggered. `config_settings` and `file_settings` are the two weaker levels of the cascade. `env_files` are absolute
    paths, read in order when a task starts; `python_executable` runs `python` tasks (None: the engine's own). `code`
    is there if any task is a function of the job's own file.
    """

    key: str
    name: str
    tasks: tuple[TaskDefinition, ...]
    cwd: str
    description: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = True
    schedule: ScheduleValue | None = None
    timezone: str = "UTC"
    tasks_mode: TasksMode = TasksMode.SEQUENTIAL
    shell: tuple[str, ...] | None = None
    path: str | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    settings: Settings = field(default_factory=dict)
    file_settings: Settings = field(default_factory=dict)
    config_settings: Settings = field(default_factory=dict)
    params: Mapping[str, Param] = field(default_factory=dict)
    python_executable: str | None = None
    env_files: tuple[str, ...] = ()
    secrets: Mapping[str, SecretSource] = field(default_factory=dict)
    code: Code | None = None

    @cached_property
    def id(self) -> UUID:
        """The job's id, from its key."""
        return identity.job_id(self.key)

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels of the cascade above the built-in defaults, the weakest first."""
        return (
            Level("config", self.config_settings),
            Level("file", self.file_settings),
            Level("job", self.settings),
        )

    @cached_property
    def policies(self) -> JobPolicies:
        """The effective policies of the whole job."""
        return job_policies(self.levels)

    @cached_property
    def announcements(self) -> Announcements:
        """The effective hooks and notification rules."""
        return announcements(effective_settings(self.levels))

    def task(self, name: str) -> TaskDefinition:
        """The task of that name. Raises KeyError."""
        return self._tasks_by_name[name]

    def task_levels(self, task: TaskDefinition) -> tuple[Level, ...]:
        """The levels of the cascade for one task."""
        return (*self.levels, Level("task", task.settings))

    def task_policies(self, name: str) -> TaskPolicies:
        """The effective policies of one task."""
        if name not in self._task_policies:
            self._task_policies[name] = task_policies(self.task_levels(self.task(name)))
        return self._task_policies[name]

    @cached_property
    def _tasks_by_name(self) -> dict[str, TaskDefinition]:
        return {task.name: task for task in self.tasks}

    @cached_property
    def _task_policies(self) -> dict[str, TaskPolicies]:
        return {}

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of what the definition means; where a task stands in its file does not count."""
        return hashlib.sha256(_canonical(_without_lines(self.to_json())).encode()).hexdigest()

    @cached_property
    def schedule_hash(self) -> str:
        """SHA-256 of what decides the instants: schedule and zone."""
        return hashlib.sha256(_canonical([self.schedule, self.timezone]).encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The definition as JSON, to be stored with its version."""
        value: dict[str, Any] = {
            "key": self.key, "name": self.name, "cwd": self.cwd, "description": self.description,
            "tags": list(self.tags), "enabled": self.enabled, "schedule": self.schedule, "timezone": self.timezone,
            "tasks_mode": self.tasks_mode.value, "shell": _listed(self.shell), "path": self.path, "env": dict(self.env),
            "settings": dict(self.settings), "file_settings": dict(self.file_settings),
            "config_settings": dict(self.config_settings), "tasks": [_task_to_json(task) for task in self.tasks],
            **_given(self),
        }  # fmt: skip
        # Only where there are any: what a job without them means, and so its hash, has not changed.
        if self.params:
            value["params"] = {name: param.to_json() for name, param in self.params.items()}
        if self.code is not None:
            value["code"] = self.code.to_json()
        return value

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> JobDefinition:
        """The inverse of `to_json`."""
        apart = {"tasks", "tags", "shell", "tasks_mode", "params", "code", *_GIVEN}
        rest = {name: value[name] for name in value.keys() - apart}
        return JobDefinition(
            **rest,
            **_given_from(value),
            tags=tuple(value["tags"]),
            shell=_tupled(value["shell"]),
            tasks_mode=TasksMode(value["tasks_mode"]),
            tasks=tuple(_task_from_json(task) for task in value["tasks"]),
            params={name: Param.from_json(param) for name, param in value.get("params", {}).items()},
            code=Code(**value["code"]) if "code" in value else None,
        )


_GIVEN = ("python_executable", "env_files", "secrets")
"""What jobs and tasks have in common and most have not; left out of the JSON then."""


def _given(of: JobDefinition | TaskDefinition) -> dict[str, Any]:
    secrets = {name: source.to_json() for name, source in of.secrets.items()}
    values = {"python_executable": of.python_executable, "env_files": list(of.env_files), "secrets": secrets}
    return {name: value for name, value in values.items() if value}


def _given_from(value: Mapping[str, Any]) -> dict[str, Any]:
    secrets: Mapping[str, Any] = value.get("secrets", {})
    return {
        "python_executable": value.get("python_executable"),
        "env_files": tuple(value.get("env_files", ())),
        "secrets": {name: SecretSource.from_json(source) for name, source in secrets.items()},
    }


def _task_to_json(task: TaskDefinition) -> dict[str, Any]:
    call = {} if task.python is None else {"python": task.python, "args": list(task.args), "kwargs": dict(task.kwargs)}
    return {
        "name": task.name, "run": task.run, "command": list(task.command), "needs": list(task.needs),
        "run_when": task.run_when.value, "description": task.description, "cwd": task.cwd,
        "shell": _listed(task.shell), "env": dict(task.env), "settings": dict(task.settings), "line": task.line,
        **call, **_given(task),
    }  # fmt: skip


def _task_from_json(value: Mapping[str, Any]) -> TaskDefinition:
    rest = {name: value[name] for name in value.keys() - {"command", "needs", "run_when", "shell", "args", *_GIVEN}}
    return TaskDefinition(
        **rest,
        **_given_from(value),
        command=tuple(value["command"]),
        needs=tuple(value["needs"]),
        run_when=RunWhen(value["run_when"]),
        shell=_tupled(value["shell"]),
        args=tuple(value.get("args", ())),
    )


def _without_lines(definition: dict[str, Any]) -> dict[str, Any]:
    tasks = [{name: value for name, value in task.items() if name != "line"} for task in definition["tasks"]]
    return {**definition, "tasks": tasks}


def _listed(value: tuple[str, ...] | None) -> list[str] | None:
    return None if value is None else list(value)


def _tupled(value: list[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
