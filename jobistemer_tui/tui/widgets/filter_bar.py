"""The row above a table: the filter at the left, the figures at the right."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from .drawn import Drawn


class FilterBar(Horizontal):
    """Shows how many rows there are; `open` lets a person type a filter, which stays until it is cleared."""

    class Changed(Message):
        """The filter has another text now."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query_text = query

    class Left(Message):
        """The person is done typing; the keys go back to the table."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only
        self._facts = Drawn(ascii_only=ascii_only, classes="facts")
        self._input = Input(placeholder="filter: words, tag:x, status:fail,miss", compact=True, select_on_focus=False)
        self._input.cursor_blink = False

    def compose(self) -> ComposeResult:
        """A slash, the input (once opened), and the figures."""
        yield self._input
        yield self._facts

    def on_mount(self) -> None:
        """The input takes no room before `/` is pressed."""
        self._input.display = False

    @property
    def text(self) -> str:
        """The filter."""
        return self._input.value

    @property
    def is_open(self) -> bool:
        """Whether a filter is being typed or in force."""
        return self._input.display

    def open(self) -> None:
        """Show the input and give it the keys."""
        self._input.display = True
        self.screen.set_focus(self._input)

    def clear(self) -> None:
        """Drop the filter and hide the input."""
        self._input.value = ""
        self._input.display = False

    def facts(self, text: str) -> None:
        """What stands at the right."""
        self._facts.show(lambda width: _right_aligned(text, width))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Tell the screen."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter keeps the filter; an empty one is put away."""
        event.stop()
        if not event.value:
            self.clear()
        self.post_message(self.Left())


def _right_aligned(text: str, width: int) -> Text:
    return Text(f"{text} ".rjust(width)[-width:] if width else "", "dim")
