"""Pause a job, or put its next run off, with a reason and for some time."""

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

    VERB: ClassVar = "pause"
    TITLE: ClassVar = "Pause"
    TEXT: ClassVar = "Its instants pass as skipped until the pause ends."
    LENGTH: ClassVar = "For how long? 30m, 2h, 1d; empty: until you resume it"
    NO_LENGTH: ClassVar = "a pause of no length would end at once"
    MAY_BE_ENDLESS: ClassVar = True

    CSS_PATH = "dialogs.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "nothing", "leave things as they are", show=False)]

    def __init__(self, job: str) -> None:
        super().__init__()
        self._job = cleaned(job)

    def compose(self) -> ComposeResult:
        """Two fields and what they do."""
        with Vertical(classes="box"):
            yield Static(Text(f"{self.TITLE} {self._job}", "bold"), classes="title")
            yield Static(Text(self.TEXT), classes="text")
            yield Label(self.LENGTH, markup=False)
            yield Input(id="length", compact=True)
            yield Label("Why? (kept in the history)", markup=False)
            yield Input(id="reason", compact=True)
            yield Static("", id="fault", markup=False)
            yield Static(Text(f"enter {self.VERB}   esc leave things as they are", "dim"))

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
        if seconds == 0 or (seconds is None and not self.MAY_BE_ENDLESS):
            self._complain(self.NO_LENGTH)
            return
        self.dismiss(PauseRequest(reason or None, seconds))

    def action_nothing(self) -> None:
        """Nothing happens."""
        self.dismiss(None)

    def _complain(self, text: str) -> None:
        self.query_one("#fault", Static).update(Text(cleaned(text)))
        self.query_one("#length", Input).focus()


class SnoozeDialog(PauseDialog):
    """Put the next run off; it needs a length."""

    VERB = "put off"
    TITLE = "Put off the next run of"
    TEXT = "The run that waits, else the next one, starts so much later from now."
    LENGTH = "For how long? 30m, 2h, 1d"
    NO_LENGTH = "say for how long"
    MAY_BE_ENDLESS = False
