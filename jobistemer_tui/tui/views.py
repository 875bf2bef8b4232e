"""The views by number. Each is a mode of its own, so that it keeps its path while another one is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from textual.binding import Binding
from textual.command import Provider

from jobistemer_tui.settings.deferred import deferred

from .actions import ACTIVITY, AGENDA, FILES, JOBS, NODES, RUNS, VIEW_KEYS
from .presentation.header_texts import Tab

if TYPE_CHECKING:
    from jobistemer_tui.operations.read_models import Counts

    from .screens import activity_screen, agenda_screen, files_screen, jobs_screen, nodes_screen, runs_screen
    from .screens.feed_screen import FeedScreen
    from .shell import Shell
else:
    activity_screen = deferred("jobistemer_tui.tui.screens.activity_screen")
    agenda_screen = deferred("jobistemer_tui.tui.screens.agenda_screen")
    files_screen = deferred("jobistemer_tui.tui.screens.files_screen")
    jobs_screen = deferred("jobistemer_tui.tui.screens.jobs_screen")
    nodes_screen = deferred("jobistemer_tui.tui.screens.nodes_screen")
    runs_screen = deferred("jobistemer_tui.tui.screens.runs_screen")


def palette() -> type[Provider]:
    """The one provider of commands, imported when the palette is first opened."""
    from .commands import Commands

    return Commands


def _refused_files(counts: Counts) -> int:
    return counts.refused_files


VIEWS: Final[tuple[tuple[Tab, Callable[[Shell], FeedScreen]], ...]] = (
    (Tab(JOBS, VIEW_KEYS[JOBS], "Jobs"), lambda shell: jobs_screen.JobsScreen(shell)),
    (Tab(RUNS, VIEW_KEYS[RUNS], "Runs"), lambda shell: runs_screen.RunsScreen(shell)),
    (Tab(AGENDA, VIEW_KEYS[AGENDA], "Agenda"), lambda shell: agenda_screen.AgendaScreen(shell)),
    (Tab(ACTIVITY, VIEW_KEYS[ACTIVITY], "Activity"), lambda shell: activity_screen.ActivityScreen(shell)),
    (Tab(FILES, VIEW_KEYS[FILES], "Files", _refused_files), lambda shell: files_screen.FilesScreen(shell)),
    (Tab(NODES, VIEW_KEYS[NODES], "Nodes"), lambda shell: nodes_screen.NodesScreen(shell)),
)
TABS: Final = tuple(tab for tab, _ in VIEWS)
APP_BINDINGS: Final = (
    Binding("ctrl+q", "quit", "quit", tooltip="Leave the program", show=False, priority=True, id="quit"),
    Binding("ctrl+c", "quit", "quit", tooltip="Leave the program", show=False, id="interrupt"),
    Binding("ctrl+z", "suspend_process", "to the shell", tooltip="Put the program aside until `fg`", show=False,
            priority=True, id="suspend"),
    *(
        Binding(tab.key, f"show_view('{tab.mode}')", tab.name, show=False, tooltip=f"Show {tab.name}",
                id=f"view_{tab.mode}")
        for tab in TABS
    ),
)  # fmt: skip
