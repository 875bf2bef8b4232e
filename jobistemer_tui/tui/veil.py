"""What lies under a dialog: dimmed, and meant to stay so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.filter import LineFilter

from .theme_colours import Readable

if TYPE_CHECKING:
    from textual.widget import Widget
else:
    Widget = object  # Textual takes styles, keys and component classes from the first base that is a widget


class Veil(Widget):
    """Goes before `ModalScreen`: the words of the screen under it are not to stand out again."""

    def get_line_filters(self) -> Sequence[LineFilter]:
        """All but the one that makes words readable; what stands in the dialog has that too."""
        return [one for one in super().get_line_filters() if not isinstance(one, Readable)]
