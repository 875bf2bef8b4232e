"""The keys that move the cursor; they mean the same in every list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from jobistemer_tui.tui.widgets.line_view import LineView
    from jobistemer_tui.tui.widgets.row_table import RowTable
    from jobistemer_tui.tui.widgets.side_pane import SidePane

    Pane = RowTable | LineView | SidePane


class TableKeys(Screen[None]):
    """A screen whose keys belong to one table, to the text in its place, or to a pane beside it."""

    table: RowTable

    @property
    def panes(self) -> Sequence[Pane]:
        """What can have the keys, the first at the beginning."""
        return (self.table,)

    @property
    def mover(self) -> Pane:
        """What the keys that move the cursor belong to."""
        return next((pane for pane in self.panes if pane is self.focused), self.panes[0])

    def enter_pane(self, pane: Pane) -> None:
        """Give it the keys."""
        pane.focus()

    def leave_pane(self) -> bool:
        """Give the keys back to the first pane; False if it has them."""
        is_elsewhere = self.mover is not self.panes[0]
        if is_elsewhere:
            self.enter_pane(self.panes[0])
        return is_elsewhere

    def action_next_pane(self) -> None:
        """The keys go to the next pane."""
        self._go_to_pane(1)

    def action_previous_pane(self) -> None:
        """The keys go to the pane before."""
        self._go_to_pane(-1)

    def _go_to_pane(self, step: int) -> None:
        panes = self.panes
        if self.focused not in panes:
            self.enter_pane(panes[0])
        elif len(panes) > 1:
            self.enter_pane(panes[(panes.index(self.mover) + step) % len(panes)])
        else:
            self.notify("there is no other pane to go to", timeout=2, markup=False)

    def action_row_down(self) -> None:
        """One row down."""
        self.mover.move_by(1)

    def action_row_up(self) -> None:
        """One row up."""
        self.mover.move_by(-1)

    @property
    def _rows_of_page(self) -> int:
        """The rows of a page. A key may come before what it moves in has been laid out, and then there is none."""
        self._refresh_layout()
        return self.mover.page

    def action_half_page_down(self) -> None:
        """Half a page down."""
        self.mover.move_by(self._rows_of_page // 2)

    def action_half_page_up(self) -> None:
        """Half a page up."""
        self.mover.move_by(-(self._rows_of_page // 2))

    def action_page_down(self) -> None:
        """One page down."""
        self.mover.move_by(self._rows_of_page)

    def action_page_up(self) -> None:
        """One page up."""
        self.mover.move_by(-self._rows_of_page)

    def action_first_row(self) -> None:
        """The first row."""
        self.mover.move_by(-len(self.mover.keys))

    def action_last_row(self) -> None:
        """The last row."""
        self.mover.move_by(len(self.mover.keys))
