"""What reading job files gives: definitions with their source, and diagnostics with their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Any, Literal

from jobistemer_tui.domain.announcements import MailServer
from jobistemer_tui.domain.job import JobDefinition
from jobistemer_tui.domain.policies import ConcurrencyGroup, SettingValue
from jobistemer_tui.schedules.after import followed_names
from jobistemer_tui.settings.quick_dataclass import dataclass

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something to say about a place in a file.

    `line` and `column` count from 1, columns in characters; line 0 means the file as a whole. `source_line` is that
    line's text with control characters replaced one for one, so that a caret under `column` stands right.
    """

    file: str
    line: int
    column: int
    message: str
    hint: str = ""
    severity: Severity = "error"
    code: str = "job_file"
    source_line: str = ""

    def to_json(self) -> dict[str, Any]:
        """The fields by their names."""
        return asdict(self)

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Diagnostic:
        """The inverse of `to_json`."""
        return Diagnostic(**value)

    def text(self) -> str:
        """One line: `file:line:column: error: message (hint)`; the place is left out where it is the whole file."""
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        hint = f" ({self.hint})" if self.hint else ""
        return printable(f"{place}: {self.severity}: {self.message}{hint}")


@dataclass(frozen=True, slots=True)
class SourcedJob:
    """A definition and its source: `path` absolute, `line` and `column` of the job's name, `root` the PATH read."""

    definition: JobDefinition
    path: str
    line: int
    root: str
    column: int = 1
    source_line: str = ""

    @property
    def key(self) -> str:
        """The job's key."""
        return self.definition.key

    @property
    def name(self) -> str:
        """The job's name."""
        return self.definition.name

    @property
    def group(self) -> ConcurrencyGroup | None:
        """The job's concurrency group."""
        return self.definition.policies.group

    @property
    def followed(self) -> tuple[str, ...]:
        """The names of the jobs that it runs after; none while it is not enabled, as in the store."""
        return followed_names(self.definition.schedule) if self.definition.enabled else ()


@dataclass(frozen=True, slots=True)
class PublishedJob:
    """What other files have to know of a job of a file that was not parsed, since it is as it was; no place in it."""

    key: str
    name: str
    path: str
    group: ConcurrencyGroup | None = None
    followed: tuple[str, ...] = ()
    line: int = 0
    column: int = 0
    source_line: str = ""


HeldJob = SourcedJob | PublishedJob


def place_of(job: HeldJob) -> str:
    """`file:line`, or the file alone."""
    return f"{job.path}:{job.line}" if job.line else job.path


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file as read. `content_hash` is the SHA-256 of its bytes in hex, "" if they could not be read.

    A file with an error has no jobs here: what runs of it goes on as it was. `pending`: a Python file that is still
    being loaded; it has no jobs yet and no diagnostics, and nothing is known of it. `imported` are the files that a
    Python file imports from its folder, with the hashes of their contents. `published`: of a file that was not parsed,
    since it is as it was when its jobs were published, what is known of those.
    """

    path: str
    root: str
    content_hash: str
    jobs: tuple[SourcedJob, ...]
    diagnostics: tuple[Diagnostic, ...]
    pending: bool = False
    imported: tuple[tuple[str, str], ...] = ()
    published: tuple[PublishedJob, ...] = ()

    @property
    def held(self) -> tuple[HeldJob, ...]:
        """The jobs of the file, whether it was parsed or not."""
        return (*self.jobs, *self.published)

    @property
    def ok(self) -> bool:
        """Whether the file has been read and has no error."""
        return not self.pending and all(diagnostic.severity != "error" for diagnostic in self.diagnostics)

    @property
    def is_python(self) -> bool:
        """Whether the file is code, which means what it says only when it is run."""
        return is_python(self.path)


def is_python(path: str) -> bool:
    """Whether a job file is in Python."""
    return path.endswith(".py")


@dataclass(frozen=True, slots=True)
class Seen:
    """What job files were like: by absolute path the hashes of their contents, and of what Python files import."""

    hashes: Mapping[str, str]
    imported: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """All files under some PATHs: `roots` absolute and in the order given, `files` by root, then sorted by path."""

    roots: tuple[str, ...]
    files: tuple[FileReading, ...]


@dataclass(frozen=True, slots=True)
class ConfigLevel:
    """What `config.toml` sets: the settings of the cascade, flattened, and the engine's own.

    `min_free`: bytes. `load_timeout`: seconds that a Python job file may take to be loaded. `audit_age`: seconds that
    events are kept (None: for ever). `lost_after`: seconds that the lock of another host's engine has to be free.
    `node_name` is how the engine is called (None: as its host), `labels` what it is.
    """

    defaults: Mapping[str, SettingValue] = field(default_factory=dict)
    max_concurrent_jobs: int | None = None
    max_attempts_running: int | None = None
    min_free: int | None = None
    load_timeout: float = 10.0
    audit_age: float | None = 365 * 86400.0
    mail: MailServer | None = None
    metrics: str | None = None
    lost_after: float = 300.0
    node_name: str | None = None
    labels: tuple[str, ...] = ()


def printable(text: str) -> str:
    """`text` with every character that a terminal might obey, and every lone surrogate, replaced by one `�`."""
    if text.isprintable():
        return text
    return "".join(" " if char == "\t" else char if char.isprintable() else "�" for char in text)
