"""A question that is answered by typing a name: for what cannot be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.veil import Veil


class NameDialog(Veil, ModalScreen[str]):
    """Dismissed with what was typed; Esc gives nothing."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "leave things as they are", show=False)]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        """`lines` may hold foreign text; it is cleaned here."""
        super().__init__()
        self._title = title
        self._lines = [cleaned(line) for line in lines]

    def compose(self) -> ComposeResult:
        """What it means, and one field."""
        with Vertical(classes="box"):
            yield Static(Text(self._title, "bold"), classes="title")
            yield Static(Text("\n".join(self._lines)), classes="text")
            yield Input(compact=True)
            yield Static(Text("enter does it   esc changes nothing", "dim"))

    def on_mount(self) -> None:
        """The cursor does not blink."""
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter gives what was typed."""
        event.stop()
        self.dismiss(event.value.strip())

    def action_nothing(self) -> None:
        """Nothing happens."""
        self.dismiss("")
