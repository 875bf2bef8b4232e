"""How a person wants the screen: `[screen]` of `config.toml`."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from jobistemer_tui.settings.quick_dataclass import dataclass


class Glyphs(StrEnum):
    """What the screen draws with; `auto` looks at the terminal and the locale."""

    AUTO = "auto"
    UNICODE = "unicode"
    ASCII = "ascii"


class Times(StrEnum):
    """How instants are written at the start."""

    RELATIVE = "relative"
    LOCAL = "local"
    UTC = "UTC"


class LogTimes(StrEnum):
    """How the times of a log's lines are written at the start."""

    LOCAL = "local"
    UTC = "UTC"
    RELATIVE = "relative"
    DELTA = "delta"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """`poll` and `poll_unfocused`: seconds between two looks at the store, while the terminal has the focus and not.

    `theme` None: the one that was chosen last. `hide_columns` are the names of columns of the lists, as in their heads.
    `confirm_skip`, `confirm_stop`: whether skipping a run and stopping a schedule, which can be undone, ask first.
    """

    theme: str | None = None
    glyphs: Glyphs = Glyphs.AUTO
    time: Times = Times.RELATIVE
    start_view: str = "jobs"
    detail: bool = True
    hide_columns: tuple[str, ...] = ()
    confirm_skip: bool = True
    confirm_stop: bool = True
    poll: float = 0.25
    poll_unfocused: float = 1.0
    log_time: LogTimes = LogTimes.LOCAL
    log_wrap: bool = False


THEMES: Final = (
    "jobistemer-dark",
    "jobistemer-light",
    "jobistemer-high-contrast",
    "ansi-dark",
    "ansi-light",
    "atom-one-dark",
    "atom-one-light",
    "catppuccin-frappe",
    "catppuccin-latte",
    "catppuccin-macchiato",
    "catppuccin-mocha",
    "dracula",
    "flexoki",
    "gruvbox",
    "monokai",
    "nord",
    "rose-pine",
    "rose-pine-dawn",
    "rose-pine-moon",
    "solarized-dark",
    "solarized-light",
    "textual-dark",
    "textual-light",
    "tokyo-night",
)
"""Ours, and those that come with the screen's library."""
DEFAULTS: Final = ScreenOptions()
