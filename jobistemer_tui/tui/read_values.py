"""What the feed reads for the screens, by kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.first_values import FirstJobsRead as FirstJobsRead
from jobistemer_tui.tui.first_values import Gone as Gone
from jobistemer_tui.tui.first_values import JobRead as JobRead
from jobistemer_tui.tui.first_values import JobsRead as JobsRead
from jobistemer_tui.tui.first_values import ShellRead as ShellRead

if TYPE_CHECKING:
    from jobistemer_tui.domain.file_plan import FilePlan
    from jobistemer_tui.operations.agenda import Agenda
    from jobistemer_tui.operations.configuration import Configuration
    from jobistemer_tui.operations.nodes import NodeRow
    from jobistemer_tui.operations.queries_gaps import GapRow
    from jobistemer_tui.operations.read_models import (
        ActivityRow,
        FileRow,
        JobRow,
        OccurrenceDetail,
        OccurrenceRow,
        RunRow,
        VersionRow,
    )
    from jobistemer_tui.operations.source import SourceText
    from jobistemer_tui.operations.statistics import Statistics
    from jobistemer_tui.operations.why_answer import Fact

    from .log_tail import TailLine


@dataclass(frozen=True, slots=True)
class NodesRead:
    """The nodes, by name."""

    rows: tuple[NodeRow, ...]


@dataclass(frozen=True, slots=True)
class NodeRunsRead:
    """What a node runs, then what ended there last."""

    node: str
    rows: tuple[RunRow, ...]


@dataclass(frozen=True, slots=True)
class RunsRead:
    """The occurrences of a job, newest first."""

    job: str
    rows: tuple[OccurrenceRow, ...]


@dataclass(frozen=True, slots=True)
class LiveRead:
    """What runs, waits and ended last, and all jobs."""

    rows: tuple[RunRow, ...]
    jobs: tuple[JobRow, ...]


@dataclass(frozen=True, slots=True)
class ActivityRead:
    """A page of the audit, newest first; lines before number `oldest` were not looked at (0: there are none)."""

    rows: tuple[ActivityRow, ...]
    oldest: int
    has_newer: bool


@dataclass(frozen=True, slots=True)
class AgendaRead:
    """What is to come in a window of a length in words, so many lengths from now."""

    agenda: Agenda
    word: str
    shift: int


@dataclass(frozen=True, slots=True)
class OccurrenceRead:
    """One occurrence; `tail` are the last log lines of the try that failed or runs, where they were asked for."""

    detail: OccurrenceDetail
    tail: tuple[TailLine, ...] = ()


@dataclass(frozen=True, slots=True)
class BeforeRead:
    """A run of the same job that ended before."""

    detail: OccurrenceDetail


@dataclass(frozen=True, slots=True)
class StoryRead:
    """What happened to an occurrence, in order."""

    of: UUID
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class TailRead:
    """The last lines of an attempt's log."""

    attempt_id: str
    lines: tuple[TailLine, ...]


@dataclass(frozen=True, slots=True)
class FilesRead:
    """All job files, what their newest change did, and what an engine would do now (None: one is up and does it)."""

    rows: tuple[FileRow, ...]
    last: FilePlan | None
    pending: FilePlan | None


TabValue: TypeAlias = "Statistics | Configuration | SourceText | tuple[VersionRow, ...]"


@dataclass(frozen=True, slots=True)
class TabRead:
    """What a tab of a job shows."""

    job: str
    tab: str
    value: TabValue


@dataclass(frozen=True, slots=True)
class GapsRead:
    """What was missed, and what became of it."""

    rows: tuple[GapRow, ...]


ReadValue = (
    ShellRead
    | NodesRead
    | NodeRunsRead
    | AgendaRead
    | ActivityRead
    | LiveRead
    | JobsRead
    | FirstJobsRead
    | JobRead
    | RunsRead
    | OccurrenceRead
    | BeforeRead
    | StoryRead
    | TailRead
    | FilesRead
    | TabRead
    | GapsRead
    | Gone
)
