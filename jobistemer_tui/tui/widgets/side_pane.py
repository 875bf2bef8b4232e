"""The pane beside or below a table, with what is known of the selected row; it can have the keys, and then scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from textual.containers import VerticalScroll


class SidePane(VerticalScroll, can_focus=True, inherit_bindings=False):
    """Moves like a table, by lines; the keys belong to the screen."""

    @property
    def keys(self) -> Sequence[int]:
        """The numbers of all lines."""
        return range(self.virtual_size.height)

    @property
    def page(self) -> int:
        """How many lines are visible."""
        return max(1, self.size.height)

    def move_by(self, rows: int) -> None:
        """Scroll, stopping at the ends, which depend on the layout of a text that may just have come."""
        self.screen._refresh_layout()
        self.scroll_relative(y=rows, animate=False, immediate=True)  # else moves before the next picture are one
