"""Warnings about folders, programs and files that are not there now, or not safe; they may be when the job runs."""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Iterator

from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.jobfiles.callables import check_callable
from jobistemer_tui.jobfiles.reading import SourcedJob
from jobistemer_tui.jobfiles.source import Document, Path, Problem
from jobistemer_tui.jobfiles.trust import Untrusted, check_private


def surroundings_problems(document: Document, jobs: tuple[SourcedJob, ...]) -> Iterator[Problem]:
    """A warning for each folder and program that a job names and this machine does not have."""
    search = _Search()
    for job in jobs:
        definition = job.definition
        path: Path = ("jobs", definition.name)
        at = (*path, "cwd") if "cwd" in document.spot(path).inner else ("defaults", "cwd")
        yield from _folder_problem(document, at, definition.cwd, search)
        yield from _program_problem(document, (*path, "shell", 0), definition.shell, definition.cwd, search)
        yield from _given_problems(document, path, definition, definition.cwd, search, _search_path(definition))
        for number, task in enumerate(definition.tasks):
            yield from _task_problems(document, definition, task, number, search)


def _search_path(job: JobDefinition) -> str:
    return job.path or job.env.get("PATH") or os.environ.get("PATH", os.defpath)


def _given_problems(
    document: Document, path: Path, of: JobDefinition | TaskDefinition, cwd: str, search: _Search, search_path: str
) -> Iterator[Problem]:
    """Of what a job or task takes its secrets from; where it is said in `[defaults]`, of that."""
    for file in of.env_files:
        yield from _secret_problem(document, (*path, "env_file"), file, search)
    for name, source in of.secrets.items():
        place = (*path, "secrets", name)
        if source.file is not None:
            yield from _secret_problem(document, (*place, "file"), source.file, search)
        yield from _program_problem(document, (*place, "command", 0), source.command, cwd, search, search_path)
    program = (of.python_executable,) if of.python_executable else ()
    yield from _program_problem(document, (*path, "python_executable"), program, cwd, search, search_path)


def _secret_problem(document: Document, path: Path, file: str, search: _Search) -> Iterator[Problem]:
    message, hint = search.why_untrusted(file)
    if message:
        spot = document.spot(path if _is_said(document, path) else ("defaults", *path[2:]))
        yield Problem(spot.at, f'the file "{file}" {message}', hint, "warning", "secrets")


def _is_said(document: Document, path: Path) -> bool:
    return path[-1] in document.spot(path[:-1]).inner


class _Search:
    """What was looked for is remembered: two thousand jobs may name the same shell."""

    def __init__(self) -> None:
        self._programs: dict[tuple[str, str, str], bool] = {}
        self._folders: dict[str, bool] = {}
        self._untrusted: dict[str, tuple[str, str]] = {}

    def why_untrusted(self, file: str) -> tuple[str, str]:
        """Why a file of secrets would not be read, and what to do; empty if it would."""
        if file not in self._untrusted:
            try:
                check_private(file, os.getuid())
            except Untrusted as error:
                self._untrusted[file] = error.message, error.hint or "mend it before the job runs"
            else:
                self._untrusted[file] = "", ""
        return self._untrusted[file]

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
    search_path = task.env.get("PATH") or _search_path(job)
    if task.cwd is not None:
        yield from _folder_problem(document, (*path, "cwd"), task.cwd, search)
    yield from _program_problem(document, (*path, "shell", 0), task.shell, cwd, search, search_path)
    yield from _program_problem(document, (*path, "command", 0), task.command, cwd, search, search_path)
    yield from _given_problems(document, path, task, cwd, search, search_path)
    if job.code is not None and job.code.defines(task.python):
        return
    try:
        check_callable(task.python, cwd, os.getuid())
    except Untrusted as error:
        at = document.spot((*path, "python")).at
        yield Problem(at, error.message, error.hint or "check the path", "warning", "untrusted_code")


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
        message, hint = _said_of_program(command[0], cwd)
        yield Problem(document.spot(path).at, message, hint, "warning", "missing_program")


def _said_of_program(program: str, cwd: str) -> tuple[str, str]:
    """What is wrong with a program that cannot be started, and what was probably meant."""
    place = os.path.join(cwd, os.path.normpath(program))
    if "/" in program and os.path.isfile(place):
        return f'the program "{program}" cannot be executed', f"chmod +x {shlex.quote(place)}"
    return f'the program "{program}" is not found', _hint_for_program(program)


def _hint_for_program(program: str) -> str:
    if program.startswith(("~", "$")):
        return "no shell expands it: write the whole path, or use run"
    if any(character.isspace() for character in program):
        words = json.dumps(program.split(), ensure_ascii=False)
        return f"each argument is a text of its own: {words}; or use run"
    if "/" not in program:
        return "install it, or set path"
    return "check the path" if os.path.isabs(program) else "check the path: it is relative to cwd"
