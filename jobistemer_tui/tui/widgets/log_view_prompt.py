"""The row under a log in which a person types."""

from __future__ import annotations

from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label
from textual.widgets.input import Selection

_SIGNS: Final = {"search": "/", "filter": "&", "goto": "@"}
_SAVE_SIGNS: Final = ("save plain as ", "save in colour as ")
_HINTS: Final = {
    "search": "regular expression; empty ends the search",
    "filter": "lines to show; !x those without, +x or +!x with two lines around; empty shows all",
    "goto": "14:05  -5m  +5m  50%  or a line number",
    "save": "a new file",
}


class LogPrompt(Horizontal):
    """One line of input. `Entered` comes with Enter; the screen closes it. Tab saves with colours or without."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab,shift+tab", "colour", "plain or in colour", show=False)]

    DEFAULT_CSS = """
    LogPrompt { height: 1; display: none; background: $panel; }
    LogPrompt Label { width: auto; padding: 0 0 0 1; text-style: bold; }
    LogPrompt Input { width: 1fr; background: $panel; }
    """

    class Entered(Message):
        """Something was typed. `coloured`: what is saved keeps its colours."""

        def __init__(self, kind: str, text: str, coloured: bool) -> None:
            super().__init__()
            self.kind = kind
            self.text = text
            self.coloured = coloured

    def __init__(self) -> None:
        super().__init__()
        self._kind = ""
        self._coloured = False
        self._sign = Label("", markup=False)
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """The sign and the input."""
        yield self._sign
        yield self._input

    @property
    def is_open(self) -> bool:
        """Whether it takes the keys."""
        return self.display

    def open(self, kind: str, text: str) -> None:
        """Let a person type, beginning with `text`: what is typed takes its place, but for the name of a file."""
        self._kind = kind
        self._coloured = False
        self._show_sign()
        self._input.placeholder = _HINTS[kind]
        self._input.value = text
        start = len(text) if kind == "save" else 0
        self._input.selection = Selection(start, len(text))
        self.display = True
        self.screen.set_focus(self._input)  # at once: the next key is already text

    def _show_sign(self) -> None:
        sign = f"{_SAVE_SIGNS[self._coloured]}(tab) " if self._kind == "save" else _SIGNS[self._kind]
        self._sign.update(sign)

    def action_colour(self) -> None:
        """Save plain text, or with colours."""
        self._coloured = not self._coloured
        self._show_sign()

    def on_click(self, event: events.Click) -> None:
        """A click on the sign does it too."""
        if event.widget is self._sign and self._kind == "save":
            self.action_colour()

    def close(self) -> None:
        """Hide it."""
        self.display = False

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand over what was typed."""
        event.stop()
        self.post_message(self.Entered(self._kind, event.value, self._coloured))
