"""The footer; in a narrow terminal it leaves out what is less needed, so that the last keys stay in sight."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from textual.app import ComposeResult
from textual.widgets import Footer

from jobistemer_tui.tui.actions import ACTIONS

ROOMY: Final = frozenset(action.id for action in ACTIONS if action.roomy)


class ActionFooter(Footer):
    """Textual's footer; the keys of `roomy` actions get the class `-roomy`."""

    def __init__(self, roomy: Collection[str] = ROOMY) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._roomy = roomy

    def compose(self) -> ComposeResult:
        """The keys of the screen."""
        for key in super().compose():
            key.set_class(getattr(key, "action", "") in self._roomy, "-roomy")
            yield key
