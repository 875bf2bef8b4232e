"""What all screens share: the doors to the program, the feed, and how things look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobistemer_tui.settings.screen_options import ScreenOptions

from .beginning import Beginning
from .key_map import Keymap
from .presentation.header_texts import EngineView, Tab
from .presentation.job_rows import Viewpoint
from .presentation.moments import TimeStyle

if TYPE_CHECKING:
    from jobistemer_tui.domain.acts import Act
    from jobistemer_tui.operations.contract import EngineHandle, Operations
    from jobistemer_tui.operations.job_models import FileProblem, JobRow

    from .feed_worker import Feed
    from .read_values import ShellRead
    from .typed_ahead import TypedAhead


@dataclass(slots=True, eq=False, repr=False)  # which would be written and compiled at each start
class Shell:
    """State of the event loop's thread only; `feed` does its own locking.

    `tabs` are the views with the keys that they have now, `own_tabs` with their own; `app_keys` work everywhere.
    `together` are the acts that were done at once the last time that it was more than one.
    `begin` is called once what was read first, or why it cannot be read, is on the terminal.
    """

    operations: Operations
    engine: EngineHandle
    home_label: str
    environ: dict[str, str]
    ascii: bool
    feed: Feed
    typed_ahead: TypedAhead
    log_file: str = ""
    read_only: bool = False
    dark: bool = True
    time_style: TimeStyle = TimeStyle.RELATIVE
    detail_shown: bool = True
    asking: bool = False
    leaving: str = ""
    begin: Beginning = field(default_factory=Beginning)
    read: ShellRead | None = None
    failure: str = ""
    jobs: tuple[JobRow, ...] = ()
    together: tuple[Act, ...] = ()
    own_tabs: tuple[Tab, ...] = ()
    tabs: tuple[Tab, ...] = ()
    app_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: ScreenOptions = field(default_factory=ScreenOptions)
    keymap: Keymap = field(default_factory=Keymap)
    settings_problems: tuple[FileProblem, ...] = ()

    @property
    def view(self) -> Viewpoint:
        """The present point of view; the time is taken once per repaint, never while drawing."""
        return Viewpoint(self.operations.now(), self.time_style, self.dark)

    def engine_view(self, held: str = "") -> EngineView:
        """What the header says about the engine, or that the display is `held`."""
        status = self.read.engine if self.read else None
        all_paused = self.read is not None and self.read.counts.all_paused
        return EngineView(self.engine.role, status, self.leaving, all_paused, self.read_only, held)
