"""The keys that move the cursor; they mean the same in every list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from jobistemer_tui.tui.widgets.line_view import LineView
    from jobistemer_tui.tui.widgets.row_table import RowTable


class TableKeys(Screen[None]):
    """A screen whose keys belong to one table, or to the text in its place."""

    table: RowTable

    @property
    def mover(self) -> RowTable | LineView:
        """What the keys that move the cursor belong to."""
        return self.table

    def action_row_down(self) -> None:
        """One row down."""
        self.mover.move_by(1)

    def action_row_up(self) -> None:
        """One row up."""
        self.mover.move_by(-1)

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.mover.move_by(self.mover.page // 2)

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.mover.move_by(-(self.mover.page // 2))

    def action_page_down(self) -> None:
        """One page down."""
        self.mover.move_by(self.mover.page)

    def action_page_up(self) -> None:
        """One page up."""
        self.mover.move_by(-self.mover.page)

    def action_first_row(self) -> None:
        """The first row."""
        self.mover.move_by(-len(self.mover.keys))

    def action_last_row(self) -> None:
        """The last row."""
        self.mover.move_by(len(self.mover.keys))
