"""How a person wants the screen, read at the start and when `config.toml` changes; a chosen theme is remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.app import App
from textual.filter import LineFilter
from textual.theme import Theme

from jobistemer_tui.operations.screen_settings import ScreenFiles, ScreenSettings
from jobistemer_tui.settings.screen_options import Glyphs

from .actions import key_name
from .key_map import Keymap, judged_keymap
from .presentation.bars import place_words
from .presentation.moments import TimeStyle
from .presentation.status_marks import wants_ascii
from .reading import read_in_thread
from .settings_check import screen_problems
from .theme_colours import ThemeColours
from .themes import DARK, THEMES

if TYPE_CHECKING:
    from .shell import Shell

_TOLD: Final = 3


class Preferences:
    """Applies the settings to one app and its shell. `theme` is that of the command line, which wins."""

    def __init__(self, app: App[Any], shell: Shell, files: ScreenFiles | None, theme: str | None) -> None:
        self._colours = ThemeColours()
        self.filters: list[LineFilter] = [self._colours]
        self._app = app
        self._shell = shell
        self._files = files
        self._asked_theme = theme
        self._set_theme = ""
        self._stamp = files.stamp() if files is not None else None
        self._reading = False
        for known in THEMES:
            app.register_theme(known)

    def start(self) -> None:
        """Before anything is drawn."""
        settings = self._files.read() if self._files is not None else ScreenSettings()
        options, shell = settings.options, self._shell
        shell.ascii = options.glyphs is Glyphs.ASCII or (options.glyphs is Glyphs.AUTO and wants_ascii(shell.environ))
        if shell.ascii:
            from .ascii_only import AsciiOnly

            self.filters.insert(0, AsciiOnly())
            self._app.css_path.append(Path(__file__).with_name("ascii.tcss"))
            self._app.add_class("-ascii")
        shell.time_style = TimeStyle(options.time)
        shell.detail_shown = options.detail
        self._apply(settings)

    def first_view(self) -> str:
        """The mode to begin with."""
        modes = [tab.mode for tab in self._shell.tabs]
        wanted = self._shell.options.start_view
        return wanted if wanted in modes else modes[0]

    def look(self) -> None:
        """Called once a second: read the settings again if their file has changed."""
        if self._files is None or self._reading:
            return
        stamp = self._files.stamp()
        if stamp != self._stamp:
            self._stamp, self._reading = stamp, True
            self._app.run_worker(self._read_again(self._files), group="settings", exit_on_error=False)

    async def _read_again(self, files: ScreenFiles) -> None:
        try:
            settings = await read_in_thread(files.read)
        finally:
            self._reading = False
        self._apply(settings)
        if not self._shell.settings_problems:
            self._app.notify("settings of the screen read anew", timeout=3, markup=False)
        self.tell()

    def _apply(self, settings: ScreenSettings) -> None:
        shell, options = self._shell, settings.options
        keymap, of_keys = judged_keymap(settings, shell.app_keys)
        theme = self._theme(settings)
        shell.options, shell.keymap = options, keymap
        shell.settings_problems = screen_problems(settings, of_keys, themes=self._app.available_themes)
        shell.tabs = tuple(replace(tab, key=_tab_key(keymap, tab.mode, tab.key)) for tab in shell.own_tabs)
        shell.feed.set_intervals(options.poll, options.poll_unfocused)
        self._app.set_keymap(keymap.for_textual)
        if theme != self._set_theme:  # what a person chose in the screen stays, until the file says something else
            self._set_theme = theme
            self._app.theme = theme
            self.theme_chosen(self._app.current_theme)

    def _theme(self, settings: ScreenSettings) -> str:
        remembered = self._files.remembered_theme() if self._files is not None else None
        for name in (self._asked_theme, settings.options.theme, remembered):
            if name is not None and name in self._app.available_themes:
                return name
        return DARK.name

    def theme_chosen(self, theme: Theme) -> None:
        """Paint with its colours. One that a person chose is remembered; one of the settings needs no memory."""
        self._shell.dark = theme.dark
        self._colours.use(theme)
        name = theme.name
        if name == self._set_theme or self._files is None:
            return
        self._set_theme = name
        self._files.remember_theme(name)
        if self._asked_theme or self._shell.options.theme:
            self._app.notify("for this window; --theme or config.toml says which one to begin with", markup=False)

    def tell(self) -> None:
        """Say what is wrong with the settings."""
        problems = self._shell.settings_problems
        for problem in problems[:_TOLD]:
            self._app.notify(place_words(problem), severity="error", timeout=15, markup=False)
        if len(problems) > _TOLD:
            self._app.notify(f"and {len(problems) - _TOLD} more", severity="error", timeout=15, markup=False)


def _tab_key(keymap: Keymap, mode: str, key: str) -> str:
    """What the header calls the key of a view."""
    return key_name(keymap.moved.get(f"view_{mode}", (key,))[0])
