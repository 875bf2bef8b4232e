"""The views by number. Each is a mode of its own, so that it keeps its path while another one is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.binding import Binding

from .presentation.header_texts import Tab
from .screens.activity_screen import ActivityScreen
from .screens.agenda_screen import AgendaScreen
from .screens.feed_screen import FeedScreen
from .screens.files_screen import FilesScreen
from .screens.jobs_screen import JobsScreen
from .screens.nodes_screen import NodesScreen
from .screens.runs_screen import RunsScreen
from .shell import Shell

VIEWS: Final[tuple[tuple[Tab, Callable[[Shell], FeedScreen]], ...]] = (
    (Tab("jobs", "1", "Jobs"), JobsScreen),
    (Tab("runs", "2", "Runs"), RunsScreen),
    (Tab("agenda", "3", "Agenda"), AgendaScreen),
    (Tab("activity", "4", "Activity"), ActivityScreen),
    (Tab("files", "5", "Files", lambda counts: counts.refused_files), FilesScreen),
    (Tab("nodes", "6", "Nodes"), NodesScreen),
)
TABS: Final = tuple(tab for tab, _ in VIEWS)
VIEW_BINDINGS: Final = tuple(
    Binding(
        tab.key, f"show_view('{tab.mode}')", tab.name, show=False, tooltip=f"Show {tab.name}", id=f"view_{tab.mode}"
    )
    for tab in TABS
)
APP_KEYS: Final = {"quit": ("ctrl+q",), "interrupt": ("ctrl+c",), **{f"view_{tab.mode}": (tab.key,) for tab in TABS}}
"""The keys that work everywhere, by the id of their binding."""
