"""Import what cron was told: reads crontabs, and gives a job file with its report. Nothing is applied."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from jobistemer_tui.errors import JobFileError, NotFound
from jobistemer_tui.jobfiles.importing.crontab import Crontab, import_crontab
from jobistemer_tui.jobfiles.importing.model import Fate, Imported, Note, Person
from jobistemer_tui.jobfiles.importing.names import Names
from jobistemer_tui.jobfiles.importing.toml_out import shared, toml_text
from jobistemer_tui.jobfiles.parse import parse_jobs
from jobistemer_tui.jobfiles.reading import ConfigLevel
from jobistemer_tui.jobfiles.trust import MAX_SIZE
from jobistemer_tui.schedules.zones import local_zone_name
from jobistemer_tui.settings.quick_dataclass import dataclass

_SYSTEM = Path("/etc/crontab")
_SYSTEM_FOLDER = Path("/etc/cron.d")


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """A job file that was made, and the report. `complete` is false if anything was left behind."""

    text: str
    imported: Imported
    complete: bool

    def json(self) -> dict[str, Any]:
        """As a document for programs."""
        return {
            "complete": self.complete,
            "defaults": shared(self.imported.jobs),
            "jobs": {job.name: dict(job.table) for job in self.imported.jobs},
            "notes": [
                {"fate": note.fate.value, "file": note.file, "line": note.line or None, "text": note.text,
                 "message": note.message or None, "job": note.job}
                for note in self.imported.notes
            ],
            "toml": self.text,
        }  # fmt: skip


def import_crontabs(paths: Sequence[Path], stdin: bytes | None, *, system: bool, now: datetime) -> ImportedFile:
    """The jobs of crontabs: of files, of folders such as /etc/cron.d, of `stdin`, or without any of `crontab -l`.

    `system` says that the sixth field names a user; below /etc that is known. `now` is aware UTC.
    Raises NotFound where there is nothing to read, JobFileError for what cannot be read.
    """
    crontabs = list(_crontabs(paths, stdin, system))
    who, names, zone = person(), Names(), local_zone_name()
    parts = [import_crontab(one, who, timezone=zone, now=now, names=names) for one in crontabs]
    together = Imported(tuple(j for part in parts for j in part.jobs), tuple(n for part in parts for n in part.notes))
    return finished(together, ", ".join(one.name for one in crontabs))


def finished(imported: Imported, source: str) -> ImportedFile:
    """The file, after it was read as any job file is: what that finds is in the report too."""
    text = toml_text(imported, source)
    written = text.encode("utf-8", "backslashreplace")
    _, problems, _ = parse_jobs(os.path.abspath("imported.toml"), "/", written, ConfigLevel())
    errors = tuple(
        Note(Fate.LOST, source, 0, problem.source_line, problem.message)
        for problem in problems
        if problem.severity == "error"
    )
    if len(written) > MAX_SIZE:
        too_long = f"the job file is {len(written)} bytes long, and at most 1 MiB is read; split it into several files"
        errors += (Note(Fate.LOST, source, 0, "", too_long),)
    whole = Imported(imported.jobs, (*imported.notes, *errors))
    return ImportedFile(text, whole, whole.complete)


def person() -> Person:
    """Who runs this program."""
    entry = pwd.getpwuid(os.geteuid())
    return Person(entry.pw_name, os.path.expanduser("~"), os.geteuid(), _home_of)


def _home_of(name: str) -> str | None:
    try:
        return pwd.getpwnam(name).pw_dir
    except KeyError:
        return None


def _crontabs(paths: Sequence[Path], stdin: bytes | None, system: bool) -> Iterator[Crontab]:
    if stdin is not None:
        yield Crontab(_decoded(stdin), "stdin", system)
    for path in paths:
        for file in _files(path):
            known = file.resolve() == _SYSTEM or file.resolve().parent == _SYSTEM_FOLDER
            yield Crontab(read_text(file), str(file), system or known or path.is_dir())
    if stdin is None and not paths:
        yield Crontab(_own_crontab(), "crontab", system)


def _files(path: Path) -> list[Path]:
    """The file, or the files of a folder that cron would read."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.is_file() and file.name.replace("-", "_").isidentifier())


def read_text(path: Path) -> str:
    """The text of a file; bytes that are not UTF-8 become surrogates. Raises NotFound, JobFileError."""
    try:
        return _decoded(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {path}") from error
    except OSError as error:
        raise JobFileError(f"{path} cannot be read: {error.strerror}") from error


def _decoded(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _own_crontab() -> str:
    hint = "name a file, for example: jobistemer import crontab /etc/crontab"
    try:
        done = subprocess.run(["crontab", "-l"], stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    except FileNotFoundError as error:
        raise NotFound("there is no program crontab", hint=hint) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise JobFileError(f"crontab -l failed: {error}", hint=hint) from error
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise NotFound(f"crontab -l: {said or f'exit code {done.returncode}'}", hint=hint)
    return _decoded(done.stdout)
