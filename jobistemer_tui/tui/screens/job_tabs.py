"""The tabs of a job beside its occurrences: what each asks the store, and how its answer is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from jobistemer_tui.operations.configuration import Configuration
from jobistemer_tui.operations.contract import Operations
from jobistemer_tui.operations.read_models import JobDetail
from jobistemer_tui.operations.source import SourceText
from jobistemer_tui.operations.statistics import Statistics
from jobistemer_tui.settings.quick_dataclass import dataclass
from jobistemer_tui.tui.feed_worker import Read
from jobistemer_tui.tui.presentation.config_text import config_lines
from jobistemer_tui.tui.presentation.job_rows import Viewpoint
from jobistemer_tui.tui.presentation.lines import Line
from jobistemer_tui.tui.presentation.schedule_text import schedule_lines
from jobistemer_tui.tui.presentation.source_text import source_lines
from jobistemer_tui.tui.presentation.stats_text import stats_lines
from jobistemer_tui.tui.read_values import TabRead, TabValue


class Tab(StrEnum):
    """The parts of a job's screen, in the order of the tabs."""

    OCCURRENCES = "Occurrences"
    SCHEDULE = "Schedule"
    CONFIG = "Config"
    VERSIONS = "Versions"
    STATS = "Stats"
    SOURCE = "Source"

    def beside(self, step: int) -> Tab:
        """The tab so many places on, round and round."""
        tabs = list(Tab)
        return tabs[(tabs.index(self) + step) % len(tabs)]


def tab_question(tab: Tab, job: str, view: Viewpoint) -> Read | None:
    """What a tab needs beside the job itself and its occurrences."""
    read = _READS.get(tab)
    if read is None:
        return None
    return lambda operations: TabRead(job, tab, read(operations, job, view))


def _statistics(operations: Operations, job: str, view: Viewpoint) -> TabValue:
    return operations.statistics(job, view.style.zone)


def _source(operations: Operations, job: str, view: Viewpoint) -> TabValue:
    source = operations.source(job)
    source_lines(source, 80, dark=view.dark)  # colours take long; here, in the feed's thread, nobody waits for them
    return source


_READS: Final[dict[Tab, Callable[[Operations, str, Viewpoint], TabValue]]] = {
    Tab.CONFIG: lambda operations, job, _: operations.configuration(job),
    Tab.VERSIONS: lambda operations, job, _: tuple(operations.versions(job)),
    Tab.STATS: _statistics,
    Tab.SOURCE: _source,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tab is written from."""

    detail: JobDetail | None
    value: TabValue | None
    view: Viewpoint
    everything: bool

    def lines(self, tab: Tab, width: int) -> Sequence[Line]:
        """The lines of a tab that is a text."""
        dark = self.view.dark
        match self.value:
            case Statistics() if tab is Tab.STATS:
                return stats_lines(self.value, self.view, width)
            case Configuration() if tab is Tab.CONFIG:
                return config_lines(self.value, width, dark=dark, everything=self.everything)
            case SourceText() if tab is Tab.SOURCE:
                return source_lines(self.value, width, dark=dark)
            case _ if tab is Tab.SCHEDULE and self.detail is not None:
                return schedule_lines(self.detail, self.view, width)
            case _:
                return [Line()]
