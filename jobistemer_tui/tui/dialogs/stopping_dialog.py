"""Shown while the engine stops."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from jobistemer_tui.tui.veil import Veil

WORDS = {
    "handover": "stopping: handing over to the background…",
    "drain": "stopping: waiting for the live runs to finish…",
    "cancel": "stopping: cancelling the live runs…",
}


class StoppingDialog(Veil, ModalScreen[str]):
    """Says what is being waited for. While draining, `b` hands over instead."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("b", "hand_over", "hand over instead", show=False)]

    def __init__(self, how: str) -> None:
        super().__init__()
        self._how = how

    def compose(self) -> ComposeResult:
        """One sentence."""
        with Vertical(classes="box"):
            yield Static(Text(WORDS[self._how], "bold"), classes="title")
            if self._how == "drain":
                yield Static(Text("b  hand over instead: tasks go on in the background", "dim"))

    def action_hand_over(self) -> None:
        """Do not wait any longer."""
        if self._how == "drain":
            self.dismiss("handover")
