"""The row above a table: the filter at the left, the figures at the right."""

from __future__ import annotations

from rich.cells import cell_len
from rich.text import Text
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input
from textual.widgets.input import Selection

from .drawn import Drawn


class FilterBar(Horizontal):
    """Shows what the list is and how many rows there are; `open` lets a person type a filter in place of the former.

    The filter stays until it is cleared.
    """

    DEFAULT_CSS = """
    FilterBar { height: 1; layout: horizontal; }
    FilterBar Input.-textual-compact { width: 2fr; padding: 0 1; background: $panel; }
    FilterBar .summary { width: 1fr; height: 1; }
    FilterBar .figures { width: 1fr; min-width: 12; height: 1; }
    """

    class Changed(Message):
        """The filter has another text now."""

        def __init__(self, query: str) -> None:
            super().__init__()
            self.query_text = query

    class Left(Message):
        """The person is done typing; the keys go back to the table."""

    def __init__(self, words: str) -> None:
        """`words` is what can be typed."""
        super().__init__()
        self._summary = Drawn(classes="summary")
        self._figures = Drawn(classes="figures")
        self._words = words
        self._input: Input | None = None  # one costs as much as all else here, and most lists are never filtered

    @property
    def text(self) -> str:
        """The filter."""
        return "" if self._input is None else self._input.value

    @property
    def is_open(self) -> bool:
        """Whether a filter is being typed or in force."""
        return self._input is not None and self._input.display

    def open(self) -> None:
        """Show the input and give it the keys; what is typed takes the place of the filter before."""
        self._fill()
        if self._input is None:
            self._input = Input(placeholder=f"filter: {self._words}", compact=True, select_on_focus=False)
            self._input.cursor_blink = False
            self.mount(self._input, before=self._figures)
        self._input.display = True
        self._input.selection = Selection(0, len(self.text))
        self.screen.set_focus(self._input)

    def clear(self) -> None:
        """Drop the filter and hide the input."""
        if self._input is not None:
            self._input.value = ""
            self._input.display = False

    def show(self, summary: Text | None, figures: str) -> None:
        """What stands at the left while no filter is open (None: nothing), and at the right."""
        self._fill()
        self._summary.display = summary is not None and not self.is_open
        self._figures.display = bool(figures)
        if summary is not None:
            self._summary.show(lambda width: summary)
        self._figures.styles.width = cell_len(figures) + 2 if self._summary.display else "1fr"
        self._figures.show(lambda width: _right_aligned(figures, width))

    def _fill(self) -> None:
        """With what the list is, and the figures; not before the row is shown, as the first picture would wait."""
        if not self.children:
            self.mount(self._summary, self._figures)

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
    return Text(f"{text} ".rjust(width)[:width] if width else "", "dim")
