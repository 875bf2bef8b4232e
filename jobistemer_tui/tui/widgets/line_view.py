"""Lines of text that scroll, under a cursor that stays on its line; only what is visible is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jobistemer_tui.tui.presentation.lines import Line

DrawLines = Callable[[int], Sequence[Line]]
_MARGIN = 2
_WHEEL_ROWS = 3


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows what `draw(width)` gives, in lines of at most so many cells; the keys belong to the screen."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"line-view--cursor"}
    DEFAULT_CSS = """
    LineView { height: 1fr; background: $background; overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable;
        scrollbar-size-vertical: 1; }
    LineView > .line-view--cursor { background: $block-cursor-blurred-background; }
    """

    class Opened(Message):
        """The line under the cursor was clicked a second time."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._draw: DrawLines | None = None
        self._drawn_at = -1
        self.lines: Sequence[Line] = ()
        self.cursor = 0

    def show(self, draw: DrawLines, *, cursor: int | None = None) -> None:
        """Show this from now on. The cursor keeps its line number, or goes to `cursor`."""
        self._draw = draw
        self._drawn_at = -1
        if cursor is not None:
            self.cursor = cursor
        self._layout_lines()
        if cursor is not None:
            self._reveal(centre=True)

    @property
    def keys(self) -> Sequence[int]:
        """The numbers of all lines."""
        self._make_lines()
        return range(len(self.lines))

    @property
    def page(self) -> int:
        """How many lines are visible."""
        return max(1, self.size.height)

    @property
    def selected(self) -> Line | None:
        """The line under the cursor."""
        return self.lines[self.cursor] if self.cursor < len(self.lines) else None

    @property
    def plain(self) -> str:
        """All lines as text."""
        return "\n".join(line.text.plain.rstrip() for line in self.lines) + "\n"

    def move_by(self, rows: int) -> None:
        """Move the cursor, stopping at the ends."""
        self._make_lines()
        self.cursor = min(max(self.cursor + rows, 0), max(0, len(self.lines) - 1))
        self._reveal()
        self.refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Lines depend on the width."""
        self._layout_lines()

    def _make_lines(self) -> None:
        """A key may come before there is a place for them, and so a width."""
        if self._drawn_at < 0:
            self.screen._refresh_layout()
            self._layout_lines()

    def _layout_lines(self) -> None:
        width = self._text_width
        if self._draw is None or width <= 0:
            return
        if width != self._drawn_at:
            self._drawn_at = width
            self.lines = self._draw(width)
            self.cursor = min(self.cursor, max(0, len(self.lines) - 1))
            self.virtual_size = Size(self.scrollable_content_region.width, len(self.lines))
        self.refresh()

    @property
    def _text_width(self) -> int:
        return self.scrollable_content_region.width - _MARGIN

    def _reveal(self, *, centre: bool = False) -> None:
        top, height = round(self.scroll_offset.y), self.page
        wanted = top
        if self.cursor < top or centre:
            wanted = self.cursor - (height // 3 if centre else 0)
        elif self.cursor >= top + height:
            wanted = self.cursor - height + 1
        if wanted != top:
            self._refresh_scrollbars()  # more lines than fit may have come since the last layout
            self.scroll_to(y=max(0, wanted), animate=False, immediate=True)

    def render_line(self, y: int) -> Strip:
        """One screen row."""
        index, width = y + round(self.scroll_offset.y), self.scrollable_content_region.width
        if index >= len(self.lines):
            return Strip.blank(width, self.rich_style)
        here = index == self.cursor and self.has_focus
        base = self.rich_style
        if here:
            base += self.get_component_rich_style("line-view--cursor", partial=True)
        cursor = Segment("▌ " if here else "  ", base + Style(bold=True))
        return Strip([cursor, *_segments(self.lines[index].text, self, base)]).adjust_cell_length(width, base)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the view."""
        event.stop()
        self.scroll_relative(y=_WHEEL_ROWS, animate=False)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the view."""
        event.stop()
        self.scroll_relative(y=-_WHEEL_ROWS, animate=False)

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one opens the line."""
        index = event.y + round(self.scroll_offset.y)
        if index >= len(self.lines):
            return
        if index == self.cursor:
            self.post_message(self.Opened())
        self.cursor = index
        self.refresh()


def _segments(text: Text, view: LineView, base: Style) -> list[Segment]:
    """The text with the style of the widget below its own."""
    console = view.app.console
    line = text.copy()
    line.end = ""
    # A text without spans is rendered without its own style.
    base += console.get_style(line.style) if isinstance(line.style, str) else line.style
    return [Segment(segment.text, base + segment.style if segment.style else base) for segment in line.render(console)]
