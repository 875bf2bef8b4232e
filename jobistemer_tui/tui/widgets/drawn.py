"""Lines that are drawn anew for every width."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text
from textual.widget import Widget

Draw = Callable[[int], Text]


def same_text(one: Text, other: Text) -> bool:
    """Whether they look the same. Text itself compares its characters and spans, but no base style."""
    return one == other and one.style == other.style


def show_late(widget: Widget, shown: bool, mount: Callable[[], object]) -> None:
    """Show a widget, or not. It is mounted when it is first shown; most never are, and each takes its time."""
    if shown and widget.parent is None:
        mount()
    widget.display = shown


class Drawn(Widget):
    """Shows what `draw(width)` gives. What is drawn depends on values taken before, never on a clock."""

    ALLOW_SELECT = True

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw: Draw | None = None
        self._drawn: tuple[int, Text] | None = None
        self._lines = 0

    def show(self, draw: Draw) -> None:
        """Draw this from now on. A new layout is costly, so it is asked for only if the height changes."""
        before, drawn = self._lines, self._drawn
        self._draw, self._drawn = draw, None
        self._lines = self._count_lines(self.size.width) if self.styles.is_auto_height else 0
        if self._lines != before or drawn is None or not same_text(drawn[1], self._text(drawn[0])):
            self.refresh(layout=self._lines != before)

    def on_resize(self) -> None:
        """What fills its place may depend on how high that is: it was drawn for the height before."""
        if not self.styles.is_auto_height:
            self._drawn = None
            self.refresh()

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        """As many rows as the text has lines (for a height of `auto`)."""
        self._lines = self._count_lines(width)
        return self._lines

    def _count_lines(self, width: int) -> int:
        return 0 if self._draw is None else len(self._text(width).plain.split("\n"))

    def _text(self, width: int) -> Text:
        """What is drawn at a width: once, though layout and picture both need it."""
        if self._drawn is None or self._drawn[0] != width:
            text = Text() if self._draw is None else self._draw(width)
            text.no_wrap = True
            text.overflow = "ellipsis"
            self._drawn = width, text
        return self._drawn[1]

    def render(self) -> Text:
        """The text for the present width."""
        return self._text(self.size.width)
