"""Every action of the attempt log: its keys and words. The bindings, the footer and the keys help come from here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from jobistemer_tui.tui.actions import BY_ID, Action

if TYPE_CHECKING:
    from textual.binding import Binding

LOG: Final = "log"
_WHERE: Final = frozenset({LOG})

LOG_ACTIONS: Final = (
    Action("follow", ("f",), "follow", "Stay at the newest line as the log grows; scrolling up ends it", _WHERE,
           in_footer=True),
    Action("search", ("slash",), "search", "Search: a regular expression, small letters match both", _WHERE,
           in_footer=True, shown="/"),
    Action("filter", ("ampersand",), "filter",
           "Show matching lines only: !x those without, +x two lines around each; empty shows all", _WHERE,
           in_footer=True, shown="&"),
    Action("context", ("plus",), "context", "Two lines around each that the filter lets through, or none", _WHERE,
           shown="+"),
    Action("level", ("L",), "level", "The least level: all, info, warn, error", _WHERE, in_footer=True),
    Action("next_match", ("n",), "match", "The next line that matches the search", _WHERE),
    Action("previous_match", ("N",), "previous match", "The line before that matches the search", _WHERE),
    Action("next_problem", ("right_curly_bracket",), "error", "The next error or warning", _WHERE,
           in_footer=True, shown="}"),
    Action("previous_problem", ("left_curly_bracket",), "previous error", "The error or warning before", _WHERE),
    Action("goto", ("at",), "go to", "Go to a time 14:05, a distance -5m or +5m, a part 50%, or a line number",
           _WHERE, in_footer=True, shown="@", roomy=_WHERE),
    Action("wrap", ("w",), "wrap", "Break long lines, or cut them at the edge", _WHERE, in_footer=True),
    Action("time_column", ("t",), "time",
           "The time of each line: local, UTC, since the log began, since the line above, none", _WHERE,
           in_footer=True),
    Action("streams", ("b",), "stream", "Lines of both streams, of stdout, or of stderr", _WHERE),
    Action("mark", ("m",), "mark", "Mark the current line with the clock, or take its mark away", _WHERE,
           in_footer=True, roomy=_WHERE),
    Action("next_mark", ("apostrophe",), "next mark", "The next marked line", _WHERE, shown="'"),
    Action("previous_mark", ("quotation_mark",), "previous mark", "The marked line before", _WHERE, shown='"'),
    Action("save", ("s",), "save", "Save what is selected or shown as a text file, plain or with its colours", _WHERE,
           in_footer=True, roomy=_WHERE),
    Action("copy_line", ("y",), "copy", "Copy the selected lines, else the current one, to the clipboard", _WHERE,
           in_footer=True, roomy=_WHERE),
    Action("select_down", ("shift+down", "J"), "select down", "Select the line below too", _WHERE),
    Action("select_up", ("shift+up", "K"), "select up", "Select the line above too", _WHERE),
    Action("pager", ("O",), "pager", "Open what is selected or shown in $PAGER", _WHERE),
    Action("numbers", ("number_sign",), "numbers", "Number the lines, or not", _WHERE, shown="#"),
    Action("line_down", ("down", "j"), "down", "One line down", _WHERE, in_palette=False),
    Action("line_up", ("up", "k"), "up", "One line up", _WHERE, in_palette=False),
    Action("half_page_down", ("ctrl+d",), "half page down", "Half a page down", _WHERE, in_palette=False),
    Action("half_page_up", ("ctrl+u",), "half page up", "Half a page up", _WHERE, in_palette=False),
    Action("page_down", ("pagedown", "space"), "page down", "One page down", _WHERE, in_palette=False),
    Action("page_up", ("pageup",), "page up", "One page up", _WHERE, in_palette=False),
    Action("top", ("home", "g"), "top", "The first line", _WHERE, in_palette=False),
    Action("bottom", ("end", "G"), "bottom", "The last line; a log that grows is followed again", _WHERE,
           in_palette=False),
    Action("left", ("left",), "left", "Ten columns to the left", _WHERE, in_palette=False),
    Action("right", ("right",), "right", "Ten columns to the right", _WHERE, in_palette=False),
)  # fmt: skip

LOG_SCREEN_ACTIONS: Final = (
    Action("zoom", ("z",), "zoom", "Give the log the whole screen, or show what stands around it", _WHERE,
           in_footer=True, roomy=_WHERE),
    Action("toggle_detail", ("d",), "detail", "Show or hide facts, marks and errors beside the log", _WHERE),
    Action("previous_attempt", ("left_square_bracket",), "try", "The try before this one", _WHERE,
           in_footer=True, shown="["),
    Action("next_attempt", ("right_square_bracket",), "later try", "The try after this one", _WHERE),
    Action("leave", ("escape",), "back", "Drop the selection, else go back", _WHERE, in_footer=True, shown="esc",
           in_palette=False),
    Action("out", ("q",), "out", "Go back", _WHERE),
)  # fmt: skip


LOG_SHARED: Final = ("palette", "keys_help")
"""Actions of all screens that the log has, too."""


def _binding(action: Action) -> Binding:
    """The log's own names in a keymap begin with `log.`, as some are those of other screens."""
    return replace(action.binding, id=f"log.{action.id}")


def log_bindings() -> list[Binding]:
    """The bindings of the log view."""
    return [_binding(action) for action in LOG_ACTIONS]


def log_screen_bindings() -> list[Binding]:
    """The bindings of the screen around it."""
    shared = [BY_ID[id].binding for id in LOG_SHARED]
    return [*map(_binding, LOG_SCREEN_ACTIONS), *(replace(one, show=one.id != "palette") for one in shared)]
