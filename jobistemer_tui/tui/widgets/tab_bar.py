"""The names of the parts of a screen in a row; the one that is shown stands out, and a click shows another."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message

from .drawn import Drawn


class TabBar(Drawn):
    """One row of names, with a figure behind those that have one."""

    ALLOW_SELECT = False

    class Chosen(Message):
        """A name was clicked."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(classes="tabs")
        self._names = names

    def select(self, name: str, figures: dict[str, str]) -> None:
        """Show which part is shown; `figures` stand behind their names."""
        self.show(lambda width: self._names_text(name, figures, width))

    def _names_text(self, selected: str, figures: dict[str, str], width: int) -> Text:
        text = Text(no_wrap=True, end="")
        for name in self._names:
            figure = f" {figures[name]}" if figures.get(name) and name == selected else ""
            text.append(f" {name}{figure} ", "bold reverse" if name == selected else "")
        text.append(" " + "─" * max(0, width - cell_len(text.plain) - 1), "dim")
        text.truncate(width)
        return text

    def on_click(self, event: events.Click) -> None:
        """Show the part whose name was clicked."""
        place, text = 0, self.render().plain
        for name in self._names:
            start = text.find(f" {name}", place)
            place = start + len(name) + 2
            if start <= event.x < place:
                self.post_message(self.Chosen(name))
                return
