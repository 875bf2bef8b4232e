"""A table whose cursor stays on its row while rows come, go and change.

It is drawn line by line, and only what is seen is made: ten thousand rows cost as little as thirty. (Textual's own
table measures every row that is added, and draws every cell anew when one changes.)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from jobistemer_tui.tui.presentation.rows import Column, LazyRows, TableRow

from .drawn import same_text

Rows = Sequence[TableRow] | LazyRows
_CURSOR, _MARK = "▌", "◆"
_CURSOR_WIDTH = 2


class RowTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a key; the keys that move the cursor belong to the screen.

    The mouse moves the cursor with a click and opens with a second one.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-table--header", "row-table--cursor", "row-table--hover"}

    class RowHighlighted(Message, namespace="data_table"):
        """The cursor is on another row."""

    class RowSelected(Message, namespace="data_table"):
        """The row under the cursor was clicked."""

    def __init__(self, *, show_header: bool = True, id: str | None = None) -> None:
        super().__init__(id=id)
        self.show_header = show_header
        self._columns: tuple[Column, ...] = ()
        self._rows: Rows = ()
        self._keys: Sequence[str] = ()
        self._index: Mapping[str, int] = {}
        self._cursor = 0
        self._is_touched = False
        self._hovered: int | None = None
        self._drawn: dict[str, tuple[TableRow, str, bool, Style, Strip]] = {}
        self._marks: set[str] = set()

    @property
    def marked_keys(self) -> Sequence[str]:
        """The keys of the rows that a person has marked, in order; one that is not shown is not among them."""
        return [key for key in self._keys if key in self._marks] if self._marks else ()

    def toggle_mark(self) -> None:
        """Mark the row under the cursor, or no longer."""
        key = self.selected_key
        if key is not None:
            self._is_touched = True
            self._marks ^= {key}
            self.refresh_line(self._top + self._cursor)

    def clear_marks(self) -> bool:
        """No row is marked any more; False if none was."""
        marked, self._marks = self._marks, set()
        if marked:
            self.refresh()
        return bool(marked)

    @property
    def selected_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._keys[self._cursor] if self._cursor < len(self._keys) else None

    @property
    def cursor_row(self) -> int:
        """The number of the row under the cursor, from 0."""
        return self._cursor

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all rows, in order."""
        return self._keys

    @property
    def line_width(self) -> int:
        """The cells that all columns take together."""
        return _CURSOR_WIDTH + sum(column.width + 1 for column in self._columns)

    @property
    def page(self) -> int:
        """How many rows are visible."""
        return max(1, self.size.height - self._top)

    @property
    def _top(self) -> int:
        return int(self.show_header)

    def show(self, columns: tuple[Column, ...], rows: Rows, *, select: str | None = None) -> None:
        """Show these rows. The cursor goes to `select`, else stays on its row; before a person has pressed a key or
        clicked here it is no row of theirs yet, and stays on the first.

        Lazy ones are made when they are drawn.
        """
        before, was_in_sight, top = self.selected_key, self._is_in_sight, self._top_key
        keys = rows.keys if isinstance(rows, LazyRows) else [row.key for row in rows]
        other_columns, other_keys = columns != self._columns, keys is not self._keys and keys != self._keys
        if other_columns:
            self._columns, self._drawn = columns, {}
        if other_keys:
            self._keys, self._index = keys, {key: number for number, key in enumerate(keys)}
            self._drawn = {key: drawn for key, drawn in self._drawn.items() if key in self._index}
        self._rows = rows
        self.virtual_size = Size(self.line_width, self._top + len(keys))
        self._is_touched |= select in self._index
        target = select if select in self._index else before if self._is_touched else next(iter(keys), None)
        self._cursor = self._index.get(target or "", min(self._cursor, max(0, len(keys) - 1)))
        if was_in_sight or self.selected_key != before:
            self._keep_in_sight()
        elif top in self._index:
            self._scroll(self._index[top])
        if other_columns or other_keys or self.selected_key != before:
            self.refresh()
        else:
            self._refresh_changed()
        if self.selected_key != before:
            self.post_message(self.RowHighlighted())

    def _refresh_changed(self) -> None:
        """Most looks find a few rows changed, or none."""
        first = self.scroll_offset.y
        for number in range(first, min(first + self.page, len(self._keys))):
            known = self._drawn.get(self._keys[number])
            if known is None or not _same(known[0], self._rows[number]):
                self.refresh_line(self._top + number)

    def move_by(self, rows: int) -> None:
        """Move the cursor, stopping at the ends."""
        self._move_to(self._cursor + rows)

    def _move_to(self, row: int) -> None:
        row = min(max(row, 0), len(self._keys) - 1)
        if row in (self._cursor, -1):
            return
        before, self._cursor = self._cursor, row
        self._keep_in_sight()
        for number in (before, row):
            self.refresh_line(self._top + number)
        self.post_message(self.RowHighlighted())

    @property
    def _is_in_sight(self) -> bool:
        """Whether the cursor is; the wheel leaves it behind, until a key is pressed."""
        first = self.scroll_offset.y
        return not self.size.height or first <= self._cursor < first + self.page

    @property
    def _top_key(self) -> str:
        """The key of the first row in sight."""
        return next(iter(self._keys[self.scroll_offset.y : self.scroll_offset.y + 1]), "")

    def _keep_in_sight(self) -> None:
        first, page = self.scroll_offset.y, self.page
        if not self._is_in_sight:
            self._scroll(self._cursor if self._cursor < first else self._cursor - page + 1)

    def _scroll(self, first: int) -> None:
        """More rows than fit may have come since the last layout, and without a scrollbar nothing scrolls."""
        self._refresh_scrollbars()
        self.scroll_to(y=first, animate=False)

    def render_line(self, y: int) -> Strip:
        """The header, a row, or nothing."""
        width, base = self.size.width, self.rich_style
        if y < self._top:
            cells = [Text(column.label, no_wrap=True) for column in self._columns]
            return self._strip("", cells, self.get_component_rich_style("row-table--header"))
        number = y - self._top + self.scroll_offset.y
        if number >= len(self._keys):
            return Strip.blank(width, base)
        return self._row_strip(number, base).crop_extend(0, width, base)

    def _row_strip(self, number: int, base: Style) -> Strip:
        """A row as it was drawn before, unless it or its place under cursor and mouse has changed."""
        row, is_cursor, is_hovered = self._rows[number], number == self._cursor, number == self._hovered
        style = base
        if is_cursor or is_hovered:
            part = "row-table--cursor" if is_cursor else "row-table--hover"
            style = base + self.get_component_rich_style(part, partial=True)
        known = self._drawn.get(row.key)
        sign = (_CURSOR if is_cursor else " ") + (_MARK if row.key in self._marks else " ")
        if known is not None and known[1:4] == (sign, is_hovered, style) and _same(known[0], row):
            return known[4]
        strip = self._strip(sign, row.cells, style)
        self._drawn[row.key] = (row, sign, is_hovered, style, strip)
        return strip

    def _strip(self, mark: str, cells: Sequence[Text], style: Style) -> Strip:
        segments = self._part(Text(mark.ljust(_CURSOR_WIDTH), "bold"), _CURSOR_WIDTH)
        for column, cell in zip(self._columns, cells, strict=True):
            segments.extend(self._part(cell, column.width + 1))
        return Strip(Segment.apply_style(segments, style))

    def _part(self, text: Text, width: int) -> list[Segment]:
        """A cell. It is no strip, which has seven caches of its own: there are three hundred cells on a screen."""
        console = self.app.console
        if text.spans:
            # Text draws its base style only where it also has spans, so it becomes one of another text.
            segments = list(Text(end="").append_text(text).render(console))
        else:
            segments = [Segment(text.plain, console.get_style(text.style, default=Style.null()))] if text.plain else []
        return Segment.adjust_line_length(segments, width)

    def notify_style_update(self) -> None:
        """Colours have changed."""
        super().notify_style_update()
        self._drawn = {}

    def on_resize(self) -> None:
        """What was in sight stays so."""
        self._keep_in_sight()

    def on_show(self) -> None:
        """It was hidden for want of rows, perhaps, and then lost the keys; nothing else may have them meanwhile."""
        if self.screen.focused is None and self.app.app_focus:
            self.focus(scroll_visible=False)

    def on_key(self) -> None:
        """From now on the cursor is where a person has seen it."""
        self._is_touched = True

    def on_click(self, event: events.Click) -> None:
        """To the row; a click on the one under the cursor opens it."""
        self._is_touched = True
        number = self._number_at(event.y)
        if number is None:
            return
        if number == self._cursor:
            self.post_message(self.RowSelected())
        self._move_to(number)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The row under the mouse is lit."""
        self._hover(self._number_at(event.y))

    def on_leave(self, event: events.Leave) -> None:
        """The mouse is elsewhere."""
        self._hover(None)

    def _hover(self, number: int | None) -> None:
        before, self._hovered = self._hovered, number
        for changed in {before, number} - {None} if before != number else ():
            self.refresh_line(self._top + (changed or 0))

    def _number_at(self, y: int) -> int | None:
        number = y - self._top + self.scroll_offset.y
        return number if y >= self._top and number < len(self._keys) else None


def _same(before: TableRow, after: TableRow) -> bool:
    return before is after or all(
        old is new or same_text(old, new) for old, new in zip(before.cells, after.cells, strict=True)
    )
