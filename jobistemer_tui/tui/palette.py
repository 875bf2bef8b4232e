"""The command palette."""

from __future__ import annotations

from textual import events
from textual.command import CommandList, CommandPalette

from .terminal_app import TerminalApp
from .veil import Veil


class Palette(Veil, CommandPalette):
    """Textual's; only itself is told when it has found what matches, and keys wait for that."""

    def takes(self, event: events.Event | None) -> bool:
        """Whether no search is under way."""
        return all(worker.node is not self or worker.is_finished for worker in self.app.workers)

    def on_worker_state_changed(self) -> None:
        """A search has ended, perhaps."""
        if isinstance(self.app, TerminalApp):
            self.app.typed_ahead.look_again()

    def _action_command_list(self, action: str) -> None:
        # As PagedList: a list for which there is no room, or none yet, has no pages.
        if not action.startswith("page_") or self.query_one(CommandList).scrollable_content_region:
            super()._action_command_list(action)
