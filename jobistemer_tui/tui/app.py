"""The screen: views by number, themes, the clock, and the way out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.worker import Worker, WorkerState

from .actions import APP_KEYS
from .engine_watch import EngineWatch
from .kept_stylesheet import KeptStylesheet
from .leaving import hand_over, leave
from .messages import EngineMoved, Tick
from .preferences import Preferences
from .presentation.fitting import cleaned
from .screens.feed_screen import FeedScreen
from .shell import Shell
from .terminal_app import STOPPED, TerminalApp
from .theme_colours import Readable
from .views import APP_BINDINGS, TABS, VIEWS, palette

if TYPE_CHECKING:
    from jobistemer_tui.operations.contract import EngineHandle
    from jobistemer_tui.operations.screen_settings import ScreenFiles

    from .feed_worker import Feed


class JobistemerApp(TerminalApp[None]):
    """Jobs in a terminal."""

    TITLE = "Jobistemer"
    DEFAULT_MODE = VIEWS[0][0].mode
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "screens/feed_screen.tcss"]
    COMMANDS: ClassVar = {palette}
    BINDINGS: ClassVar[list[BindingType]] = [*APP_BINDINGS]

    def __init__(
        self,
        feed: Feed,
        engine: EngineHandle,
        *,
        home_label: str,
        log_file: str = "",
        read_only: bool = False,
        environ: Mapping[str, str] | None = None,
        settings: ScreenFiles | None = None,
        theme: str | None = None,
    ) -> None:
        """`home_label`, `log_file`: for a person to read; `environ` None: the process's; `theme` wins over settings."""
        super().__init__()
        known = dict(os.environ if environ is None else environ)
        self.feed = feed
        self.shell = Shell(feed.operations, engine, home_label, known, self.feed, self.typed_ahead)
        self.end = partial(hand_over, self, self.shell)
        self.shell.log_file, self.shell.read_only = log_file, read_only
        self.shell.own_tabs = self.shell.tabs = TABS
        self.shell.app_keys = APP_KEYS
        self.shell.begin.then(self.feed.go_on)
        self.shell.begin.then(engine.start)  # not before, as it would keep the first rows waiting
        self._engine_watch = EngineWatch(engine)
        self._readable = Readable()
        self._preferences = Preferences(self, self.shell, settings, theme)
        self._preferences.start()
        self.stylesheet = KeptStylesheet(self.get_css_variables())
        for tab, screen in VIEWS:
            self.add_mode(tab.mode, partial(screen, self.shell))

    def on_mount(self) -> None:
        """Start the feed and the clock, and show the first view."""
        self.theme_changed_signal.subscribe(self, self._on_theme)
        self.switch_mode(self._preferences.first_view())
        self._preferences.tell()
        self._start_feed()
        self.set_interval(1.0, self._tick)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Ours first, as they replace what we painted; last what makes all of it readable."""
        return [one for one in (*self._preferences.filters, *super().get_line_filters(), self._readable) if one.enabled]

    def on_unmount(self) -> None:
        """Let the feed's thread end."""
        self.feed.close()

    def _farewell(self) -> str:
        return STOPPED if self.shell.engine.role == "serving" else ""

    def _start_feed(self) -> None:
        if not self.feed.closed:
            self.run_worker(self.feed.run_in_thread(), name="feed", group="feed", exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A failed feed is started again; a failed change is shown."""
        if event.state is not WorkerState.ERROR:
            return
        if event.worker.group == "feed":
            self.set_timer(1.0, self._start_feed)
        else:
            self.notify(f"failed: {cleaned(str(event.worker.error))}", severity="error", markup=False)

    def _on_theme(self, theme: object) -> None:
        self._preferences.theme_chosen(self.current_theme)
        self._tell_screens(EngineMoved())

    def _tick(self) -> None:
        if self.terminal_is_gone:
            self.end()
        has_moved, words = self._engine_watch.look()
        if words:
            self.notify(words, severity="warning", timeout=10, markup=False)
        if has_moved:
            self.feed.refresh("shell")
        self._preferences.look()
        self._tell_screens(Tick())

    def _tell_screens(self, message: Tick | EngineMoved) -> None:
        for screen in reversed(self.screen_stack):
            if isinstance(screen, FeedScreen):
                screen.post_message(message)
                return

    def on_app_focus(self, event: events.AppFocus) -> None:
        """Look at the store four times a second."""
        self.feed.focus(True)

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Once a second is enough while nobody looks."""
        self.feed.focus(False)

    def action_show_view(self, mode: str) -> None:
        """Switch to a view; each remembers its path."""
        self.switch_mode(mode)

    def action_keys_help(self) -> None:
        """All keys of the present screen; the chosen action is done there."""
        from .keys_help import show_keys

        show_keys(self)

    async def action_quit(self) -> None:
        """Leave; asks first while this window runs something."""
        leaving = self.run_worker(leave(self, self.shell), name="leave", group="leave", exit_on_error=False)
        self.typed_ahead.hold_for(leaving, self.screen)
