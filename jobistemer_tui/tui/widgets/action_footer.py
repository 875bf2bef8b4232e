"""The footer; in a narrow terminal it leaves out what is less needed, so that the last keys stay in sight."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Footer

from jobistemer_tui.tui.actions import BY_ID


class ActionFooter(Footer):
    """Textual's footer; keys of roomy actions get the class `-roomy`."""

    def compose(self) -> ComposeResult:
        """The keys of the screen."""
        for key in super().compose():
            action = BY_ID.get(getattr(key, "action", ""))
            key.set_class(action is not None and action.roomy, "-roomy")
            yield key
