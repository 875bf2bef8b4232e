"""The keys that move the cursor; they mean the same in every list."""

from __future__ import annotations

from textual.screen import Screen

from jobistemer_tui.tui.widgets.row_table import RowTable


class TableKeys(Screen[None]):
    """A screen whose keys belong to one table."""

    table: RowTable

    def action_row_down(self) -> None:
        """One row down."""
        self.table.move_by(1)

    def action_row_up(self) -> None:
        """One row up."""
        self.table.move_by(-1)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.table.move_by(self.table.page // 2)

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.table.move_by(-(self.table.page // 2))

    def action_page_down(self) -> None:
        """One page down."""
        self.table.move_by(self.table.page)

    def action_page_up(self) -> None:
        """One page up."""
        self.table.move_by(-self.table.page)

    def action_first_row(self) -> None:
        """The first row."""
        self.table.move_by(-len(self.table.keys))

    def action_last_row(self) -> None:
        """The last row."""
        self.table.move_by(len(self.table.keys))
