"""Which files a PATH stands for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jobistemer_tui.errors import JobFileError, JobistemerError, NotFound

SUFFIXES = (".toml", ".yaml", ".yml", ".py")
ENVIRONMENT = "pyvenv.cfg"
"""The file that a virtual environment has at its top; nothing in one is a job file."""


def is_job_file_name(name: str) -> bool:
    """Whether a file of that name in a folder is read: by its suffix.

    Hidden files and editors' copies are not, nor is what a Python project beside the jobs is described by.
    """
    return name.endswith(SUFFIXES) and not name.startswith((".", "#", "~")) and name != "pyproject.toml"


def absolute_roots(paths: Iterable[Path]) -> tuple[str, ...]:
    """The PATHs absolute, each once, `~` expanded."""
    return tuple(dict.fromkeys(os.path.abspath(os.path.expanduser(path)) for path in paths))


def files_of(root: str, unlisted: dict[str, JobistemerError] | None = None) -> list[str]:
    """The file itself, or all job files in the folder and its folders, sorted; links to folders are not followed.

    NotFound where there is nothing, and JobFileError where a folder cannot be listed, are put into `unlisted` by their
    path, and raised if that is None: to go on as if nothing were there would look as if its jobs had been deleted.
    """
    problems = _Raised() if unlisted is None else unlisted
    if not os.path.lexists(root):
        problems[root] = NotFound(f"{root} does not exist", hint="name a job file or a folder of job files")
        return []
    if not os.path.isdir(root):
        return [root]
    return sorted(_walk(root, problems, is_root=True))


class _Raised(dict[str, JobistemerError]):
    """Problems that nobody collects."""

    def __setitem__(self, path: str, problem: JobistemerError) -> None:
        raise problem


def _walk(folder: str, problems: dict[str, JobistemerError], *, is_root: bool = False) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        if is_root:
            problems[folder] = NotFound(f"{folder} does not exist", hint="name a job file or a folder of job files")
        return
    except OSError as error:
        hint = f"chmod u+rx {folder}" if isinstance(error, PermissionError) else ""
        problems[folder] = JobFileError(f"the folder {folder} cannot be read: {error.strerror}", hint=hint)
        return
    if any(entry.name == ENVIRONMENT for entry in entries):
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith("."):
                yield from _walk(entry.path, problems)
        elif is_job_file_name(entry.name):
            yield entry.path


def is_under(path: str, roots: Sequence[str]) -> bool:
    """Whether an absolute path is one of the roots, or lies in a folder that is one."""
    return any(path == root or Path(path).is_relative_to(root) for root in roots)
