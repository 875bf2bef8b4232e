"""The views by number. Each is a mode of its own, so that it keeps its path while another one is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .presentation.header_texts import Tab
from .screens.feed_screen import FeedScreen
from .screens.files_screen import FilesScreen
from .screens.jobs_screen import JobsScreen
from .screens.runs_screen import RunsScreen
from .shell import Shell

VIEWS: Final[tuple[tuple[Tab, Callable[[Shell], FeedScreen]], ...]] = (
    (Tab("jobs", "1", "Jobs"), JobsScreen),
    (Tab("runs", "2", "Runs"), RunsScreen),
    (Tab("files", "5", "Files", lambda counts: counts.refused_files), FilesScreen),
)
TABS: Final = tuple(tab for tab, _ in VIEWS)
