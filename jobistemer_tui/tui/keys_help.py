"""All keys of the present screen in a dialog; the one that is chosen there is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .actions import actions_of, program_actions
from .screens.feed_screen import FeedScreen

if TYPE_CHECKING:
    from textual.app import App


def show_keys(app: App[Any]) -> None:
    """Show them over a data screen; elsewhere nothing happens."""
    from .dialogs.keys_dialog import KeysDialog

    screen = app.screen
    if not isinstance(screen, FeedScreen):
        return

    def run_chosen(action: str | None) -> None:
        if action:
            app.call_later(screen.run_action, action)

    shell = screen.shell
    known = (*actions_of(screen.NAME, read_only=shell.read_only), *program_actions(app.BINDINGS))
    app.push_screen(KeysDialog(shell.keymap.applied(known)), callback=run_chosen)
