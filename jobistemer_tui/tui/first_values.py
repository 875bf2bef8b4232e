"""What the feed reads for the first picture. Apart from others, as making a class takes time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobistemer_tui.settings.quick_dataclass import dataclass

if TYPE_CHECKING:
    from jobistemer_tui.operations.queries_gaps import Held
    from jobistemer_tui.operations.read_models import (
        Counts,
        EngineStatus,
        FileRow,
        JobDetail,
        JobRow,
        OccurrenceDetail,
        OccurrenceRow,
    )

    from .log_tail import TailLine


@dataclass(frozen=True, slots=True)
class ShellRead:
    """What the header shows."""

    counts: Counts
    engine: EngineStatus
    files: tuple[FileRow, ...]
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class JobsRead:
    """All jobs, by name."""

    rows: tuple[JobRow, ...]


@dataclass(frozen=True, slots=True)
class FirstJobsRead:
    """The first of `total` jobs."""

    rows: tuple[JobRow, ...]
    total: int


@dataclass(frozen=True, slots=True)
class JobRead:
    """One job with its newest occurrence; `tail` are the last log lines of the try that failed or runs.

    `past` are its newest occurrences, the newest first, where they were asked for.
    """

    detail: JobDetail
    last: OccurrenceDetail | None
    tail: tuple[TailLine, ...] = ()
    past: tuple[OccurrenceRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Gone:
    """What was asked for no longer exists; the words say what."""

    words: str
