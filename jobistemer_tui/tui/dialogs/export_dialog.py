"""Where to write the rows of a list."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from jobistemer_tui.operations.written_file import typed_path
from jobistemer_tui.tui.export import ENDINGS
from jobistemer_tui.tui.presentation.fitting import cleaned
from jobistemer_tui.tui.veil import Veil


class ExportDialog(Veil, ModalScreen[Path | None]):
    """Dismissed with the path of a file whose ending says how it is to be written."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "write nothing", show=False)]

    def __init__(self, what: str, name: str) -> None:
        super().__init__()
        self._what = what
        self._name = name

    def compose(self) -> ComposeResult:
        """One field: the ending chooses the kind of file."""
        with Vertical(classes="box"):
            yield Static(Text(f"Write {self._what} to a file", "bold"), classes="title")
            yield Label("Its ending says how: .csv, .json, or .txt for the table as text", markup=False)
            yield Input(self._name, compact=True, select_on_focus=False)
            yield Static("", id="fault", markup=False)
            yield Static(Text("enter writes it   esc writes nothing", "dim"))

    def on_mount(self) -> None:
        """The cursor does not blink."""
        field = self.query_one(Input)
        field.cursor_blink = False
        field.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter writes."""
        event.stop()
        try:
            path = typed_path(event.value)
            if path.suffix not in ENDINGS:
                raise ValueError(f"the name has to end in {', '.join(ENDINGS)}")
        except ValueError as error:
            self.query_one("#fault", Static).update(Text(cleaned(str(error))))
        else:
            self.dismiss(path)

    def action_nothing(self) -> None:
        """Nothing is written."""
        self.dismiss(None)
