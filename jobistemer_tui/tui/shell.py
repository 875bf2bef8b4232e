"""What all screens share: the doors to the program, the feed, and how things look."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
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


class Shell:
    """State of the event loop's thread only; `feed` does its own locking.

    `tabs` are the views with the keys that they have now, `own_tabs` with their own; `app_keys` work everywhere.
    `together` are the acts that were done at once the last time that it was more than one.
    `hurried`: who leaves waits for live runs no longer.
    `begin` is called once what was read first, or why it cannot be read, is on the terminal.
    """

    def __init__(
        self, operations: Operations, engine: EngineHandle, home_label: str, environ: dict[str, str], feed: Feed,
        typed_ahead: TypedAhead,
    ) -> None:  # fmt: skip
        self.operations = operations
        self.engine = engine
        self.home_label = home_label
        self.environ = environ
        self.feed = feed
        self.typed_ahead = typed_ahead
        self.ascii = False
        self.log_file = ""
        self.read_only = False
        self.dark = True
        self.time_style = TimeStyle.RELATIVE
        self.detail_shown = True
        self.asking = False
        self.leaving = ""
        self.hurried = asyncio.Event()
        self.begin = Beginning()
        self.read: ShellRead | None = None
        self.failure = ""
        self.jobs: tuple[JobRow, ...] = ()
        self.together: tuple[Act, ...] = ()
        self.own_tabs: tuple[Tab, ...] = ()
        self.tabs: tuple[Tab, ...] = ()
        self.app_keys: Mapping[str, tuple[str, ...]] = {}
        self.options = ScreenOptions()
        self.keymap = Keymap()
        self.settings_problems: tuple[FileProblem, ...] = ()

    @property
    def view(self) -> Viewpoint:
        """The present point of view; the time is taken once per repaint, never while drawing."""
        return Viewpoint(self.operations.now(), self.time_style, self.dark)

    def engine_view(self, held: str = "") -> EngineView:
        """What the header says about the engine, or that the display is `held`."""
        status = self.read.engine if self.read else None
        all_paused = self.read is not None and self.read.counts.all_paused
        return EngineView(self.engine.role, status, self.leaving, all_paused, self.read_only, held)
