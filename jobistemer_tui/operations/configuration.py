"""The effective configuration of a job: every setting and every word of its definition, and where each comes from."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobistemer_tui.domain.cascade import Effective, Level, setting_layers
from jobistemer_tui.domain.durations import duration_text
from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.policies import TASK_SETTINGS, SettingValue
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.domain.sizes import written_size
from jobistemer_tui.operations.environment import MASK, looks_secret
from jobistemer_tui.operations.queries_definitions import schedule_text
from jobistemer_tui.operations.task_words import task_words
from jobistemer_tui.settings.quick_dataclass import dataclass

ORIGINS: Mapping[str, str] = {
    "default": "engine default",
    "config": "config.toml",
    "file": "[defaults] of the file",
    "job": "the job",
    "task": "the task",
    "published": "fixed when it was published",
}
"""How each level of the cascade is called, the weakest first; `published` is what a level above the job, or the
machine, gave at that moment."""

_SIZES = frozenset({"output_head", "output_tail", "keep.bytes"})


@dataclass(frozen=True, slots=True)
class Setting:
    """A name with what each level says, as text, the weakest first; the last one is in force."""

    name: str
    layers: tuple[tuple[str, str], ...]
    """(origin, value); see ORIGINS."""

    @property
    def value(self) -> str:
        """What is in force."""
        return self.layers[-1][1]

    @property
    def origin(self) -> str:
        """Which level says so."""
        return self.layers[-1][0]

    @property
    def overridden(self) -> tuple[tuple[str, str], ...]:
        """What weaker levels say, the strongest of them first; what only repeats the value included."""
        return self.layers[-2::-1]


@dataclass(frozen=True, slots=True)
class Section:
    """Settings under a title; `task` names the task that they are of."""

    title: str
    settings: tuple[Setting, ...]
    task: str | None = None


@dataclass(frozen=True, slots=True)
class Configuration:
    """What holds for a job and its tasks in one version."""

    job: str
    version: int
    file: str
    line: int
    sections: tuple[Section, ...]


def configuration_of(definition: JobDefinition, version: int, file: str, line: int) -> Configuration:
    """The configuration of one version. Values of variables that look like a secret are masked."""
    layers = setting_layers(definition.levels)
    policies = tuple(_setting(name, found) for name, found in layers.items())
    sections = [
        Section("definition", tuple(_job_words(definition))),
        Section("policies", policies),
        *(_task_section(definition, task) for task in definition.tasks),
    ]
    return Configuration(definition.name, version, file, line, tuple(sections))


def _task_section(definition: JobDefinition, task: TaskDefinition) -> Section:
    layers = setting_layers((*definition.levels, Level("task", task.settings)))
    policies = tuple(_setting(name, found) for name, found in layers.items() if name in TASK_SETTINGS)
    return Section(f"task {task.name}", (*_task_words(definition, task), *policies), task.name)


def _setting(name: str, layers: Sequence[Effective]) -> Setting:
    return Setting(name, tuple((layer.origin, value_text(name, layer.value)) for layer in layers))


def value_text(name: str, value: SettingValue) -> str:
    """A setting as a person writes it: lengths of time and sizes with their unit; None is a written-out `none`."""
    if value is None:
        return "none"
    if isinstance(value, int) and name in _SIZES:
        return written_size(value)
    if isinstance(value, float) and name != "retry_policy.backoff_factor":
        return duration_text(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _job_words(job: JobDefinition) -> Iterator[Setting]:
    yield _word("description", job.description, "")
    yield _word("schedule", None if job.schedule is None else schedule_text(job.schedule), None)
    yield _word("timezone", job.timezone, None, origin="published")
    yield _word("enabled", job.enabled, True)
    yield _word("tags", ", ".join(job.tags), "")
    yield _word("tasks_mode", job.tasks_mode.value, "sequential")
    yield _word("cwd", job.cwd, None, origin="published")
    yield _word("shell", _argv(job.shell), "")
    yield _word("path", job.path, None)
    yield _word("python_executable", job.python_executable, None)
    yield from _given("", job.env, job.env_files, job.secrets)
    for name, param in job.params.items():
        yield _word(f"params.{name}", json.dumps(param.to_json(), ensure_ascii=False), None)


def _task_words(job: JobDefinition, task: TaskDefinition) -> Iterator[Setting]:
    what = "run" if task.run is not None else "python" if task.python is not None else "command"
    yield _word(what, task_words(task), None, origin="task")
    yield _word("needs", ", ".join(task.needs), "", origin="task")
    yield _word("run_when", task.run_when.value, "success", origin="task")
    yield _word("description", task.description, "", origin="task")
    yield Setting("cwd", (("job", job.cwd), *([("task", task.cwd)] if task.cwd else [])))
    shells = [("default", "none: bash with pipefail, else /bin/sh")]
    shells += [("job", _argv(job.shell))] if job.shell else []
    shells += [("task", _argv(task.shell))] if task.shell else []
    if task.run is not None:
        yield Setting("shell", tuple(shells))
    yield from _given("task", task.env, task.env_files, task.secrets)


def _given(
    origin: str, env: Mapping[str, str], env_files: Sequence[str], secrets: Mapping[str, SecretSource]
) -> Iterator[Setting]:
    level = origin or "job"
    for name, value in env.items():
        yield Setting(f"env.{name}", ((level, MASK if looks_secret(name, value) else value),))
    for path in env_files:
        yield Setting("env_file", ((level, path),))
    for name, source in secrets.items():
        yield Setting(f"secrets.{name}", ((level, json.dumps(source.to_json(), ensure_ascii=False)),))


def _word(name: str, value: Any, default: Any, *, origin: str = "job") -> Setting:
    """A word of the definition; which level set it is known only where it differs from what holds without it."""
    shown = "none" if value in (None, "") else str(value).lower() if isinstance(value, bool) else str(value)
    return Setting(name, (("default" if value == default else origin, shown),))


def _argv(words: tuple[str, ...] | None) -> str:
    return shlex.join(words) if words else ""
