"""A table whose cursor stays on its row while rows come, go and change."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.widgets import DataTable

from jobistemer_tui.tui.presentation.rows import Column, TableRow

from .drawn import adapted

_CURSOR = "▌"
_CURSOR_COLUMN = "cursor"


class RowTable(DataTable[Text], inherit_bindings=False):
    """Rows with a key; the keys that move the cursor belong to the screen.

    Columns have fixed widths: measuring a column at every change would take seconds in a long table.
    """

    def __init__(self, *, ascii_only: bool, show_header: bool = True, id: str | None = None) -> None:
        super().__init__(
            id=id,
            cursor_type="row",
            zebra_stripes=False,
            cell_padding=0,
            show_header=show_header,
            cursor_foreground_priority="renderable",
        )
        self._ascii_only = ascii_only
        self._shown_columns: tuple[Column, ...] = ()
        self._shown_rows: dict[str, tuple[Text, ...]] = {}
        self._keys: list[str] = []
        self._marked: str | None = None

    @property
    def selected_key(self) -> str | None:
        """The key of the row under the cursor."""
        return self._keys[self.cursor_row] if 0 <= self.cursor_row < len(self._keys) else None

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all rows, in order."""
        return self._keys

    def show(self, columns: tuple[Column, ...], rows: Sequence[TableRow], *, select: str | None = None) -> None:
        """Show these rows; only changed cells are touched. The cursor goes to `select`, else stays on its row."""
        keys, before = [row.key for row in rows], self.selected_key
        if columns != self._shown_columns:
            self._set_columns(columns)
        target = select if select in keys else before
        if keys == self._keys:
            self._update_cells(rows)
        else:
            self._refill(rows, keys, target)
        if target in keys and self._keys.index(target) != self.cursor_row:
            self.move_cursor(row=self._keys.index(target), animate=False)
        self._mark_cursor()

    def move_by(self, rows: int) -> None:
        """Move the cursor, stopping at the ends."""
        if self._keys:
            self.move_cursor(row=min(max(self.cursor_row + rows, 0), len(self._keys) - 1), animate=False)
            self._mark_cursor()

    def select(self, key: str) -> None:
        """Put the cursor on a row."""
        if key in self._keys:
            self.move_cursor(row=self._keys.index(key), animate=False)
            self._mark_cursor()

    @property
    def page(self) -> int:
        """How many rows are visible."""
        return max(1, self.size.height - int(self.show_header))

    def on_data_table_row_highlighted(self) -> None:
        """The mouse moved the cursor."""
        self._mark_cursor()

    def _set_columns(self, columns: tuple[Column, ...]) -> None:
        self.clear(columns=True)
        self._keys, self._shown_rows, self._marked = [], {}, None
        self._shown_columns = columns
        self.add_column(Text(" "), width=2, key=_CURSOR_COLUMN)
        for column in columns:
            self.add_column(Text(column.label, no_wrap=True), width=column.width + 1, key=column.key)

    def _update_cells(self, rows: Sequence[TableRow]) -> None:
        for row in rows:
            old = self._shown_rows[row.key]
            for column, before, after in zip(self._shown_columns, old, row.cells, strict=True):
                if not _same(before, after):
                    self.update_cell(row.key, column.key, adapted(after, ascii_only=self._ascii_only))
            self._shown_rows[row.key] = row.cells

    def _refill(self, rows: Sequence[TableRow], keys: list[str], target: str | None) -> None:
        row_before, scroll_before = self.cursor_row, self.scroll_y
        self.clear()
        self._keys, self._marked = keys, None
        self._shown_rows = {row.key: row.cells for row in rows}
        for row in rows:
            cells = (adapted(cell, ascii_only=self._ascii_only) for cell in row.cells)
            self.add_row(Text("  "), *cells, key=row.key)
        if keys:
            index = keys.index(target) if target in keys else min(row_before, len(keys) - 1)
            self.move_cursor(row=max(0, index), animate=False, scroll=False)
            self.call_after_refresh(self._restore_scroll, scroll_before)

    def _restore_scroll(self, y: float) -> None:
        self.scroll_to(y=y, animate=False, immediate=True)
        self.move_cursor(row=self.cursor_row, animate=False)
        self._scroll_cursor_into_view()

    def _mark_cursor(self) -> None:
        key = self.selected_key
        if key == self._marked:
            return
        for row, glyph in ((self._marked, "  "), (key, f"{_CURSOR} ")):
            if row is not None and row in self._shown_rows:
                self.update_cell(row, _CURSOR_COLUMN, adapted(Text(glyph, "bold"), ascii_only=self._ascii_only))
        self._marked = key


def _same(before: Text, after: Text) -> bool:
    # Text compares its characters and spans only; a whole cell may differ by its base style alone.
    return before == after and before.style == after.style
