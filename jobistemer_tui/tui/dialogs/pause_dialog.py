"""Pause a job with a reason, or for some time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from jobistemer_tui.domain.durations import parse_duration
from jobistemer_tui.tui.presentation.fitting import cleaned


@dataclass(frozen=True, slots=True)
class PauseRequest:
    """Why (None: not said) and for how many seconds (None: until resumed)."""

    reason: str | None
    seconds: float | None


class PauseDialog(ModalScreen[PauseRequest | None]):
    """Both fields may stay empty; Enter pauses, Esc does not."""

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "leave things as they are", show=False)]

    def __init__(self, job: str) -> None:
        super().__init__()
        self._job = cleaned(job)

    def compose(self) -> ComposeResult:
        """Two fields and what they do."""
        with Vertical(classes="box"):
            yield Static(Text(f"Pause {self._job}", "bold"), classes="title")
            yield Static(Text("Its instants pass as skipped until the pause ends."), classes="text")
            yield Label("For how long? 30m, 2h, 1d; empty: until you resume it", markup=False)
            yield Input(id="length", compact=True)
            yield Label("Why? (kept in the history)", markup=False)
            yield Input(id="reason", compact=True)
            yield Static("", id="fault", markup=False)
            yield Static(Text("enter pause   esc leave things as they are", "dim"))

    def on_mount(self) -> None:
        """Begin with the length; the cursor does not blink."""
        for field in self.query(Input):
            field.cursor_blink = False
        self.query_one("#length", Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in either field pauses."""
        event.stop()
        length = self.query_one("#length", Input).value.strip()
        reason = self.query_one("#reason", Input).value.strip()
        try:
            seconds = parse_duration(length) if length else None
        except ValueError as error:
            self._complain(str(error))
            return
        if seconds == 0:
            self._complain("a pause of no length would end at once")
            return
        self.dismiss(PauseRequest(reason or None, seconds))

    def action_nothing(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        self.query_one("#fault", Static).update(Text(cleaned(text)))
        self.query_one("#length", Input).focus()
