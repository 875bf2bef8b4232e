"""Warnings about folders and programs that are not there now; they may be when the job runs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.jobfiles.source import Document, Path, Problem


def surroundings_problems(document: Document, jobs: tuple[SourcedJob, ...]) -> Iterator[Problem]:
    """A warning for each folder and program that a job names and this machine does not have."""
    search = _Search()
    for job in jobs:
        definition = job.definition
        path: Path = ("jobs", definition.name)
        at = (*path, "cwd") if "cwd" in document.spot(path).inner else ("defaults", "cwd")
        yield from _folder_problem(document, at, definition.cwd, search)
        yield from _program_problem(document, (*path, "shell", 0), definition.shell, definition.cwd, search)
        for number, task in enumerate(definition.tasks):
            yield from _task_problems(document, definition, task, number, search)


class _Search:
    """What was looked for is remembered: two thousand jobs may name the same shell."""

    def __init__(self) -> None:
        self._programs: dict[tuple[str, str, str], bool] = {}
        self._folders: dict[str, bool] = {}

    def has_folder(self, folder: str) -> bool:
        if folder not in self._folders:
            self._folders[folder] = os.path.isdir(folder)
        return self._folders[folder]

    def has_program(self, program: str, cwd: str, path: str) -> bool:
        place = (program, cwd if "/" in program else "", path)
        if place not in self._programs:
            wanted = os.path.join(cwd, program) if "/" in program else program
            self._programs[place] = shutil.which(wanted, path=path) is not None
        return self._programs[place]


def _task_problems(
    document: Document, job: JobDefinition, task: TaskDefinition, number: int, search: _Search
) -> Iterator[Problem]:
    path: Path = ("jobs", job.name, "tasks", number)
    if "tasks" not in document.spot(path[:2]).inner:
        path = path[:2]
    cwd = task.cwd or job.cwd
    search_path = task.env.get("PATH") or job.path or job.env.get("PATH") or os.environ.get("PATH", os.defpath)
    if task.cwd is not None:
        yield from _folder_problem(document, (*path, "cwd"), task.cwd, search)
    yield from _program_problem(document, (*path, "shell", 0), task.shell, cwd, search, search_path)
    yield from _program_problem(document, (*path, "command", 0), task.command, cwd, search, search_path)


def _folder_problem(document: Document, path: Path, folder: str, search: _Search) -> Iterator[Problem]:
    if not search.has_folder(folder):
        message = f'the folder "{folder}" does not exist'
        yield Problem(document.spot(path).at, message, "make it before the job runs", "warning", "missing_folder")


def _program_problem(
    document: Document,
    path: Path,
    command: tuple[str, ...] | None,
    cwd: str,
    search: _Search,
    search_path: str = os.defpath,
) -> Iterator[Problem]:
    if command and search.has_folder(cwd) and not search.has_program(command[0], cwd, search_path):
        hint = "install it, or set path" if "/" not in command[0] else "check the path and chmod +x it"
        message = f'the program "{command[0]}" is not found'
        yield Problem(document.spot(path).at, message, hint, "warning", "missing_program")
