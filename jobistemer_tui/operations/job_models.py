"""The rows of the first picture: jobs, and what the header says. Apart from others, as making a class takes time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:
    from jobistemer_tui.domain.states import OccurrenceState, Reason


class EngineRole(StrEnum):
    """How this process stands to the engine of the store."""

    SERVING = "serving"
    ATTACHED = "attached"
    NONE = "none"
    CRASHED = "crashed"
    CLIENT = "client"


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest handled occurrence of a job."""

    id: UUID
    status: OccurrenceState
    reason: Reason | None
    scheduled_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in a list. `recent` are the states of the newest occurrences, oldest first, at most 12.

    `schedule` is the text of the file (None: runs only when triggered), `schedule_words` the same in English, which
    `in_words` makes: for thousands of jobs that takes a second, and few are looked at. `loaded` is false for a job of
    another root or of a file that is gone: it is shown, not run. `enabled` is false where its file says so or a person
    `stopped` it. `next` is the next time that is planned, `next_mark` what will become of it other than to run then,
    and `next_starts` until when it is snoozed. `follows` are the names of the jobs after which it runs. `external`:
    something else runs it, and its runs are recorded by `exec`. `ticking`: it has a schedule that is not stopped.
    """

    id: UUID
    name: str
    file: str
    line: int
    description: str
    schedule: str | None
    in_words: Callable[[], str] = field(compare=False, repr=False)
    timezone: str
    enabled: bool
    loaded: bool
    paused: bool
    paused_until: datetime | None
    pause_reason: str | None
    next: datetime | None
    running: int
    queued: int
    last: LastRun | None
    recent: tuple[OccurrenceState, ...]
    tags: tuple[str, ...]
    error: str | None
    stopped: bool = False
    next_mark: Reason | None = None
    next_starts: datetime | None = None
    follows: tuple[str, ...] = ()
    external: bool = False
    ticking: bool = False

    @property
    def schedule_words(self) -> str:
        """What `schedule` says, in English."""
        return self.in_words()


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A diagnostic of a job file; line and column from 1."""

    file: str
    line: int
    column: int
    severity: str
    message: str
    hint: str
    source_line: str


class FileStanding(StrEnum):
    """How a job file stands: `denied` is not read at all, because of who could write it, or since it cannot be."""

    LIVE = "live"
    REFUSED = "refused"
    DENIED = "denied"
    UNWATCHED = "not watched here"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A job file as last read by an engine; a refused one leaves what ran before running.

    `denied`: it was refused for what it is, not for what stands in it. `watched` is false where the engine that serves
    the store reads other files and folders.
    """

    path: str
    root: str
    loaded: bool
    read_at: datetime
    jobs: tuple[str, ...]
    problems: tuple[FileProblem, ...]
    denied: bool = False
    watched: bool = True

    @property
    def standing(self) -> FileStanding:
        """How it stands now."""
        if not self.watched:
            return FileStanding.UNWATCHED
        if self.loaded:
            return FileStanding.LIVE
        return FileStanding.DENIED if self.denied else FileStanding.REFUSED


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Who serves the store. `since` is that engine's start, or when the last one was seen alive.

    `zone_warning` is not empty where it has other time-zone data than this program.
    `trouble`: why the one that serves starts nothing new, if so.
    """

    role: EngineRole
    host: str | None
    pid: int | None
    since: datetime | None
    error: str | None = None
    zone_warning: str = ""
    trouble: Reason | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of the header: what is live now, and what needs a look.

    `all_paused`: there are jobs whose schedules run, and each of them is paused.
    """

    jobs: int = 0
    running: int = 0
    queued: int = 0
    paused: int = 0
    refused_files: int = 0
    all_paused: bool = False
