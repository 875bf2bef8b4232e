"""From a validated file to job definitions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from jobistemer_tui.domain.cascade import Settings
from jobistemer_tui.domain.job import Code, JobDefinition, RunWhen, ScheduleValue, TaskDefinition, TasksMode
from jobistemer_tui.domain.params import Param
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.jobfiles import schema
from jobistemer_tui.jobfiles.graph import complete_needs
from jobistemer_tui.jobfiles.notify_build import with_absolute_files
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.jobfiles.source import Document
from jobistemer_tui.jobfiles.task_meaning import WORK, task_shapes
from jobistemer_tui.jobfiles.values import iso_texts
from jobistemer_tui.schedules.zones import local_zone_name

SHORT_FORM_TASK = "main"
"""The name of the only task of a job that says `run` or `command` itself."""


def build_jobs(document: Document, file: schema.JobFile, root: str, config: Settings) -> tuple[SourcedJob, ...]:
    """The jobs of a file without errors, in the file's order."""
    builder = _Builder(document, file.defaults, config)
    return tuple(_sourced(document, builder.definition(name, job), name, root) for name, job in file.jobs.items())


def _sourced(document: Document, definition: JobDefinition, name: str, root: str) -> SourcedJob:
    line, column = document.source.place(document.spot(("jobs", name)).key)
    return SourcedJob(definition, document.source.path, line, root, column, document.source.line(line))


class _Builder:
    """Joins each job with the defaults of its file."""

    def __init__(self, document: Document, defaults: schema.Defaults, config: Settings) -> None:
        self.document = document
        self.defaults = defaults
        self.folder = os.path.dirname(document.source.path)
        self.settings = with_absolute_files(defaults.settings(), self.folder)
        self.config = dict(config)
        self.zone = defaults.timezone or local_zone_name()

    def definition(self, name: str, job: schema.Job) -> JobDefinition:
        mode = TasksMode(job.tasks_mode)
        defaults = self.defaults
        tasks = self._tasks(name, job, mode)
        return JobDefinition(
            key=job.id or name,
            name=name,
            tasks=tasks,
            cwd=self._folder(job.cwd or defaults.cwd) or self.folder,
            description=job.description,
            tags=tuple(dict.fromkeys((*defaults.tags, *job.tags))),
            enabled=job.enabled,
            schedule=_schedule(job),
            timezone=job.timezone or self.zone,
            tasks_mode=mode,
            shell=_tupled(job.shell or defaults.shell),
            path=job.path or defaults.path,
            env={**defaults.env, **job.env},
            settings=with_absolute_files(job.settings(), self.folder),
            file_settings=self.settings,
            config_settings=self.config,
            params={name: _param(param) for name, param in job.params.items()},
            python_executable=self._program(job.python_executable or defaults.python_executable),
            env_files=self._env_files(defaults.env_file, job.env_file),
            secrets={**self._secrets(defaults.secrets), **self._secrets(job.secrets)},
            code=self._code(tasks),
        )

    def _code(self, tasks: Sequence[TaskDefinition]) -> Code | None:
        """The file's text, where a task is one of its functions."""
        code = Code(self.document.source.path, self.document.code)
        return code if code.text and any(code.defines(task.python) for task in tasks) else None

    def _folder(self, text: str | None) -> str | None:
        """A path absolute, relative ones from the job file's folder."""
        return None if text is None else folder_from(self.folder, text)

    def _tasks(self, name: str, job: schema.Job, mode: TasksMode) -> tuple[TaskDefinition, ...]:
        if not job.tasks:
            key = next(word for word in WORK if getattr(job, word))
            return (TaskDefinition(SHORT_FORM_TASK, line=self._line(name, key), **_work(job)),)
        raw = self.document.data["jobs"][name]["tasks"]
        needs = complete_needs(task_shapes(raw), mode)
        return tuple(
            self._task(task, needs[task.name], self._line(name, "tasks", number))
            for number, task in enumerate(job.tasks)
        )

    def _task(self, task: schema.Task, needs: tuple[str, ...], line: int) -> TaskDefinition:
        return TaskDefinition(
            name=task.name,
            needs=needs,
            run_when=RunWhen(task.run_when),
            description=task.description,
            cwd=self._folder(task.cwd),
            shell=_tupled(task.shell),
            env=task.env,
            settings=task.settings(),
            line=line,
            python_executable=self._program(task.python_executable),
            env_files=self._env_files(task.env_file),
            secrets=self._secrets(task.secrets),
            **_work(task),
        )

    def _program(self, text: str | None) -> str | None:
        """A program: a name to be looked for, or a path from the job file's folder."""
        return (
            text if text is None or ("/" not in text and not text.startswith("~")) else folder_from(self.folder, text)
        )

    def _env_files(self, *paths: str | None) -> tuple[str, ...]:
        return tuple(folder_from(self.folder, path) for path in paths if path is not None)

    def _secrets(self, secrets: Mapping[str, schema.Secret]) -> dict[str, SecretSource]:
        return {
            name: SecretSource(self._folder(secret.file), tuple(secret.command), secret.keyring)
            for name, secret in secrets.items()
        }

    def _line(self, name: str, *path: str | int) -> int:
        spot = self.document.spot(("jobs", name, *path))
        return self.document.source.place(spot.key)[0]


def _work(of: schema.Job | schema.Task) -> dict[str, Any]:
    """What a task does, as its definition says it."""
    return {
        "run": of.run, "command": tuple(of.command), "python": of.python, "args": tuple(of.args), "kwargs": of.kwargs,
    }  # fmt: skip


def folder_from(base: str, text: str) -> str:
    """`text` as an absolute path: `~` expanded, else relative to `base`."""
    return os.path.normpath(os.path.join(base, os.path.expanduser(text)))


def _param(param: schema.Param) -> Param:
    return Param(param.default, tuple(param.choices), param.description)


def _schedule(job: schema.Job) -> ScheduleValue | None:
    value: Any = iso_texts(job.schedule)
    result: ScheduleValue | None = value
    return result


def _tupled(words: Sequence[str]) -> tuple[str, ...] | None:
    return tuple(words) or None
