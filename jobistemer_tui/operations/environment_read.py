"""Look at both sides: the environment that a job's tasks are given, and that of this process."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from jobistemer_tui.domain.job import JobDefinition, TaskDefinition
from jobistemer_tui.domain.secret import SecretSource
from jobistemer_tui.engine.engine_lock import serving_engine
from jobistemer_tui.engine.orders import given_environment, task_argv
from jobistemer_tui.engine.supervisor.protocol import LOCK_NAME
from jobistemer_tui.errors import NotFound
from jobistemer_tui.jobfiles.env_file import EnvFileError, read_env_file
from jobistemer_tui.jobfiles.trust import Untrusted
from jobistemer_tui.operations.environment import (
    MASK,
    Environment,
    Fact,
    compare_path,
    compare_variables,
    in_order,
    worth_setting,
)
from jobistemer_tui.operations.environment_lines import absolute_path, lines_for

PROC = Path("/proc")


def environment_of(
    definition: JobDefinition, task_name: str | None, file: str, processes: tuple[int | None, int | None],
    here: Mapping[str, str],
) -> Environment:  # fmt: skip
    """Compare what a task of a job finds with `here`. Raises NotFound for a task that the job does not have.

    `processes` are the ids of the serving engine, whose environment tasks are given a part of, and of its supervisor,
    whose umask and limits they inherit; None: there is none, and one started from here is assumed.
    """
    task = _task(definition, task_name)
    problems: list[str] = []
    engine, supervisor = processes
    environ = None if engine is None else _environ_of(engine, problems)
    named = [_secrets(level.env_files, level.secrets, problems) for level in (definition, task)]
    there = given_environment(definition, task, here if environ is None else environ, (named[0], named[1]))
    form = "py" if file.endswith(".py") else "toml" if file.endswith(".toml") else "yaml"
    names = frozenset(named[0]) | frozenset(named[1])
    variables = compare_variables(_without_path(there), _without_path(here), names)
    mine = here.get("PATH", "")
    wanted = absolute_path(mine) if mine != there["PATH"] else None
    facts = tuple(_facts(definition, task, there, here, supervisor or engine))
    return Environment(
        job=definition.name, task=task.name, tasks=tuple(one.name for one in definition.tasks), file=file,
        engine=None if environ is None else engine, variables=variables, path=compare_path(there["PATH"], mine),
        path_order_differs=not in_order(there["PATH"], mine), facts=facts, format=form,
        lines=lines_for(form, definition.name, wanted, list(worth_setting(variables)), _notes(definition, task)),
        problems=tuple(problems),
    )  # fmt: skip


def _without_path(environ: Mapping[str, str]) -> dict[str, str]:
    """PATH is compared folder by folder."""
    return {name: value for name, value in environ.items() if name != "PATH"}


def serving_processes(nodes_dir: Path) -> tuple[int | None, int | None]:
    """The process ids of the engine and of the supervisor of a store, None where there is none."""
    owner = serving_engine(nodes_dir)
    return None if owner is None else owner.pid, _supervisor(nodes_dir)


def _supervisor(nodes_dir: Path) -> int | None:
    """The process that the lock names, if it is one of this store: nobody else may touch the lock to find out."""
    try:
        pid = int((nodes_dir / LOCK_NAME).read_text())
        argv = (PROC / str(pid) / "cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    return pid if os.fsencode(nodes_dir) in argv else None


def _task(definition: JobDefinition, name: str | None) -> TaskDefinition:
    if name is None:
        return definition.tasks[0]
    try:
        return definition.task(name)
    except KeyError:
        names = ", ".join(task.name for task in definition.tasks)
        raise NotFound(f"{definition.name} has no task {name!r}", hint=f"its tasks are {names}") from None


def _environ_of(pid: int, problems: list[str]) -> dict[str, str] | None:
    """What a process of ours was started with (proc(5))."""
    try:
        content = (PROC / str(pid) / "environ").read_bytes()
    except OSError as error:
        problems.append(f"the engine's environment cannot be read ({error.strerror}); this shell's stands for it")
        return None
    pairs = (os.fsdecode(entry).partition("=") for entry in content.split(b"\0") if b"=" in entry)
    return {name: value for name, _, value in pairs}


def _secrets(env_files: tuple[str, ...], secrets: Mapping[str, SecretSource], problems: list[str]) -> dict[str, str]:
    """The names of what is found when a task starts; no value leaves this function, and no program is asked for one."""
    names: set[str] = {*secrets}
    for path in env_files:
        try:
            names |= read_env_file(path, os.getuid()).keys()
        except Untrusted as error:
            problems.append(f"env_file {path}: {error.message}")
        except EnvFileError as error:
            problems.append(f"env_file {error}")
    return dict.fromkeys(names, MASK)


def _facts(
    job: JobDefinition, task: TaskDefinition, there: Mapping[str, str], here: Mapping[str, str], parent: int | None
) -> Iterator[Fact]:
    yield Fact("folder", task.cwd or job.cwd, _folder())
    yield Fact("run by", _run_by(job, task), f"{here.get('SHELL', 'a shell')}, with its start-up files and aliases")
    yield Fact("standard input", "empty", _terminal(0) or "not a terminal")
    yield Fact("terminal", "none: output goes into pipes", _terminal(1) or "none")
    yield Fact("locale", _locale(there), _locale(here))
    yield Fact("umask", _status(parent, "Umask"), _status(None, "Umask"))
    theirs, ours = _limits(parent), _limits(None)
    for name in ours:
        if theirs.get(name, ours[name]) != ours[name]:
            yield Fact(name.lower(), theirs[name], ours[name])


def _run_by(job: JobDefinition, task: TaskDefinition) -> str:
    argv = task_argv(job, task)
    if task.python is not None:
        return f"{argv[0]}, the callable {task.python}"
    return shlex.join(argv[:-1]) + ", no start-up files" if task.run is not None else f"no shell: {shlex.join(argv)}"


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        return "a folder that is gone"


def _terminal(descriptor: int) -> str:
    try:
        return os.ttyname(descriptor)
    except OSError:
        return ""


def _locale(environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "C (none is set)")


def _status(pid: int | None, field: str) -> str:
    for line in _lines(pid, "status"):
        name, _, value = line.partition(":")
        if name == field:
            return value.strip()
    return "unknown"


def _limits(pid: int | None) -> dict[str, str]:
    """Soft and hard limit by name, as setrlimit(2) has them."""
    found = {}
    for line in _lines(pid, "limits")[1:]:
        name, soft, hard = line[:26].strip(), line[26:47].strip(), line[47:68].strip()
        found[name] = soft if soft == hard else f"{soft} (at most {hard})"
    return found


def _lines(pid: int | None, file: str) -> list[str]:
    try:
        return (PROC / ("self" if pid is None else str(pid)) / file).read_text(errors="replace").splitlines()
    except OSError:
        return []


def _notes(job: JobDefinition, task: TaskDefinition) -> list[tuple[str, str]]:
    """What would close the gap too, but changes more than variables: to be decided on."""
    here = _folder()
    return [("cwd", here)] if (task.cwd or job.cwd) != here and here.startswith("/") else []
