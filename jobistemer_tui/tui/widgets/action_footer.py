"""The footer; in a narrow terminal it leaves out what is less needed, so that the last keys stay in sight."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer

from jobistemer_tui.tui.actions import ACTIONS

ROOMY: Final = frozenset(action.id for action in ACTIONS if action.roomy)


class ActionFooter(Footer):
    """Textual's footer; the keys of `roomy` actions get the class `-roomy`."""

    def __init__(self, roomy: Collection[str] = ROOMY) -> None:
        super().__init__(show_command_palette=False, compact=True)
        self._roomy = roomy
        self._composed_of: list[tuple[Binding, bool, str]] | None = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Compose anew only what is another: Textual asks at each change of the focus, and each key is a widget."""
        if not self.is_attached or self._composed_of != self._shown():
            super().bindings_changed(screen)

    def compose(self) -> ComposeResult:
        """The keys of the screen."""
        self._composed_of = self._shown() if self._bindings_ready else None
        for key in super().compose():
            key.set_class(getattr(key, "action", "") in self._roomy, "-roomy")
            yield key

    def _shown(self) -> list[tuple[Binding, bool, str]]:
        active = self.screen.active_bindings.values()
        return [(binding, enabled, tooltip) for _, binding, enabled, tooltip in active if binding.show]
